// Plans by Stripe's own clock: a month is billed as a draft and charged an hour later, a refused card is tried again for a
// while, and the plan ends when nothing came of it. And a coupon somebody put on one: only what came in is shared.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  anApp,
  balanceOf,
  booksAreSound,
  call,
  create,
  freshToken,
  setClock,
  useVirtualClock,
  type TestApp,
} from "../../support/market.ts";
import { endOverdueSessions } from "../../../workers/cron/end-overdue-sessions.ts";
import type { Env } from "../../../workers/env.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { checkoutIdOf, installStripe } from "../../support/stripe.ts";

const stripe = installStripe();
const BEGIN = Date.UTC(2030, 0, 31, 9);
let app: TestApp;
beforeEach(async () => {
  useVirtualClock(BEGIN);
  app = await anApp(600);
});
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

async function atStripe<Body>(path: string, body: Record<string, string>): Promise<Body> {
  const answer = await stripe.fetch(
    new Request(`${env.STRIPE_API_BASE}/v1/${path}`, {
      method: "POST",
      headers: { Authorization: "Bearer sk_test_dashboard" },
      body: new URLSearchParams(body),
    }),
  );
  expect(answer.status).toBe(200);
  return (await answer.json()) as Body;
}
const page = async (person: TestPerson) => {
  const owner = await freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });
  const offer = { name: "Writer monthly", monthCents: 900, includedTokens: 150 };
  const { body } = await call<{ plan: { id: string } }>("POST", `/v1/provider/apps/${app.id}/plans`, owner, offer);
  const planId = body.plan.id;
  const taken = await call<{ subscriptionId: string; checkoutUrl: string }>(
    "POST",
    "/v1/subscriptions",
    await freshToken(person),
    { planId },
  );
  return taken.body;
};
interface Sub {
  status: string;
  leftTokens: number;
  termUntil: string | null;
}
const stateOf = async (person: TestPerson, id: string) => {
  const answer = await call<{ subscription: Sub }>("GET", `/v1/subscriptions/${id}`, await freshToken(person));
  const { status, leftTokens, termUntil } = answer.body.subscription;
  return [status, leftTokens, termUntil?.slice(0, 10) ?? null];
};
const payments = async (id: string) =>
  (
    await env.DB.prepare(
      "SELECT paid_cents AS paid, fee_cents AS fee, share_cents AS share FROM plan_payments WHERE subscription_id = ? ORDER BY term_from",
    )
      .bind(id)
      .all()
  ).results;

describe("a plan of somebody on a test clock", () => {
  it("is billed on the last of each month, goes on after a refused card, and ends when the card stays refused", async () => {
    const person = await newPerson();
    // The customer at Stripe is made with the first purchase.
    await call("POST", "/v1/tokens/purchase", person.token, { tokenAmount: 100 });
    const { customer } = (await env.DB.prepare("SELECT stripe_customer_id AS customer FROM users WHERE id = ?")
      .bind(person.userId)
      .first<{ customer: string }>())!;
    const clock = await atStripe<{ id: string }>("test_helpers/test_clocks", {
      frozen_time: String(BEGIN / 1000),
      customer,
    });
    /** Both clocks, and everything Stripe told on the way. */
    const until = async (month: number, day: number, hour: number) => {
      const at = Date.UTC(2030, month - 1, day, hour);
      setClock(at);
      await atStripe(`test_helpers/test_clocks/${clock.id}/advance`, { frozen_time: String(at / 1000) });
      await stripe.deliver();
    };
    const { subscriptionId: id, checkoutUrl } = await page(person);
    await stripe.pay(checkoutUrl);
    expect(await stateOf(person, id)).toEqual(["active", 150, "2030-02-28"]);

    const quoted = async () => {
      const asked = { durationSeconds: 300 };
      const answer = await call("POST", `/v1/providers/${app.id}/quote`, await freshToken(person), asked);
      return answer.body as { heldTokens: number; includedTokens: number; planLeftTokens: number };
    };
    await until(2, 28, 9);
    expect(await payments(id)).toHaveLength(1);
    // The bill is a draft for an hour: what is left of the month that was paid is used on, and nothing of the next one.
    expect(await stateOf(person, id)).toEqual(["active", 150, "2030-02-28"]);
    expect(await quoted()).toMatchObject({ heldTokens: 50, includedTokens: 50, planLeftTokens: 150 });
    const session = await create({ ...person, token: await freshToken(person) }, app, 5);
    expect(session.status).toBe(200);
    expect(await balanceOf(person)).toEqual({ available: 0, held: 0 });
    expect(await stateOf(person, id)).toEqual(["active", 100, "2030-02-28"]);
    await until(2, 28, 10);
    // Paid: the new month is whole, and of the old one nothing is left.
    expect(await stateOf(person, id)).toEqual(["active", 150, "2030-03-31"]);
    expect(await quoted()).toMatchObject({ planLeftTokens: 150 });
    await endOverdueSessions(env as unknown as Env, Date.now());

    const [subscription] = stripe.world.state.all("subscription").slice(-1);
    const bank = (answer: string) => stripe.dev(`/bank/${String(subscription!.default_payment_method)}`, { answer });
    await bank("declines");
    await until(3, 31, 9);
    expect(await stateOf(person, id)).toEqual(["active", 150, "2030-03-31"]);
    await until(3, 31, 10);
    expect(await stateOf(person, id)).toEqual(["past_due", 0, null]);
    expect(await quoted(), "refused: the hour is over").toMatchObject({ includedTokens: 0, planLeftTokens: 0 });
    await bank("succeeds");
    await until(4, 3, 10);
    expect(await stateOf(person, id)).toEqual(["active", 150, "2030-04-30"]);

    await bank("declines");
    await until(5, 14, 10);
    expect((await stateOf(person, id))[0]).toBe("past_due");
    await until(5, 15, 10);
    expect((await stateOf(person, id))[0]).toBe("ended");
    expect(await payments(id)).toEqual(Array(3).fill({ paid: 900, fee: 180, share: 720 }));
  });
});

describe("a plan with a coupon of Stripe's", () => {
  it("shares what each invoice brought, with the remainder for the provider", async () => {
    const person = await newPerson();
    const { subscriptionId: id, checkoutUrl } = await page(person);
    const checkoutId = checkoutIdOf(checkoutUrl);
    const { id: coupon } = await atStripe<{ id: string }>("coupons", {
      percent_off: "33",
      duration: "repeating",
      duration_in_months: "2",
    });
    // As an operator does in the Dashboard; our page never offers it.
    const session = stripe.world.state.find("checkout.session", checkoutId)!;
    expect(session.allow_promotion_codes).toBeNull();
    stripe.world.state.put("checkout.session", { ...session, allow_promotion_codes: true });
    await atStripe("promotion_codes", { code: "THIRD", "promotion[type]": "coupon", "promotion[coupon]": coupon });
    await stripe.dev(`/checkout/${checkoutId}/pay`, { card: "4242424242424242", promotionCode: "THIRD" });
    await stripe.deliver();
    const stripeId = stripe.world.state.find("checkout.session", checkoutId)!.subscription as string;
    for (const month of [2, 3]) {
      setClock(Date.UTC(2030, month, 0, 9));
      await stripe.dev(`/renew/${stripeId}`);
      await stripe.deliver();
    }
    expect(await payments(id)).toEqual([
      { paid: 603, fee: 120, share: 483 },
      { paid: 603, fee: 120, share: 483 },
      { paid: 900, fee: 180, share: 720 },
    ]);
  });
});
