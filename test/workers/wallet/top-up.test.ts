// Automatic top-up end to end: real sessions run the balance down, the stand-in's bank says yes, no, or "I want the
// person", and Stripe is unreachable at the worst moments.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { issueStatement } from "../../../domain/ledger/store.ts";
import type { Env } from "../../../workers/env.ts";
import { topUp } from "../../../workers/cron/top-up.ts";
import { topUpSoon } from "../../../workers/consumers/top-up-soon.ts";
import {
  anApp,
  balanceOf,
  booksAreSound,
  call,
  freshToken,
  passSeconds,
  ring,
  started,
  useVirtualClock,
  work,
  type TestApp,
} from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { installStripe, type TestStripe } from "../../support/stripe.ts";

const stripe: TestStripe = installStripe();
let app: TestApp;
beforeEach(async () => {
  useVirtualClock(Date.UTC(2030, 5, 10, 9));
  app = await anApp(1200);
});
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

interface View {
  state: string;
  failures: number;
  card: { last4: string } | null;
  dayTokens: number;
  attempts: { state: string; tokens: number; reason: string | null; checkoutUrl: string | null; orderId: string }[];
}
const cron = () => topUp(env as unknown as Env, Date.now());
const view = async (person: TestPerson) => (await call<View>("GET", "/v1/me/top-up", await freshToken(person))).body;
const turnOn = async (person: TestPerson, over: Record<string, unknown> = {}) =>
  call<View>("PUT", "/v1/me/top-up", await freshToken(person), {
    enabled: true,
    thresholdTokens: 500,
    topUpTokens: 1000,
    dayMaxTokens: 2000,
    monthMaxTokens: 5000,
    ...over,
  });
const told = async (person: TestPerson): Promise<string[]> =>
  (
    await env.DB.prepare("SELECT kind FROM notifications WHERE user_id = ? ORDER BY at, id")
      .bind(person.userId)
      .all<{ kind: string }>()
  ).results.map(({ kind }) => kind);

/** Somebody who bought 600 tokens, and so has a saved card, and has turned it on. */
async function somebody(over: Record<string, unknown> = {}): Promise<TestPerson> {
  const person = await newPerson();
  const { body } = await call<{ checkoutUrl: string }>("POST", "/v1/tokens/purchase", person.token, {
    tokenAmount: 600,
    saveCard: true,
  });
  await stripe.pay(body.checkoutUrl);
  expect((await turnOn(person, over)).status).toBe(200);
  return person;
}
/** Ten minutes of real use: 200 tokens. */
async function use(person: TestPerson): Promise<void> {
  const session = await started({ ...person, token: await freshToken(person) }, app, 20);
  await work(session, 600);
  await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person), {});
}
const bank = async (person: TestPerson, answer: string) => {
  const customer = await env.DB.prepare("SELECT stripe_customer_id AS id FROM users WHERE id = ?")
    .bind(person.userId)
    .first<{ id: string }>();
  for (const method of stripe.world.state.all("payment_method").filter((one) => one.customer === customer!.id))
    await stripe.dev(`/bank/${method.id}`, { answer });
};

describe("automatic top-up", () => {
  it("is off until turned on, and cannot be turned on without a saved card", async () => {
    const person = await newPerson();
    expect(await view(person)).toMatchObject({ state: "off", card: null, attempts: [] });
    expect(await turnOn(person)).toMatchObject({ status: 422, body: { code: "saved_card_needed" } });
    expect((await turnOn(person, { dayMaxTokens: 999 })).status).toBe(400);
  });

  it("buys once when use brings the tokens below the threshold, however many look at the same moment", async () => {
    const person = await somebody();
    await use(person);
    expect(await balanceOf(person)).toEqual({ available: 400, held: 0 });
    await Promise.all([cron(), topUpSoon(env as unknown as Env), cron()]);
    await stripe.deliver();
    await cron();
    expect(await balanceOf(person)).toEqual({ available: 1400, held: 0 });
    const after = await view(person);
    expect(after).toMatchObject({ state: "on", dayTokens: 1000, card: { last4: "4242" } });
    expect(after.attempts).toMatchObject([{ state: "paid", tokens: 1000 }]);
    expect(await told(person)).toEqual(["top_up_done"]);
    const order = await env.DB.prepare("SELECT status, amount_cents FROM orders WHERE id = ?")
      .bind(after.attempts[0]!.orderId)
      .first();
    expect(order).toEqual({ status: "paid", amount_cents: 1000 });
    const charges = stripe.seen.filter((one) => one.kind === "request" && one.endpoint === "POST /v1/payment_intents");
    expect(charges.length).toBe(1);
  });

  it("looks at a hold as still the person's, and charges nobody whose tokens leave without use", async () => {
    const person = await somebody({ thresholdTokens: 300 });
    await started({ ...person, token: await freshToken(person) }, app, 20);
    await cron();
    expect((await view(person)).attempts).toEqual([]);
    const idle = await somebody({ thresholdTokens: 600 });
    const bought = await env.DB.prepare("SELECT payment_intent_id AS id FROM orders WHERE user_id = ?")
      .bind(idle.userId)
      .first<{ id: string }>();
    await stripe.dev("/refund", { payment_intent: bought!.id, amount: 100 });
    await stripe.deliver();
    expect((await balanceOf(idle)).available).toBe(500);
    await cron();
    expect((await view(idle)).attempts).toEqual([]);
  });

  it("charges nobody who closed the app and whose session ended by itself half an hour later", async () => {
    const person = await somebody({ thresholdTokens: 5000 });
    const session = await started({ ...person, token: await freshToken(person) }, app, 20);
    await work(session, 300);
    // No beat any more: the clock stands, and after thirty minutes it is over.
    for (const seconds of [91, 30 * 60]) {
      passSeconds(seconds);
      await ring(session.id);
    }
    expect((await balanceOf(person)).held).toBe(0);
    await cron();
    expect((await view(person)).attempts).toEqual([]);
  });

  it("keeps its pause and its caps, and says so once", async () => {
    const person = await somebody({ thresholdTokens: 5000, topUpTokens: 1000, dayMaxTokens: 2000 });
    await use(person);
    await cron();
    await use(person);
    await cron();
    expect((await view(person)).attempts.length, "ten minutes of use are the pause").toBe(2);
    await use(person);
    await cron();
    await use(person);
    await cron();
    expect((await view(person)).attempts.length).toBe(2);
    expect(await told(person)).toEqual(["top_up_done", "top_up_done", "top_up_stopped"]);
  });

  it("trips to asking after three failures, and charges nothing more until turned on again", async () => {
    const person = await somebody({ thresholdTokens: 5000 });
    await issueStatement(env.DB, {
      id: `promo:${person.userId}`,
      lotId: person.userId,
      walletId: person.walletId,
      kind: "promo",
      tokens: 3000,
      paidCents: 0,
      at: Date.now(),
    }).run();
    await bank(person, "declines");
    for (let i = 1; i <= 5; i++) {
      await use(person);
      await cron();
      passSeconds(3600);
      await cron();
      expect((await view(person)).attempts.length).toBe(Math.min(i, 3));
    }
    expect(await view(person)).toMatchObject({
      state: "asking",
      failures: 3,
      attempts: [{ state: "declined", reason: "card_declined" }, {}, {}],
    });
    expect(await told(person)).toEqual(["top_up_failed", "top_up_failed", "top_up_stopped"]);
    await bank(person, "succeeds");
    await turnOn(person, { thresholdTokens: 5000 });
    await use(person);
    await cron();
    expect((await view(person)).attempts[0]).toMatchObject({ state: "paid" });
  });

  it("asks the person when the bank wants them: a page for the same order, credited once", async () => {
    const person = await somebody();
    await bank(person, "wants_person");
    await use(person);
    await cron();
    await stripe.deliver();
    const asked = await view(person);
    expect(asked).toMatchObject({
      state: "on",
      failures: 1,
      attempts: [{ state: "asked", reason: "authentication_required" }],
    });
    expect(await told(person)).toEqual(["top_up_needs_you"]);
    await use(person);
    await cron();
    expect((await view(person)).attempts.length, "nothing else is charged meanwhile").toBe(1);
    const [intent] = stripe.world.state
      .all("payment_intent")
      .filter((one) => one.metadata.order_id === asked.attempts[0]!.orderId);
    expect(intent!.status).toBe("canceled");
    await stripe.pay(asked.attempts[0]!.checkoutUrl!);
    await cron();
    expect(await balanceOf(person)).toEqual({ available: 1200, held: 0 });
    expect(await view(person)).toMatchObject({ failures: 0, attempts: [{ state: "paid", checkoutUrl: null }] });
  });

  it("asks nobody for whom the bank wants when they have deleted their account meanwhile: it is over", async () => {
    const person = await somebody();
    await bank(person, "wants_person");
    await use(person);
    await stripe.dev("/fail-next", { kind: "network", count: 3, path: "/v1/payment_intents" });
    await cron();
    const { orderId } = (await view(person)).attempts[0]!;
    const confirmed = { email: person.email, giveUpTokens: true };
    expect((await call("POST", "/v1/me/erase", await freshToken(person), confirmed)).status).toBe(204);
    passSeconds(61);
    await cron();
    const order = await env.DB.prepare(
      "SELECT o.status, o.checkout_id AS page, f.state FROM orders o JOIN top_up_firings f ON f.order_id = o.id WHERE o.id = ?",
    )
      .bind(orderId)
      .first();
    expect(order).toEqual({ status: "failed", page: null, state: "declined" });
    const intents = stripe.world.state.all("payment_intent").filter((one) => one.metadata.order_id === orderId);
    expect(intents.filter(({ status }) => status !== "canceled")).toEqual([]);
  });

  it.each([["network"], ["lost_answer"], ["rate_limit"]])("charges once when the answer is lost: %s", async (kind) => {
    const person = await somebody();
    await use(person);
    await stripe.dev("/fail-next", { kind, count: kind === "rate_limit" ? 1 : 3, path: "/v1/payment_intents" });
    await cron();
    expect(await view(person)).toMatchObject({ attempts: [{ state: "in_flight" }] });
    if (kind === "lost_answer") {
      // The webhook finds the order the answer never named.
      await stripe.deliver();
      expect((await balanceOf(person)).available).toBe(1400);
    }
    passSeconds(61);
    await cron();
    await stripe.deliver();
    await cron();
    expect((await balanceOf(person)).available).toBe(1400);
    expect(await view(person)).toMatchObject({ failures: 0, attempts: [{ state: "paid" }] });
    expect(await told(person)).toEqual(["top_up_done"]);
  });

  it("gives money back like any purchase", async () => {
    const person = await somebody();
    await use(person);
    await cron();
    const [attempt] = (await view(person)).attempts;
    const order = await env.DB.prepare("SELECT payment_intent_id AS id FROM orders WHERE id = ?")
      .bind(attempt!.orderId)
      .first<{ id: string }>();
    await stripe.dev("/refund", { payment_intent: order!.id, amount: 1000 });
    await stripe.deliver();
    expect((await balanceOf(person)).available).toBe(400);
  });
});
