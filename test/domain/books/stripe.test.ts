// Our account at Stripe against Stripe's own list, with the stand-in as Stripe; and what an operator sees and does about it.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compareWithStripe, IN_TRANSIT_MS } from "../../../domain/books/compare-stripe.ts";
import { proveBooks, type BooksReport } from "../../../domain/books/prove-books.ts";
import { catchUpStripeEvents } from "../../../workers/cron/reconcile-stripe.ts";
import { call, freshToken, passSeconds, setClock, useVirtualClock } from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { checkoutIdOf, installStripe } from "../../support/stripe.ts";

const stripe = installStripe();
// Stripe's clock is the test's, too.
stripe.world.now = () => Date.now();
const HOUR = 60 * 60 * 1000;
/** Each test has days of its own, later than those before it, as time is. */
let midnight = Date.UTC(2030, 0, 2);

beforeEach(() => {
  midnight += 10 * 24 * HOUR;
  useVirtualClock(midnight - 60_000);
});
afterEach(() => void vi.useRealTimers());

async function order(person: TestPerson, tokenAmount: number): Promise<string> {
  const { body } = await call<{ checkoutUrl: string }>("POST", "/v1/tokens/purchase", await freshToken(person), {
    tokenAmount,
  });
  return checkoutIdOf(body.checkoutUrl);
}
const pay = (checkout: string) => stripe.dev(`/checkout/${checkout}/pay`, { card: "4242424242424242" });
const prove = async (): Promise<BooksReport> => (await proveBooks(env, "cron", Date.now())).report;
const account = async (id: string): Promise<number> =>
  (await env.DB.prepare("SELECT debits - credits AS n FROM accounts WHERE id = ?").bind(id).first<{ n: number }>())!.n;
/** What the stand-in lists, in all. */
const stripesOwn = () => stripe.world.state.all("balance_transaction");

describe("Stripe's list and our books", () => {
  it("agree on each day, whichever side of midnight we heard of it, fees and all", async () => {
    const person = await newPerson();
    const first = await order(person, 1_000);
    await pay(first);
    // Stripe took it on the first of January; we hear of it on the second.
    setClock(midnight + 5_000);
    await stripe.deliver();
    const second = await order(person, 500);
    await pay(second);
    await stripe.deliver();
    const part = await stripe.dev<{ id: string }>("/refund", { checkout: second, amount: 200, status: "pending" });
    await stripe.deliver();
    setClock(midnight + 25 * HOUR);
    // The bank hands the refund back a day later.
    await stripe.dev(`/refund/${part.body.id}/fail`);
    await stripe.deliver();

    setClock(midnight + 50 * HOUR);
    const report = await prove();
    expect(report.checks.filter((it) => it.findings > 0)).toEqual([]);
    const day = (at: number) => {
      const net = stripesOwn()
        .filter(({ created }) => Math.floor((created * 1000) / (24 * HOUR)) === Math.floor(at / (24 * HOUR)))
        .reduce((sum, it) => sum + it.net, 0);
      return { day: new Date(at).toISOString().slice(0, 10), stripeCents: net, booksCents: net, inTransitCents: 0 };
    };
    expect(report.days.slice(0, 3)).toEqual([day(midnight + 25 * HOUR), day(midnight), day(midnight - 1)]);
    expect(report.days.map(({ stripeCents }) => stripeCents)).toEqual([200, 500 - 45 - 200, 1_000 - 59]);
    expect(await account("stripe_fees")).toBe(45 + 59);
    expect(await account("stripe_clearing")).toBe(stripesOwn().reduce((sum, { net }) => sum + net, 0));
    // Again, and nothing is posted twice.
    passSeconds(60);
    expect((await prove()).findings).toBe(0);
    expect(await account("stripe_fees")).toBe(45 + 59);
  });

  it("are not held against each other while the news is on its way, and are when it never comes", async () => {
    const person = await newPerson();
    await stripe.dev("/hold");
    await pay(await order(person, 700));
    passSeconds(60);
    expect(await prove()).toMatchObject({ findings: 0, stripe: { inTransitCents: -700, isStale: false } });
    passSeconds(IN_TRANSIT_MS / 1000);
    const late = await prove();
    const lost = late.checks.filter(({ findings }) => findings > 0);
    expect(lost.map(({ name }) => name)).toEqual(["Stripe clearing is Stripe's balance, day by day"]);
    expect(lost[0]!.rows).toEqual([
      { row: expect.stringMatching(/^2030-01-\d\d pi_/), expected: 700 - 50, found: -50 },
    ]);
    // The webhook is still held back: the hourly look at Stripe's events finds what it would have said.
    await catchUpStripeEvents(env, Date.now());
    expect((await prove()).findings).toBe(0);
    await stripe.dev("/release");
  });

  it("are not held against each other where one half lies before all that was read", () => {
    const from = Date.UTC(2030, 3, 1);
    const paid = { tx: "plan:in_1", ref: "pi_1", paymentId: null, cents: 333, at: from - 5 * 24 * HOUR };
    const look = (clearingCents: number) =>
      compareWithStripe(
        { movements: [], postings: [paid], stripeCents: 333, clearingCents },
        { from, through: from + HOUR, now: from + 24 * HOUR },
      ).findings;
    expect(look(333)).toEqual([]);
    // The totals still tell when the other half is nowhere.
    expect(look(666)).toMatchObject([{ row: "before the days compared", found: 333 }]);
  });

  it("are compared with what is here while Stripe does not answer", async () => {
    await stripe.dev("/fail-next", { kind: "server_error", count: 3, path: "/v1/balance_transactions" });
    expect(await prove()).toMatchObject({ findings: 0, stripe: { isStale: true } });
  });

  it("know what Stripe pays out to our bank, and what it charges for itself", async () => {
    const person = await newPerson();
    await pay(await order(person, 5_000));
    await stripe.deliver();
    const sample = stripesOwn().at(-1)!;
    const put = (id: string, type: "payout" | "stripe_fee" | "payout_failure", amount: number) =>
      stripe.world.state.put("balance_transaction", {
        ...sample,
        id,
        type,
        amount,
        fee: 0,
        net: amount,
        fee_details: [],
        source: null,
        created: sample.created + 5,
      });
    const bank = await account("bank");
    put("txn_payout", "payout", -3_000);
    put("txn_fee", "stripe_fee", -25);
    put("txn_back", "payout_failure", 1_000);
    passSeconds(3 * 3600);
    expect((await prove()).findings).toBe(0);
    expect((await account("bank")) - bank).toBe(2_000);
  });
});

describe("an operator", () => {
  interface Alerts {
    alerts: { id: string; title: string; rows: unknown[]; rowCount: number; acknowledged: { reason: string } | null }[];
  }
  const asOperator = async () => {
    const operator = await newPerson({ role: "operator" });
    return { ...operator, token: await freshToken(operator, "operator") };
  };

  it("sees a mismatch as an alert with its rows, once, and puts it away with a reason", async () => {
    const operator = await asOperator();
    const person = await newPerson({ tokens: 100 });
    // The test's own tokens were never bought at Stripe; they are the mismatch.
    passSeconds(3 * 3600);
    operator.token = await freshToken(operator, "operator");
    const run = () => call<{ report: { findings: number } }>("POST", "/v1/operator/books/check", operator.token);
    expect((await run()).body.report.findings).toBe(1);
    passSeconds(60);
    expect((await run()).body.report.findings).toBe(1);
    const open = () => call<Alerts>("GET", "/v1/operator/alerts", operator.token);
    const mine = (await open()).body.alerts.filter(({ rows }) => JSON.stringify(rows).includes("purchase:"));
    expect(mine).toMatchObject([
      {
        title: "Stripe clearing is Stripe's balance, day by day",
        rowCount: 1,
        rows: [{ expected: 0, found: 100 }],
        acknowledged: null,
      },
    ]);
    const put = (body: unknown, headers = {}) =>
      call<{ alert: Alerts["alerts"][0] }>(
        "POST",
        `/v1/operator/alerts/${mine[0]!.id}/acknowledge`,
        operator.token,
        body,
        headers,
      );
    expect((await put({ reason: " " })).status).toBe(400);
    const done = await put({ reason: "Tokens of a test." }, { "Idempotency-Key": "k1" });
    expect(done.body.alert.acknowledged).toMatchObject({ by: operator.userId, reason: "Tokens of a test." });
    expect((await put({ reason: "Tokens of a test." }, { "Idempotency-Key": "k1" })).body).toEqual(done.body);
    expect((await put({ reason: "Somebody else." })).body.alert.acknowledged!.reason).toBe("Tokens of a test.");
    // The finding is still a finding; the alert is not raised anew.
    expect((await run()).body.report.findings).toBe(1);
    expect((await open()).body.alerts.map(({ id }) => id)).not.toContain(mine[0]!.id);
    const { body } = await call<{ report: { findings: number; checks: object[] }; runs: { cause: string }[] }>(
      "GET",
      "/v1/operator/books",
      operator.token,
    );
    expect(body.report.findings).toBe(1);
    expect(body.runs.length).toBeGreaterThan(2);
    await expect(env.DB.prepare("DELETE FROM alerts").run()).rejects.toThrow("alert_immutable");
    expect(person.walletId).toBeTruthy();
  });

  it("is the only one who may look", async () => {
    const person = await newPerson();
    const token = await freshToken(person);
    for (const [method, path] of [
      ["GET", "/v1/operator/books"],
      ["POST", "/v1/operator/books/check"],
      ["GET", "/v1/operator/alerts"],
      ["POST", "/v1/operator/alerts/x/acknowledge"],
    ] as const)
      expect((await call(method, path, token, method === "POST" ? { reason: "because" } : undefined)).status).toBe(403);
  });
});
