// Plans end to end: an owner offers one, a person takes it, their sessions use what is included, Stripe renews it, refuses
// to, and ends it. The books hold at each step.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Env } from "../../../workers/env.ts";
import { renewSubscriptions } from "../../../workers/cron/renew-subscriptions.ts";
import { endOverdueSessions } from "../../../workers/cron/end-overdue-sessions.ts";
import { newId } from "../../../domain/ids.ts";
import { monthStatement } from "../../../domain/payouts/statement.ts";
import { verifyReceipts } from "../../../sdk/src/receipts/verify.ts";
import {
  anApp,
  balanceOf,
  booksAreSound,
  call,
  create,
  eventsOf,
  freshToken,
  setClock,
  started,
  useVirtualClock,
  work,
  type TestApp,
} from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { after, failing, installStripe, type TestStripe } from "../../support/stripe.ts";

const stripe: TestStripe = installStripe();
const BEGIN = Date.UTC(2030, 6, 3, 9);
const DAY = 24 * 60 * 60 * 1000;
let app: TestApp;
beforeEach(async () => {
  useVirtualClock(BEGIN);
  app = await anApp(600);
});
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

interface Sub {
  id: string;
  status: string;
  leftTokens: number;
  reservedTokens: number;
  termUntil: string | null;
  cancelAtPeriodEnd: boolean;
}
const get = async (person: TestPerson, id: string) =>
  (await call<{ subscription: Sub }>("GET", `/v1/subscriptions/${id}`, await freshToken(person))).body.subscription;
const planOf = async (offered: Record<string, unknown> = {}) =>
  (
    await call<{ plan: { id: string } }>(
      "POST",
      `/v1/provider/apps/${app.id}/plans`,
      await freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId }),
      {
        name: "Writer monthly",
        monthCents: 901,
        includedTokens: 150,
        ...offered,
      },
    )
  ).body.plan;
const subscribe = async (person: TestPerson, planId: string) =>
  call<{ subscriptionId: string; checkoutUrl: string; code: string }>(
    "POST",
    "/v1/subscriptions",
    await freshToken(person),
    { planId },
  );
/** Somebody with 1,000 tokens and a paid plan of 150 tokens of use. */
async function subscriber(): Promise<{ person: TestPerson; id: string }> {
  const person = await newPerson({ tokens: 1000 });
  const { body } = await subscribe(person, (await planOf()).id);
  await stripe.pay(body.checkoutUrl);
  return { person, id: body.subscriptionId };
}
/** Ten minutes: 100 tokens. */
async function use(person: TestPerson): Promise<string> {
  const session = await started({ ...person, token: await freshToken(person) }, app, 20);
  await work(session, 600);
  await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person), {});
  return session.id;
}
const account = async (id: string) =>
  (
    await env.DB.prepare("SELECT credits - debits AS cents FROM accounts WHERE id = ?")
      .bind(id)
      .first<{ cents: number }>()
  )?.cents ?? 0;
const stripeIdOf = async (id: string) =>
  (await env.DB.prepare("SELECT stripe_id AS id FROM subscriptions WHERE id = ?").bind(id).first<{ id: string }>())!.id;
const told = async (person: TestPerson): Promise<string[]> =>
  (
    await env.DB.prepare("SELECT kind FROM notifications WHERE user_id = ? ORDER BY at, id")
      .bind(person.userId)
      .all<{ kind: string }>()
  ).results.map(({ kind }) => kind);
/** What the app's webhooks hear of its plans. */
const announced = async () =>
  (
    await env.DB.prepare(
      "SELECT type, data FROM outbox WHERE provider_id = ? AND type LIKE 'subscription.%' ORDER BY at, id",
    )
      .bind(app.id)
      .all<{ type: string; data: string }>()
  ).results.map(({ type, data }) => ({ type, data: JSON.parse(data) as Record<string, unknown> }));
const bank = async (id: string, answer: string) => {
  const method = stripe.world.state.find("subscription", await stripeIdOf(id))!.default_payment_method as string;
  await stripe.dev(`/bank/${method}`, { answer });
};
const renew = async (id: string) => {
  await stripe.dev(`/renew/${await stripeIdOf(id)}`);
  await stripe.deliver();
};

const payments = async (id: string) =>
  (await env.DB.prepare("SELECT count(*) AS n FROM plan_payments WHERE subscription_id = ?")
    .bind(id)
    .first<{ n: number }>())!.n;

describe("a plan", () => {
  it("is charged no more when its person deletes the account, and a page they left open is closed", async () => {
    const { person, id } = await subscriber();
    const stripeId = await stripeIdOf(id);
    const other = await anApp(600);
    const { body } = await call<{ plan: { id: string } }>(
      "POST",
      `/v1/provider/apps/${other.id}/plans`,
      await freshToken({ userId: other.ownerUserId, walletId: other.ownerUserId }),
      { name: "Another", monthCents: 500, includedTokens: 10 },
    );
    expect((await subscribe(person, body.plan.id)).status).toBe(200);
    const erased = await call("POST", "/v1/me/erase", await freshToken(person), {
      email: person.email,
      giveUpTokens: true,
    });
    expect(erased.status).toBe(204);
    expect(stripe.world.state.all("checkout.session").at(-1)).toMatchObject({ status: "expired" });
    // The month is over: it ends, instead of being charged for ever with nobody left who could end it.
    setClock(BEGIN + 32 * DAY);
    await stripe.dev(`/renew/${stripeId}`);
    await stripe.deliver();
    expect(stripe.world.state.find("subscription", stripeId)!.status).toBe("canceled");
    expect(await payments(id)).toBe(1);
  });

  it("is closed, or ends with the month that was paid, when it was begun while the account was being deleted", async () => {
    const people = [await newPerson(), await newPerson()] as const;
    const plan = await planOf();
    const pages: string[] = [];
    for (const person of people) {
      // Stripe has made the page; before we have heard of it, the person is gone.
      after("/v1/checkout/sessions", async () => {
        const erased = await call("POST", "/v1/me/erase", await freshToken(person), { email: person.email });
        expect(erased.status).toBe(204);
      });
      await subscribe(person, plan.id);
      pages.push(stripe.world.state.all("checkout.session").at(-1)!.id);
    }
    await stripe.dev(`/checkout/${pages[1]}/pay`, { card: "4242424242424242" });
    await stripe.deliver();
    setClock(BEGIN + 10 * 60 * 1000);
    await renewSubscriptions(env as unknown as Env, Date.now());
    expect(stripe.world.state.find("checkout.session", pages[0]!)!.status).toBe("expired");
    const paid = stripe.world.state.all("subscription").at(-1)!;
    expect(paid).toMatchObject({ status: "active", cancel_at_period_end: true });
    setClock(BEGIN + 32 * DAY);
    await stripe.dev(`/renew/${paid.id}`);
    await stripe.deliver();
    expect(stripe.world.state.find("subscription", paid.id)!.status).toBe("canceled");
    expect(await account(`provider:${app.id}`)).toBe(721);
  });

  it("pays the provider its share of the base once, however often Stripe tells it", async () => {
    const before = await account("revenue_fee");
    const { person, id } = await subscriber();
    expect(await get(person, id)).toMatchObject({
      status: "active",
      leftTokens: 150,
      termUntil: "2030-08-03T09:00:00.000Z",
    });
    // 20 % of 901 rounded down is the fee; the remainder is the provider's.
    expect(await account(`provider:${app.id}`)).toBe(721);
    expect((await account("revenue_fee")) - before).toBe(180);
    for (const event of stripe.world.state
      .all("event")
      .filter(({ type }) => type.startsWith("invoice.") || type.startsWith("customer.subscription")))
      await stripe.dev(`/replay/${event.id}?times=2`);
    await renewSubscriptions(env as unknown as Env, BEGIN + DAY);
    expect(await account(`provider:${app.id}`)).toBe(721);
    const payable = await env.DB.prepare("SELECT sum(amount_cents) AS cents FROM payables WHERE provider_id = ?")
      .bind(app.id)
      .first();
    expect(payable).toEqual({ cents: 721 });
    expect(await told(person)).toEqual(["subscription_started"]);
    // The posting names the payment, so that Stripe's own list of movements finds it.
    const [movement] = stripe.world.state.all("charge").filter(({ amount }) => amount === 901);
    const posted = await env.DB.prepare("SELECT count(*) AS n FROM ledger_tx WHERE kind = 'plan' AND ref = ?")
      .bind(String(movement!.payment_intent))
      .first();
    expect(posted).toEqual({ n: 1 });
  });

  it("gives back what its sessions used, down to nothing and never below, and pays nobody for it twice", async () => {
    const { person, id } = await subscriber();
    const first = await use(person);
    expect(await balanceOf(person)).toEqual({ available: 1000, held: 0 });
    expect((await get(person, id)).leftTokens).toBe(50);
    expect(await account(`provider:${app.id}`)).toBe(721);
    await use(person);
    expect(await balanceOf(person), "50 of 100 were included").toEqual({ available: 950, held: 0 });
    expect((await get(person, id)).leftTokens).toBe(0);
    expect(await account(`provider:${app.id}`)).toBe(721 + 40);
    await use(person);
    expect((await balanceOf(person)).available).toBe(850);
    const included = await env.DB.prepare("SELECT tokens, used_tokens FROM plan_reservations WHERE session_id = ?")
      .bind(first)
      .first();
    expect(included, "20 minutes were reserved, 10 used").toEqual({ tokens: 150, used_tokens: 100 });
    const { body } = await call<{ transactions: { type: string; amount: number }[] }>(
      "GET",
      "/v1/tokens/transactions",
      await freshToken(person),
    );
    expect(body.transactions.reduce((sum, { amount }) => sum + amount, 0)).toBe(850);
    expect(body.transactions.filter(({ type }) => type === "consumption").map(({ amount }) => amount)).toEqual([
      -100, -50,
    ]);
  });

  it("starts and extends a session with an empty wallet, holds only what is not included, and says so", async () => {
    const person = await newPerson();
    const { body } = await subscribe(person, (await planOf({ includedTokens: 260 })).id);
    await stripe.pay(body.checkoutUrl);
    const token = await freshToken(person);
    const quoted = await call("POST", `/v1/providers/${app.id}/quote`, token, { durationSeconds: 1200 });
    expect(quoted.body).toMatchObject({ heldTokens: 200, includedTokens: 200, planLeftTokens: 260 });
    const anybody = await call("POST", `/v1/providers/${app.id}/quote`, null, { durationSeconds: 1200 });
    expect(anybody.body).toMatchObject({ heldTokens: 200, includedTokens: 0, planLeftTokens: 0 });

    const session = await started({ ...person, token }, app, 20);
    expect(await balanceOf(person)).toEqual({ available: 0, held: 0 });
    expect(await get(person, body.subscriptionId)).toMatchObject({ leftTokens: 60, reservedTokens: 200 });
    // A second one needs 200 and finds 60: nobody is promised the same minutes twice.
    const second = await create({ ...person, token }, app, 20);
    expect(second).toMatchObject({ status: 402, body: { code: "insufficient_tokens", requiredTokens: 140 } });
    // Shown more than there is by now, the start is refused instead of being paid for.
    const stale = await call("POST", "/v1/sessions/create", token, {
      providerId: app.id,
      durationMinutes: 5,
      includedTokens: 61,
    });
    expect(stale).toMatchObject({ status: 422, body: { code: "price_changed", includedTokens: 50 } });

    const longer = await call("POST", `/v1/sessions/${session.id}/extend`, token, { minutes: 6 });
    expect(longer).toMatchObject({
      status: 200,
      body: { balance: 0, session: { tokensAllocated: 260, tokensReserved: 260 } },
    });
    const tooLong = await call("POST", `/v1/sessions/${session.id}/extend`, token, { minutes: 6 });
    expect(tooLong).toMatchObject({ status: 402, body: { requiredTokens: 60 } });

    await work(session, 600);
    const ended = await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person), {});
    expect(ended.body).toMatchObject({
      balance: 0,
      session: { tokensConsumed: 100, tokensIncluded: 100, tokensRefunded: 160 },
    });
    expect(await get(person, body.subscriptionId)).toMatchObject({ leftTokens: 160, reservedTokens: 0 });
    const { body: receipt } = await call<{ receipt: object; signed: string }>(
      "GET",
      `/v1/sessions/${session.id}/receipt`,
      await freshToken(person),
    );
    expect(receipt.receipt).toMatchObject({
      tokensConsumed: 100,
      tokensIncluded: 100,
      tokensReserved: 260,
      providerShareTokens: 0,
      platformFeeTokens: 0,
      money: { consumedCents: 0 },
    });
    const { body: jwks } = await call<{ keys: [] }>("GET", "/.well-known/receipt-keys.json", null);
    expect(await verifyReceipts(receipt.signed, jwks)).toMatchObject({ isGenuine: true });
    const settled = (await eventsOf(session.id)).find(({ type }) => type === "session.settled");
    expect(settled!.data).toMatchObject({ tokensConsumed: 100, tokensIncluded: 100, providerShareTokens: 0 });
    // Nothing more is owed than the share of the base.
    expect(await account(`provider:${app.id}`)).toBe(721);
  });

  it("gives back what a session that never started, or that the app spoilt, had reserved", async () => {
    const { person, id } = await subscriber();
    await create({ ...person, token: await freshToken(person) }, app, 20);
    expect(await get(person, id)).toMatchObject({ leftTokens: 0, reservedTokens: 150 });
    expect(await balanceOf(person)).toEqual({ available: 950, held: 50 });
    setClock(Date.now() + 10 * 60 * 1000);
    await endOverdueSessions(env as unknown as Env, Date.now());
    expect(await get(person, id)).toMatchObject({ leftTokens: 150, reservedTokens: 0 });
    expect(await balanceOf(person)).toEqual({ available: 1000, held: 0 });
  });

  it("is in the platform's turnover, in the provider's earnings and in its statement, also what goes back of it", async () => {
    const { person } = await subscriber();
    await use(person);
    await use(person);
    const [charge] = stripe.world.state
      .all("charge")
      .filter(({ amount }) => amount === 901)
      .slice(-1);
    await stripe.dev("/refund", { payment_intent: charge!.payment_intent, amount: 100 });
    await stripe.deliver();
    const operator = await newPerson({ role: "operator" });
    const { body } = await call<{ groups: ({ key: string } & Record<string, number>)[] }>(
      "GET",
      "/v1/operator/revenue?by=app&from=2030-07-01&to=2030-07-31",
      operator.token,
    );
    // The plan less what went back, and the 50 tokens that were not included.
    expect(body.groups.find(({ key }) => key === app.id)).toMatchObject({
      planCents: 801,
      grossCents: 851,
      shareCents: 721 - 80 + 40,
      feeCents: 180 - 20 + 10,
    });
    const statement = await monthStatement(env.DB, app.id, "2030-07");
    const rows = statement
      .trim()
      .split("\r\n")
      .map((line) => line.split(","));
    expect(rows.slice(2).map((row) => [row[1], row[7]])).toEqual([
      ["plan", "721"],
      // Of one moment, in the order of their references.
      ["reversal", "-80"],
      ["settlement", "40"],
      ["closing balance", ""],
    ]);
    expect(rows.at(-1)![8]).toBe(String(await account(`provider:${app.id}`)));
    // Earnings say the same, sessions and plans apart and together.
    const owner = await freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });
    const earned = (range: string) =>
      call<{ total: object }>("GET", `/v1/provider/earnings?providerId=${app.id}&${range}`, owner);
    expect((await earned("from=2030-07-01&to=2030-08-01")).body.total).toEqual({
      sessions: 1,
      grossTokens: 50,
      feeTokens: 10,
      netTokens: 40,
      reversedTokens: 0,
      sessionCents: 40,
      plans: { payments: 1, grossCents: 801, feeCents: 160, netCents: 641, reversedCents: 100 },
      grossCents: 851,
      feeCents: 170,
      netCents: 721 + 40 - 80,
      unpayableCents: 0,
    });
    const none = { payments: 0, grossCents: 0, feeCents: 0, netCents: 0, reversedCents: 0 };
    expect((await earned("from=2030-08-01&to=2030-09-01")).body.total).toMatchObject({ plans: none, netCents: 0 });
    const next = await monthStatement(env.DB, app.id, "2030-08");
    expect(next.split("\r\n")[1]).toContain(`,${721 + 40 - 80},`);
  });

  it("covers its own app only, and two sessions that settle at once only once", async () => {
    const { person, id } = await subscriber();
    const [one, two] = [
      await started({ ...person, token: await freshToken(person) }, app, 20),
      await started({ ...person, token: await freshToken(person) }, app, 20),
    ];
    for (let i = 0; i < 20; i++) await Promise.all([work(one, 30), work(two, 0)]);
    const token = await freshToken(person);
    await Promise.all([one, two].map((session) => call("POST", `/v1/sessions/${session.id}/complete`, token, {})));
    const row = await env.DB.prepare(
      "SELECT sum(r.used_tokens) AS tokens FROM plan_reservations r JOIN sessions s ON s.id = r.session_id WHERE s.user_id = ?",
    )
      .bind(person.userId)
      .first<{ tokens: number }>();
    expect(row!.tokens).toBeLessThanOrEqual(150);
    expect((await get(person, id)).leftTokens).toBe(150 - row!.tokens);
    app = await anApp(600);
    const before = (await balanceOf(person)).available;
    await use(person);
    expect((await balanceOf(person)).available).toBe(before - 100);
  });

  it("is renewed, stops including while it is overdue, and goes on once paid", async () => {
    const { person, id } = await subscriber();
    setClock(Date.UTC(2030, 7, 3, 9, 1));
    await renew(id);
    expect(await get(person, id)).toMatchObject({
      status: "active",
      leftTokens: 150,
      termUntil: "2030-09-03T09:00:00.000Z",
    });
    await bank(id, "declines");
    setClock(Date.UTC(2030, 8, 3, 9, 1));
    await renew(id);
    expect(await get(person, id)).toMatchObject({ status: "past_due", leftTokens: 0, termUntil: null });
    const before = (await balanceOf(person)).available;
    await use(person);
    expect((await balanceOf(person)).available).toBe(before - 100);
    await bank(id, "succeeds");
    await renew(id);
    expect(await get(person, id)).toMatchObject({ status: "active", leftTokens: 150 });
    expect(await told(person)).toEqual([
      "subscription_started",
      "subscription_renewed",
      "subscription_past_due",
      "subscription_renewed",
    ]);
    const events = await announced();
    expect(events.map(({ type }) => type)).toEqual([
      "subscription.started",
      "subscription.renewed",
      "subscription.past_due",
      "subscription.renewed",
    ]);
    // The app knows the person by one pairwise id, before their first session already and in it.
    const inSession = await env.DB.prepare("SELECT subject FROM sessions WHERE user_id = ?")
      .bind(person.userId)
      .first<{ subject: string }>();
    expect(new Set(events.map(({ data }) => data.userId))).toEqual(new Set([inSession!.subject]));
    expect(events[0]!.data).toMatchObject({
      subscriptionId: id,
      includedTokens: 150,
      termFrom: "2030-07-03T09:00:00Z",
    });
    expect(JSON.stringify(events)).not.toContain(person.userId);
  });

  it("ends with its term when it was told to, and can be kept until then", async () => {
    const { person, id } = await subscriber();
    const end = async (verb: string) =>
      (await call<{ subscription: Sub }>("POST", `/v1/subscriptions/${id}/${verb}`, await freshToken(person), {})).body
        .subscription;
    expect(await end("end")).toMatchObject({ status: "active", cancelAtPeriodEnd: true, leftTokens: 150 });
    expect(await end("keep")).toMatchObject({ status: "active", cancelAtPeriodEnd: false });
    await end("end");
    setClock(Date.UTC(2030, 7, 3, 9, 1));
    await renew(id);
    expect(await get(person, id)).toMatchObject({ status: "ended", leftTokens: 0 });
    expect(await told(person)).toEqual(["subscription_started", "subscription_ended"]);
    expect((await announced()).map(({ type }) => type)).toEqual(["subscription.started", "subscription.ended"]);
    expect(await account(`provider:${app.id}`)).toBe(721);
  });

  it("knows what went back of a base it hears of later than of the refund and the dispute", async () => {
    const { id } = await subscriber();
    const share = await account(`provider:${app.id}`);
    setClock(BEGIN + 32 * DAY);
    await stripe.dev(`/renew/${await stripeIdOf(id)}`);
    const intent = stripe.world.state.all("payment_intent").at(-1)!;
    const renewal = new Set(stripe.world.state.all("event").map((event) => event.id));
    await stripe.dev("/refund", { payment_intent: intent.id, amount: 101 });
    await stripe.dev(`/dispute/${intent.id}`, { step: "opened" });
    for (const event of stripe.world.state.all("event"))
      if (!renewal.has(event.id)) await stripe.dev(`/replay/${event.id}`);
    expect(await account(`provider:${app.id}`)).toBe(share);
    // 901 came, 101 and 800 went back: nothing is left of it.
    await stripe.deliver();
    await renewSubscriptions(env as unknown as Env, Date.now());
    expect(await payments(id)).toBe(2);
    expect(await account(`provider:${app.id}`)).toBe(share);
  });

  it("knows what went back between our look at the base and its booking, also when the next look gets no answer", async () => {
    const { id } = await subscriber();
    const share = await account(`provider:${app.id}`);
    setClock(BEGIN + 32 * DAY);
    await stripe.dev(`/renew/${await stripeIdOf(id)}`);
    const intent = stripe.world.state.all("payment_intent").at(-1)!;
    // Stripe has listed that nothing went back; then all of it does, and Stripe tells of it before the base is booked.
    after("/v1/refunds", async () => {
      const told = new Set(stripe.world.state.all("event").map((event) => event.id));
      await stripe.dev("/refund", { payment_intent: intent.id });
      for (const event of stripe.world.state.all("event"))
        if (!told.has(event.id)) await stripe.dev(`/replay/${event.id}`);
      expect(await payments(id)).toBe(1);
      failing("/v1/refunds", "before");
    });
    const renewal = stripe.world.state.all("event").findLast(({ type }) => type === "invoice.paid")!;
    await stripe.dev(`/replay/${renewal.id}`);
    expect(await payments(id)).toBe(2);
    expect(await account(`provider:${app.id}`), "Stripe did not answer the second look").toBe(share + 721);
    await renewSubscriptions(env as unknown as Env, Date.now());
    expect(await account(`provider:${app.id}`)).toBe(share);
    const { results } = await env.DB.prepare("SELECT id FROM plan_payments WHERE followed_at IS NULL").all();
    expect(results).toEqual([]);
  });

  it("takes its share back when the base is refunded, gives it again when that fails, and includes nothing meanwhile", async () => {
    const before = await account("revenue_fee");
    const { person, id } = await subscriber();
    const [charge] = stripe.world.state
      .all("charge")
      .filter(({ amount }) => amount === 901)
      .slice(-1);
    const refund = async (amount: number) => {
      const { body } = await stripe.dev<{ id: string }>("/refund", { payment_intent: charge!.payment_intent, amount });
      await stripe.deliver();
      await stripe.deliver();
      return body.id;
    };
    await refund(100);
    // 721 * 100 / 901, rounded down.
    expect(await account(`provider:${app.id}`)).toBe(721 - 80);
    const rest = await refund(801);
    expect(await account(`provider:${app.id}`)).toBe(0);
    expect((await account("revenue_fee")) - before).toBe(0);
    await use(person);
    expect((await balanceOf(person)).available, "nothing is included").toBe(900);
    await stripe.dev(`/refund/${rest}/fail`);
    await stripe.deliver();
    expect(await account(`provider:${app.id}`)).toBe(721 - 80 + 80);
    await use(person);
    expect((await balanceOf(person)).available, "included again").toBe(900);
    expect((await get(person, id)).leftTokens).toBe(50);
  });

  it("loses a disputed base with the bank's fee while it is disputed, and has it again when won", async () => {
    const { person } = await subscriber();
    const [charge] = stripe.world.state
      .all("charge")
      .filter(({ amount }) => amount === 901)
      .slice(-1);
    const step = async (name: string) => {
      await stripe.dev(`/dispute/${String(charge!.payment_intent)}`, { step: name });
      await stripe.deliver();
    };
    await step("opened");
    expect(await account(`provider:${app.id}`)).toBe(0);
    await use(person);
    expect((await balanceOf(person)).available).toBe(900);
    await step("won");
    expect(await account(`provider:${app.id}`)).toBe(721 + 80);
  });

  it("is taken once, by nobody for an app that is not theirs to offer, and includes nothing unpaid", async () => {
    const person = await newPerson({ tokens: 500 });
    const plan = await planOf();
    const first = await subscribe(person, plan.id);
    expect((await subscribe(person, plan.id)).body.checkoutUrl, "the same page").toBe(first.body.checkoutUrl);
    expect((await subscribe(person, (await planOf({ name: "Other" })).id)).body.code).toBe("already_subscribed");
    expect((await get(person, first.body.subscriptionId)).status).toBe("open");
    await use(person);
    expect((await balanceOf(person)).available).toBe(400);
    const stranger = await newPerson();
    const offered = await call("POST", `/v1/provider/apps/${app.id}/plans`, stranger.token, {
      name: "Mine",
      monthCents: 500,
      includedTokens: 5,
    });
    expect(offered.status).toBe(404);
    expect(
      (await call("GET", `/v1/subscriptions/${first.body.subscriptionId}`, await freshToken(stranger))).status,
    ).toBe(404);
    expect((await subscribe(person, newId(Date.now()))).body.code).toBe("plan_not_found");
  });
});
