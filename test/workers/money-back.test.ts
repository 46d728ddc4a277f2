// Money and tokens going back on request: a buyer returns a purchase, a person reports a problem, an operator decides.

import { env } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { finishRefunds } from "../../domain/payments/refund-order.ts";
import { anApp, balanceOf, booksAreSound, call, create } from "../support/market.ts";
import { newPerson, type TestPerson } from "../support/people.ts";
import { checkoutIdOf, installStripe } from "../support/stripe.ts";

const stripe = installStripe();
const DAY = 24 * 60 * 60 * 1000;

interface Refund {
  id: string;
  tokens: number;
  amount: { amount: number };
  status: string;
}
interface Problem {
  id: string;
  status: string;
  answer: string | null;
  returnedTokens: number;
  isRefunded: boolean;
}

async function bought(person: TestPerson, tokenAmount: number) {
  const { body } = await call<{ checkoutUrl: string; orderId: string }>("POST", "/v1/tokens/purchase", person.token, {
    tokenAmount,
  });
  await stripe.pay(body.checkoutUrl);
  return { orderId: body.orderId, checkout: checkoutIdOf(body.checkoutUrl) };
}
const refund = (person: TestPerson, orderId: string, key?: string) =>
  call<{ refund: Refund; code?: string; reason?: string }>(
    "POST",
    `/v1/tokens/orders/${orderId}/refund`,
    person.token,
    undefined,
    key ? { "Idempotency-Key": key } : {},
  );
const quote = async (person: TestPerson, orderId: string) =>
  (
    await call<{ whyNot: string | null; tokens: number; amount: { amount: number } }>(
      "GET",
      `/v1/tokens/orders/${orderId}/refund`,
      person.token,
    )
  ).body;
const statusOf = async (id: string) =>
  (await env.DB.prepare("SELECT status FROM refund_requests WHERE id = ?").bind(id).first<{ status: string }>())!
    .status;
const available = async (person: TestPerson) => (await balanceOf(person)).available;
const refundsAtStripe = () => stripe.world.state.all("refund").length;
const history = async (person: TestPerson): Promise<[string, number][]> =>
  (
    await env.DB.prepare("SELECT type, amount FROM wallet_entries WHERE wallet_id = ? ORDER BY seq")
      .bind(person.walletId)
      .all<{ type: string; amount: number }>()
  ).results.map(({ type, amount }) => [type, amount]);

/** A settled session that charged so many tokens. */
async function usedSession(person: TestPerson, tokens: number): Promise<string> {
  const created = await create(person, await anApp(500));
  const { id } = created.body.session;
  const now = Date.now();
  await env.DB.batch([
    env.DB.prepare("UPDATE sessions SET status = 'active', started_at = ?2 WHERE id = ?1").bind(id, now),
    env.DB.prepare(
      `INSERT INTO closings (session_id, status, end_reason, ended_at, active_seconds, reports, used_tokens, fee_tokens,
         token_cents, lines, at) VALUES (?1, 'completed', 'user_ended', ?3, 60, 0, ?2, ?4, 1, '[]', ?3)`,
    ).bind(id, tokens, now, Math.floor(tokens / 5)),
  ]);
  return id;
}

describe("returning a purchase", () => {
  it("takes what is unspent at once, refunds the card, and is done when Stripe has made it", async () => {
    const person = await newPerson();
    const { orderId } = await bought(person, 600);
    await usedSession(person, 100);
    expect(await quote(person, orderId)).toMatchObject({ whyNot: null, tokens: 500, amount: { amount: 500 } });
    const before = refundsAtStripe();
    const first = await refund(person, orderId, "k");
    expect(first).toMatchObject({ status: 200, body: { refund: { tokens: 500, amount: { amount: 500 } } } });
    expect((await refund(person, orderId, "k")).body).toEqual(first.body);
    await stripe.deliver();
    expect(refundsAtStripe()).toBe(before + 1);
    expect(await statusOf(first.body.refund.id)).toBe("done");
    expect(await available(person)).toBe(0);
    expect((await history(person)).slice(-1)).toEqual([["refund", -500]]);
    expect(await refund(person, orderId)).toMatchObject({ status: 422, body: { reason: "nothing_left" } });
    await booksAreSound();
  });

  it("asked for twice at once, or beside a start, never spends the same tokens", async () => {
    const person = await newPerson();
    const { orderId } = await bought(person, 600);
    const app = await anApp(500);
    const answers = await Promise.all([
      refund(person, orderId),
      refund(person, orderId),
      create(person, app),
      create(person, app),
    ]);
    await stripe.deliver();
    const won = answers.filter(({ status }) => status === 200);
    const { available: left, held } = await balanceOf(person);
    const refunded = stripe.world.state
      .all("refund")
      .filter(({ metadata }) => answers.some(({ body }) => "refund" in body && body.refund.id === metadata?.refund_id))
      .reduce((sum, { amount }) => sum + amount, 0);
    expect(won.length).toBeGreaterThan(0);
    expect(left + held + refunded).toBe(600);
    await booksAreSound();
  });

  it("goes on by itself when Stripe was out of reach, and refunds once although an answer was lost", async () => {
    const person = await newPerson();
    const { orderId } = await bought(person, 600);
    const before = refundsAtStripe();
    await stripe.dev("/fail-next", { kind: "server_error", count: 3, path: "/v1/refunds" });
    const { body } = await refund(person, orderId);
    expect(await statusOf(body.refund.id)).toBe("on_its_way");
    expect(await available(person)).toBe(0);
    await stripe.dev("/fail-next", { kind: "lost_answer", count: 3, path: "/v1/refunds" });
    await finishRefunds(env, Date.now() + DAY);
    await finishRefunds(env, Date.now() + 2 * DAY);
    expect(await statusOf(body.refund.id)).toBe("done");
    expect(refundsAtStripe()).toBe(before + 1);
    await booksAreSound();
  }, 20_000);

  it("that Stripe refuses gives the tokens back, and so does one that the bank hands back", async () => {
    const person = await newPerson();
    const { orderId, checkout } = await bought(person, 600);
    stripe.deliveries.hold();
    await stripe.dev(`/dispute/${checkout}`, { step: "opened" });
    const refused = await refund(person, orderId);
    expect(await statusOf(refused.body.refund.id)).toBe("refused");
    expect(await available(person)).toBe(600);
    await stripe.deliveries.release("created");
    expect(await available(person)).toBe(0);

    const second = await newPerson();
    const other = await bought(second, 600);
    const { body } = await refund(second, other.orderId);
    await stripe.deliver();
    const made = stripe.world.state.all("refund").find(({ metadata }) => metadata?.refund_id === body.refund.id)!;
    await stripe.dev(`/refund/${made.id}/fail`);
    await stripe.deliver();
    expect(await statusOf(body.refund.id)).toBe("failed");
    expect(await available(second)).toBe(600);
    await booksAreSound();
  });

  // Found by the simulator (seed 1537): it stayed on its way for ever, and the tokens were gone.
  it("gives the tokens back when a refund was made, never heard of, and failed at the bank", async () => {
    const person = await newPerson();
    const { orderId } = await bought(person, 600);
    stripe.deliveries.hold();
    await stripe.dev("/fail-next", { kind: "lost_answer", count: 3, path: "/v1/refunds" });
    const { body } = await refund(person, orderId);
    expect(await statusOf(body.refund.id)).toBe("on_its_way");
    const made = stripe.world.state.all("refund").find(({ metadata }) => metadata?.refund_id === body.refund.id)!;
    await stripe.dev(`/refund/${made.id}/fail`);
    await stripe.deliveries.release("created");
    await finishRefunds(env, Date.now() + DAY);
    expect(await statusOf(body.refund.id)).toBe("refused");
    expect(await available(person)).toBe(600);
    await booksAreSound();
  }, 20_000);

  it("has limits: the owner, fourteen days, three a month, and nobody who is blocked", async () => {
    const person = await newPerson();
    const { orderId } = await bought(person, 200);
    expect(await refund(await newPerson(), orderId)).toMatchObject({ status: 404 });
    const age = (days: number) =>
      env.DB.batch([
        env.DB.prepare("DROP TRIGGER orders_frozen"),
        env.DB.prepare("UPDATE orders SET paid_at = ? WHERE id = ?").bind(Date.now() - days * DAY + 5_000, orderId),
      ]);
    const frozen = await env.DB.prepare("SELECT sql FROM sqlite_master WHERE name = 'orders_frozen'").first<{
      sql: string;
    }>();
    await age(14);
    expect((await quote(person, orderId)).whyNot).toBeNull();
    await env.DB.prepare("UPDATE orders SET paid_at = ? WHERE id = ?")
      .bind(Date.now() - 14 * DAY, orderId)
      .run();
    await env.DB.prepare(frozen!.sql).run();
    expect(await refund(person, orderId)).toMatchObject({ status: 422, body: { reason: "too_late" } });
    for (let i = 0; i < 3; i++) expect((await refund(person, (await bought(person, 100)).orderId)).status).toBe(200);
    expect((await quote(person, (await bought(person, 100)).orderId)).whyNot).toBe("too_many");
    await booksAreSound();
  });

  it("by an operator has none of them, and may add money, which is a loss", async () => {
    const person = await newPerson();
    const operator = await newPerson({ role: "operator" });
    const { orderId } = await bought(person, 600);
    await usedSession(person, 100);
    const path = `/v1/operator/orders/${orderId}/refund`;
    const ask = { tokens: 200, extraCents: 100, reason: "the app was down" };
    expect((await call("POST", path, person.token, ask)).status).toBe(403);
    expect(await call("POST", path, operator.token, ask)).toMatchObject({
      status: 200,
      body: { refund: { tokens: 200, amount: { amount: 300 } } },
    });
    await stripe.deliver();
    expect(await available(person)).toBe(300);
    expect(
      await env.DB.prepare(
        "SELECT loss_cents, refunded_cents FROM refunds JOIN orders ON orders.id = order_id WHERE order_id = ?",
      )
        .bind(orderId)
        .first(),
    ).toEqual({ loss_cents: 100, refunded_cents: 300 });
    expect(await env.DB.prepare("SELECT 1 FROM refund_shortfalls WHERE order_id = ?").bind(orderId).first()).toBeNull();
    await booksAreSound();
  });
});

describe("a reported problem", () => {
  let operator: TestPerson;
  beforeAll(async () => void (operator = await newPerson({ role: "operator" })));
  const report = (person: TestPerson, sessionId: string, key?: string) =>
    call<{ problem: Problem; code?: string }>(
      "POST",
      `/v1/sessions/${sessionId}/problem`,
      person.token,
      { category: "not_working", text: "It hung after a minute." },
      key ? { "Idempotency-Key": key } : {},
    );
  const decide = (id: string, body: Record<string, unknown>) =>
    call<{ complaint: Problem; code?: string }>("POST", `/v1/operator/complaints/${id}/decide`, operator.token, body);
  const own = async (person: TestPerson, sessionId: string) =>
    (await call<{ problems: Problem[] }>("GET", `/v1/sessions/${sessionId}/problem`, person.token)).body.problems;

  it("waits in the operators' list and gives tokens back to the wallet, out of what the app and we earned", async () => {
    const person = await newPerson({ tokens: 1_000 });
    const sessionId = await usedSession(person, 200);
    expect(await report(await newPerson(), sessionId)).toMatchObject({ status: 404 });
    const first = await report(person, sessionId, "k");
    expect((await report(person, sessionId, "k")).body).toEqual(first.body);
    expect(await report(person, sessionId)).toMatchObject({ status: 409, body: { code: "complaint_exists" } });
    const list = await call<{ complaints: { id: string; session: object }[] }>(
      "GET",
      "/v1/operator/complaints?limit=200",
      operator.token,
    );
    expect(list.body.complaints.find(({ id }) => id === first.body.problem.id)).toMatchObject({
      email: person.email,
      session: { chargedTokens: 200, returnedTokens: 0 },
    });
    const { id } = first.body.problem;
    expect((await decide(id, { decision: "reverse", tokens: 201, answer: "x" })).status).toBe(422);
    const decisions = await Promise.all(
      [1, 2, 3].map(() => decide(id, { decision: "reverse", tokens: 150, answer: "You are right." })),
    );
    expect(decisions.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    expect(await available(person)).toBe(950);
    expect(await own(person, sessionId)).toMatchObject([
      { status: "granted", answer: "You are right.", returnedTokens: 150, isRefunded: false },
    ]);
    await booksAreSound();
  });

  it("can send what was charged on to the card", async () => {
    const person = await newPerson();
    const { orderId } = await bought(person, 600);
    const sessionId = await usedSession(person, 200);
    const { body } = await report(person, sessionId);
    expect((await decide(body.problem.id, { decision: "refund", answer: "Back to your card." })).status).toBe(200);
    await stripe.deliver();
    expect(await available(person)).toBe(400);
    expect(
      await env.DB.prepare("SELECT amount_cents, loss_cents FROM refunds WHERE order_id = ?").bind(orderId).first(),
    ).toEqual({ amount_cents: 200, loss_cents: 0 });
    expect(await own(person, sessionId)).toMatchObject([{ returnedTokens: 200, isRefunded: true }]);
    await booksAreSound();
  });

  it("can be declined with an answer, and asked again, three times in all", async () => {
    const person = await newPerson({ tokens: 1_000 });
    const sessionId = await usedSession(person, 50);
    for (let i = 0; i < 3; i++) {
      const { body } = await report(person, sessionId);
      expect((await decide(body.problem.id, { decision: "decline", answer: "It ran as it should." })).status).toBe(200);
    }
    expect(await report(person, sessionId)).toMatchObject({ status: 422, body: { code: "complaint_not_possible" } });
    expect(await own(person, sessionId)).toMatchObject([{ status: "declined" }, {}, {}]);
    const told = await call<{ notifications: { kind: string }[] }>("GET", "/v1/me/notifications", person.token);
    expect(told.body.notifications.filter(({ kind }) => kind === "complaint_declined")).toHaveLength(3);
  });

  it("needs a session that is over", async () => {
    const person = await newPerson({ tokens: 1_000 });
    const running = await create(person, await anApp(500));
    expect(await report(person, running.body.session.id)).toMatchObject({ status: 422 });
  });
});
