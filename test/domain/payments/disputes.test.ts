// Buyers who ask their bank for the money back: what is frozen, what is lost, and that events in any order and number say
// the same.

import { env } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { liftBlock } from "../../../domain/trust/block-store.ts";
import { anApp, balanceOf, booksAreSound, call, create, type TestApp } from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { checkoutIdOf, installStripe } from "../../support/stripe.ts";

const stripe = installStripe();

async function bought(person: TestPerson, tokenAmount: number) {
  const { body } = await call<{ checkoutUrl: string; orderId: string }>("POST", "/v1/tokens/purchase", person.token, {
    tokenAmount,
  });
  await stripe.pay(body.checkoutUrl);
  return { orderId: body.orderId, checkout: checkoutIdOf(body.checkoutUrl) };
}
async function dispute(checkout: string, step: "inquiry" | "opened" | "won" | "lost", amount?: number) {
  const { body } = await stripe.dev<{ id: string }>(`/dispute/${checkout}`, { step, amount });
  await stripe.deliver();
  return body.id;
}
const account = async (id: string): Promise<number> =>
  (await env.DB.prepare(
    "SELECT CASE normal WHEN 'debit' THEN debits - credits ELSE credits - debits END AS n FROM accounts WHERE id = ?",
  )
    .bind(id)
    .first<{ n: number }>())!.n;
/** How far each account moved while `work` ran. */
async function moved(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const ids = ["stripe_clearing", "dispute_receivable", "dispute_loss", "stripe_fees", "token_liability"];
  const before = await Promise.all(ids.map(account));
  await work();
  const after = await Promise.all(ids.map(account));
  return Object.fromEntries(
    ids.flatMap((id, i) => (after[i] === before[i] ? [] : [[id, after[i]! - before[i]!] as const])),
  );
}
const history = async (person: TestPerson): Promise<[string, number][]> =>
  (
    await env.DB.prepare("SELECT type, amount FROM wallet_entries WHERE wallet_id = ? ORDER BY seq")
      .bind(person.walletId)
      .all<{ type: string; amount: number }>()
  ).results.map(({ type, amount }) => [type, amount]);
const start = (person: TestPerson, app: TestApp) => create(person, app, 60);
/** Settles a session at so many tokens, whatever its clock says. */
async function spend(sessionId: string, tokens: number): Promise<void> {
  const now = Date.now();
  await env.DB.batch([
    env.DB.prepare("UPDATE sessions SET status = 'active', started_at = ?2 WHERE id = ?1").bind(sessionId, now),
    env.DB.prepare(
      `INSERT INTO closings (session_id, status, end_reason, ended_at, active_seconds, reports, used_tokens, fee_tokens,
         token_cents, lines, at) VALUES (?1, 'completed', 'user_ended', ?3, 60, 0, ?2, ?4, 1, '[]', ?3)`,
    ).bind(sessionId, tokens, now, Math.floor(tokens / 5)),
  ]);
}

describe("a dispute", () => {
  it("freezes what is unspent, takes the money and the fee, and gives the tokens back when won", async () => {
    const person = await newPerson();
    const { checkout } = await bought(person, 600);
    expect(await moved(() => dispute(checkout, "opened"))).toEqual({
      stripe_clearing: -2_100,
      dispute_receivable: 600,
      stripe_fees: 1_500,
    });
    expect(await balanceOf(person)).toEqual({ available: 0, held: 0 });
    await booksAreSound();
    expect(await moved(() => dispute(checkout, "won"))).toEqual({ stripe_clearing: 600, dispute_receivable: -600 });
    expect(await history(person)).toEqual([
      ["purchase", 600],
      ["dispute", -600],
      ["dispute", 600],
    ]);
    const { body } = await call<{ notifications: { kind: string }[] }>("GET", "/v1/me/notifications", person.token);
    expect(body.notifications.map(({ kind }) => kind).toSorted()).toEqual(["dispute_opened", "dispute_won"]);
    await booksAreSound();
  });

  it("that is an inquiry freezes nothing until it becomes one", async () => {
    const person = await newPerson();
    const { checkout } = await bought(person, 600);
    const asked = await dispute(checkout, "inquiry");
    expect(await balanceOf(person)).toEqual({ available: 600, held: 0 });
    expect(await dispute(checkout, "opened")).toBe(asked);
    expect(await balanceOf(person)).toEqual({ available: 0, held: 0 });
    await booksAreSound();
  });

  it("of a part freezes its part, after what was refunded before", async () => {
    const person = await newPerson();
    const { checkout } = await bought(person, 600);
    await stripe.dev("/refund", { checkout, amount: 100 });
    await dispute(checkout, "opened", 200);
    expect(await balanceOf(person)).toEqual({ available: 300, held: 0 });
    await booksAreSound();
  });

  it("lost on a partly spent lot loses what was spent, and stops starting until an operator lets the person go on", async () => {
    const person = await newPerson();
    const app = await anApp(500);
    const { checkout } = await bought(person, 600);
    const session = (await start(person, app)).body.session;
    await spend(session.id, 200);
    expect(await balanceOf(person)).toEqual({ available: 400, held: 0 });
    await dispute(checkout, "opened");
    expect(await moved(() => dispute(checkout, "lost"))).toEqual({
      dispute_receivable: -600,
      dispute_loss: 200,
      token_liability: -400,
    });
    expect(await balanceOf(person)).toEqual({ available: 0, held: 0 });
    expect(await start(person, app)).toMatchObject({
      status: 403,
      body: { code: "account_blocked", reason: "dispute_lost" },
    });
    const block = await env.DB.prepare("SELECT id FROM wallet_blocks WHERE wallet_id = ?")
      .bind(person.walletId)
      .first<{ id: string }>();
    await liftBlock(env.DB, block!.id, { operatorId: "op", reason: "paid by transfer" }, Date.now()).run();
    expect((await call("GET", "/v1/me/debts", person.token)).body).toEqual({
      owedCents: 0,
      payTokens: null,
      debts: [],
    });
    await bought(person, 600);
    expect(await balanceOf(person), "settled is settled").toEqual({ available: 600, held: 0 });
    expect((await start(person, app)).status).toBe(200);
    await booksAreSound();
  });

  it("that was lost is paid back by the next purchases, to the cent, and comes back whole if it is won after all", async () => {
    const person = await newPerson();
    const app = await anApp(500);
    const { checkout, orderId } = await bought(person, 600);
    await spend((await start(person, app)).body.session.id, 350);
    await dispute(checkout, "opened");
    await dispute(checkout, "lost");
    const debts = async () => (await call("GET", "/v1/me/debts", person.token)).body;
    expect(await debts()).toMatchObject({
      owedCents: 350,
      payTokens: 350,
      debts: [{ orderId, disputedCents: 600, owedCents: 350 }],
    });

    // 100 tokens pay a part of it; nothing starts yet.
    expect(await moved(() => bought(person, 100))).toMatchObject({ stripe_clearing: 100, dispute_loss: -100 });
    expect(await balanceOf(person)).toEqual({ available: 0, held: 0 });
    expect(await debts()).toMatchObject({ owedCents: 250 });
    expect((await start(person, app)).status).toBe(403);
    await booksAreSound();
    // The rest, and what is left over is the person's. Told again, it is not paid twice.
    const { checkout: second } = await bought(person, 800);
    await stripe.deliver();
    expect(second).not.toBe(checkout);
    expect(await balanceOf(person)).toEqual({ available: 550, held: 0 });
    expect(await debts()).toEqual({ owedCents: 0, payTokens: null, debts: [] });
    expect((await start(person, app)).status).toBe(200);
    const told = await env.DB.prepare(
      "SELECT data FROM notifications WHERE user_id = ? AND kind = 'debt_repaid' ORDER BY at, id",
    )
      .bind(person.userId)
      .all<{ data: string }>();
    expect(told.results.map(({ data }) => JSON.parse(data) as object)).toMatchObject([
      { tokens: 100, owedCents: 250 },
      { tokens: 250, owedCents: 0 },
    ]);
    await booksAreSound();

    // The bank decides otherwise in the end: the 250 that were frozen and the 350 that were paid back are theirs.
    const held = (await balanceOf(person)).held;
    await dispute(checkout, "won");
    expect(await balanceOf(person)).toEqual({ available: 550 - held + 600, held });
    await booksAreSound();
  });

  it("of a bundle is paid back by what the new tokens cost, and a stopped account cannot buy its way out of fraud", async () => {
    const person = await newPerson();
    const app = await anApp(40_000);
    const { checkout } = await bought(person, 50_000);
    await spend((await start(person, app)).body.session.id, 10_000);
    await dispute(checkout, "opened");
    await dispute(checkout, "lost");
    const { owedCents } = (await call<{ owedCents: number }>("GET", "/v1/me/debts", person.token)).body;
    expect(owedCents).toBeLessThan(10_000);
    const repaid = await moved(() => bought(person, 50_000));
    expect(repaid.dispute_loss).toBe(-owedCents);
    await booksAreSound();
    await env.DB.prepare(
      "INSERT INTO wallet_blocks (id, wallet_id, user_id, reason, at) VALUES (?1, ?2, ?3, 'fraud', 1)",
    )
      .bind(`fraud:${person.userId}`, person.walletId, person.userId)
      .run();
    const refused = await call("POST", "/v1/tokens/purchase", person.token, { tokenAmount: 600 });
    expect(refused).toMatchObject({ status: 403, body: { code: "account_blocked", reason: "fraud" } });
  });

  it.each(["won", "lost"] as const)("%s while tokens are held: what the session gives back is caught", async (end) => {
    const person = await newPerson();
    const { checkout } = await bought(person, 600);
    const session = (await start(person, await anApp(500))).body.session;
    const lossBefore = await account("dispute_loss");
    await dispute(checkout, "opened");
    expect(await balanceOf(person)).toEqual({ available: 0, held: 500 });
    if (end === "lost") await dispute(checkout, "lost");
    await spend(session.id, 120);
    expect(await balanceOf(person)).toEqual({ available: 0, held: 0 });
    await booksAreSound();
    if (end === "won") await dispute(checkout, "won");
    expect((await balanceOf(person)).available).toBe(end === "won" ? 480 : 0);
    expect((await account("dispute_loss")) - lossBefore).toBe(end === "won" ? 0 : 120);
    await booksAreSound();
  });

  it("won after it was lost gives back tokens and loss once, and lifts the block", async () => {
    const person = await newPerson();
    const { checkout } = await bought(person, 600);
    const session = (await start(person, await anApp(500))).body.session;
    await spend(session.id, 200);
    const books = await moved(async () => {
      const id = await dispute(checkout, "opened");
      await dispute(checkout, "lost");
      await dispute(checkout, "won");
      await replayAll(id, 3);
    });
    // All that is gone for good is the fee.
    expect(books).toEqual({ stripe_clearing: -1_500, stripe_fees: 1_500 });
    expect(await balanceOf(person)).toEqual({ available: 400, held: 0 });
    expect((await start(person, await anApp(300))).status).toBe(200);
    await booksAreSound();
  });
});

describe("events of disputes", () => {
  it("and of the purchase and a refund in reverse leave the same books", async () => {
    const person = await newPerson();
    const { body } = await call<{ checkoutUrl: string }>("POST", "/v1/tokens/purchase", person.token, {
      tokenAmount: 600,
    });
    const checkout = checkoutIdOf(body.checkoutUrl);
    stripe.deliveries.hold();
    await stripe.dev(`/checkout/${checkout}/pay`, { card: "4242424242424242" });
    await stripe.dev("/refund", { checkout, amount: 100 });
    await stripe.dev(`/dispute/${checkout}`, { step: "opened" });
    const { body: lost } = await stripe.dev<{ id: string }>(`/dispute/${checkout}`, { step: "lost" });
    const delivered = await stripe.deliveries.release("reverse");
    expect(new Set(delivered.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await history(person)).toEqual([
      ["purchase", 600],
      ["refund", -100],
      ["dispute", -500],
    ]);
    await replayAll(lost.id, 4);
    expect(await balanceOf(person)).toEqual({ available: 0, held: 0 });
    expect(
      await env.DB.prepare("SELECT count(*) AS n FROM wallet_blocks WHERE wallet_id = ?").bind(person.walletId).first(),
    ).toEqual({ n: 1 });
    await booksAreSound();
  });

  it("of payments that are not ours are noted and left alone", async () => {
    await bought(await newPerson(), 600);
    const foreign = stripe.world.state.all("charge").at(-1)!;
    stripe.world.state.put("charge", { ...foreign, id: "ch_foreign", payment_intent: null, disputed: false });
    const id = await dispute("ch_foreign", "opened");
    expect(await env.DB.prepare("SELECT 1 FROM disputes WHERE id = ?").bind(id).first()).toBeNull();
    const open = await env.DB.prepare("SELECT count(*) AS n FROM stripe_events WHERE processed_at IS NULL").first();
    expect(open).toEqual({ n: 0 });
  });
});

/** All events of one dispute again, several of each at once. */
async function replayAll(disputeId: string, times: number): Promise<void> {
  const events = stripe.world.state
    .all("event")
    .filter(({ data }) => (data.object as { id: string }).id === disputeId)
    .map(({ id }) => id);
  await Promise.all(events.map((id) => stripe.deliveries.replay(id, times)));
}
