// Earnings, payouts, statements and revenue as owners and operators meet them over HTTP.

import { env, SELF } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { sendDuePayouts } from "../../domain/payouts/run-payouts.ts";
import { verifyEvent } from "../../domain/gateways/stripe-hints.ts";
import { stripeClient } from "../../domain/gateways/stripe.ts";
import { issueStatement } from "../../domain/ledger/store.ts";
import {
  API,
  anApp,
  aPerson,
  booksAreSound,
  call,
  freshToken,
  started,
  work,
  useVirtualClock,
} from "../support/market.ts";
import { DAY, earn, takeBack } from "../support/payouts.ts";
import { newPerson } from "../support/people.ts";
import { signatureHeader } from "../stripe-standin/webhooks.ts";
import { installStripe } from "../support/stripe.ts";

installStripe();
useVirtualClock(Date.UTC(2030, 4, 20, 12));
const NOW = Date.now();

interface Earnings {
  total: object;
  running: { sessionId: string; grossTokens: number; netTokens: number; heldTokens: number }[];
  sessions: (Record<string, unknown> & { sessionId: string })[];
  nextCursor: string | null;
}
interface Balance {
  account: { status: string };
  payableCents: number;
  onHoldCents: number;
  next: { at: string; amountCents: number };
}
interface PayoutBody {
  payout: { id: string; status: string; amountCents: number };
}
const ownerOf = (app: { ownerUserId: string }) => freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });
const text = async (path: string, token: string): Promise<string> =>
  // The byte-order mark is dropped by text(), as every decoder does.
  (await SELF.fetch(`${API}${path}`, { headers: { Authorization: `Bearer ${token}` } })).text();

/** An app that went live before its first session of these tests. */
async function anOldApp() {
  const app = await anApp();
  return { ...app, owner: await ownerOf(app), query: `providerId=${app.id}` };
}

describe("earnings", () => {
  it("are told per session and summed: gross, fee, net and where the money is, with what runs now", async () => {
    const app = await anOldApp();
    const later = NOW + 20 * DAY;
    const early = await earn(app, 501, NOW + DAY);
    const mine = await earn(app, 100, NOW + 2 * DAY, false);
    const reversed = await earn(app, 1_000, later - DAY);
    await takeBack(reversed, 250, later - DAY);
    useVirtualClock(later);
    const owner = await ownerOf(app);
    const running = await started(await aPerson(1_000), app, 60);
    await work(running, 600);
    const { body } = await call<Earnings>("GET", `/v1/provider/earnings?${app.query}&limit=2`, owner);
    expect(body.total).toEqual({
      sessions: 3,
      grossTokens: 1_351,
      feeTokens: 270,
      netTokens: 1_081,
      reversedTokens: 250,
      sessionCents: 1_081,
      plans: { payments: 0, grossCents: 0, feeCents: 0, netCents: 0, reversedCents: 0 },
      grossCents: 1_351,
      feeCents: 270,
      netCents: 1_081,
      unpayableCents: 80,
    });
    expect(body.sessions).toMatchObject([
      { sessionId: reversed, grossTokens: 750, feeTokens: 150, netTokens: 600, reversedTokens: 250, state: "on_hold" },
      { sessionId: mine, grossTokens: 100, feeTokens: 20, netTokens: 80, state: "unpayable" },
    ]);
    expect(body.running).toMatchObject([{ sessionId: running.id, heldTokens: 500, grossTokens: 84, netTokens: 68 }]);
    const page = `/v1/provider/earnings?${app.query}&limit=2&cursor=${body.nextCursor}`;
    const { body: rest } = await call<Earnings>("GET", page, app.key);
    expect(rest).toMatchObject({ running: [], nextCursor: null });
    expect(rest.sessions).toMatchObject([
      { sessionId: early, grossTokens: 501, feeTokens: 100, netTokens: 401, state: "payable", payoutId: null },
    ]);
  });

  it("are for their owner and the app's live key only", async () => {
    const app = await anOldApp();
    const stranger = await newPerson();
    for (const path of ["earnings", "payouts", "payouts/balance", "statements/2030-05"]) {
      const url = `/v1/provider/${path}?${app.query}`;
      expect((await call("GET", url, stranger.token)).status, path).toBe(404);
      expect((await call("GET", url, app.testKey)).status, path).toBe(403);
      expect((await SELF.fetch(`${API}${url}`)).status, path).toBe(401);
    }
    for (const path of ["payouts", "payouts/onboarding"])
      expect((await call("POST", `/v1/provider/${path}`, app.key, { providerId: app.id })).status, path).toBe(401);
    const foreign = await call("POST", "/v1/provider/payouts", stranger.token, { providerId: app.id });
    expect(foreign).toMatchObject({ status: 404, body: { code: "provider_not_found" } });
  });
});

describe("a payout", () => {
  it("is asked for after onboarding, sent at once, and told line by line", async () => {
    const app = await anOldApp();
    const first = await earn(app, 2_000, NOW + 21 * DAY);
    const second = await earn(app, 500, NOW + 22 * DAY);
    useVirtualClock(NOW + 40 * DAY);
    const owner = await ownerOf(app);
    const refused = await call("POST", "/v1/provider/payouts", owner, { providerId: app.id });
    expect(refused).toMatchObject({ status: 422, body: { code: "payouts_not_ready", accountStatus: "none" } });

    const onboarding = "/v1/provider/payouts/onboarding";
    const { body: link } = await call<{ url: string }>("POST", onboarding, owner, { country: "US" });
    const accountStatus = async () =>
      (await call<Balance>("GET", `/v1/provider/payouts/balance?${app.query}`, owner)).body.account.status;
    expect(await accountStatus()).toBe("onboarding");
    const finished = await fetch(link.url, { method: "POST", body: new URLSearchParams({ action: "finish" }) });
    expect(finished.headers.get("location")).toBe(`${env.WEB_ORIGIN}/provider/earnings?onboarding=done`);
    // No event came; whoever looks finds out.
    expect(await accountStatus()).toBe("ready");

    const wish = { providerId: app.id };
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const asked = await call<PayoutBody>("POST", "/v1/provider/payouts", owner, wish, key);
    expect(asked).toMatchObject({ status: 202, body: { payout: { status: "pending", amountCents: 2_000 } } });
    const again = await call<PayoutBody>("POST", "/v1/provider/payouts", owner, wish, key);
    expect(again.body).toEqual(asked.body);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    await sendDuePayouts(env, Date.now() + 10 * 60_000);

    const path = `/v1/provider/payouts/${asked.body.payout.id}`;
    const { body } = await call<PayoutBody & { lines: unknown[] }>("GET", `${path}?${app.query}`, owner);
    expect(body.payout).toMatchObject({ status: "paid", amountCents: 2_000 });
    expect(body.lines).toMatchObject([
      { sessionId: first, grossTokens: 2_000, feeTokens: 400, netTokens: 1_600, amountCents: 1_600 },
      { sessionId: second, grossTokens: 500, feeTokens: 100, netTokens: 400, amountCents: 400 },
    ]);
    const other = await anOldApp();
    expect((await call("GET", `${path}?${other.query}`, await ownerOf(other))).status).toBe(404);

    const csv = await text(`${path}/statement?${app.query}`, owner);
    expect(
      csv
        .trim()
        .split("\r\n")
        .slice(1)
        .map((line) => line.split(",").slice(1).join(",")),
    ).toEqual([
      `settlement,settle:${first},${first},2000,400,1600,1600,usd`,
      `settlement,settle:${second},${second},500,100,400,400,usd`,
      expect.stringMatching(/^payout paid,tr_\w+,,,,,2000,usd$/),
    ]);
    await booksAreSound();
  });
});

describe("a month's statement", () => {
  it("begins and ends with the balance, and every row says what it is after it", async () => {
    const app = await anOldApp();
    await earn(app, 1_000, Date.UTC(2030, 7, 31, 23, 59));
    const session = await earn(app, 500, Date.UTC(2030, 8, 1));
    await takeBack(session, 500, Date.UTC(2030, 8, 30, 23));
    await earn(app, 700, Date.UTC(2030, 9, 1));
    const csv = await text(`/v1/provider/statements/2030-09?${app.query}`, app.key);
    expect(
      csv
        .trim()
        .split("\r\n")
        .map((line) => line.split(",").filter((_, i) => i !== 2 && i !== 3)),
    ).toEqual([
      ["date", "type", "gross_tokens", "fee_tokens", "net_tokens", "amount_cents", "balance_cents", "currency"],
      ["2030-09-01T00:00:00.000Z", "opening balance", "", "", "", "", "800", "usd"],
      ["2030-09-01T00:00:00.000Z", "settlement", "500", "100", "400", "400", "1200", "usd"],
      ["2030-09-30T23:00:00.000Z", "reversal", "-500", "-100", "-400", "-400", "800", "usd"],
      ["2030-10-01T00:00:00.000Z", "closing balance", "", "", "", "", "800", "usd"],
    ]);
  });
});

describe("revenue", () => {
  it("by day and by app is what the ledger holds, gifts and discounts taken off", async () => {
    const app = await anApp();
    const bundled = await aPerson();
    const bundle = { kind: "paid", source: "bundle", tokens: 500, paidCents: 450, at: Date.now() } as const;
    const lot = { id: "test:bundle", lotId: "bundle", walletId: bundled.walletId };
    await issueStatement(env.DB, { ...lot, ...bundle }).run();
    for (const person of [bundled, await aPerson(500, "promo")]) {
      const session = await started(person, app, 60);
      await work(session, 600);
      await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person));
    }
    const operator = await newPerson({ role: "operator" });
    const range = "from=2030-01-01&to=2031-01-01";
    const answers = await Promise.all(
      ["day", "app"].map((by) =>
        call<{ groups: { grossCents: number }[]; total: Record<string, number> }>(
          "GET",
          `/v1/operator/revenue?by=${by}&${range}`,
          operator.token,
        ),
      ),
    );
    const balance = async (id: string) =>
      (await env.DB.prepare("SELECT abs(credits - debits) AS n FROM accounts WHERE id = ?")
        .bind(id)
        .first<{ n: number }>())!.n;
    expect(answers[0]!.body.total).toEqual(answers[1]!.body.total);
    expect(answers[0]!.body.groups.length).toBeGreaterThan(3);
    const { total } = answers[0]!.body;
    expect(total).toMatchObject({ promoCents: 84, discountCents: 9 });
    expect(total.feeCents).toBe(await balance("revenue_fee"));
    expect(total.promoCents).toBe(await balance("promo_expense"));
    expect(total.discountCents).toBe(await balance("discounts"));
    expect(total.grossCents).toBe(total.feeCents! + total.shareCents!);
    expect(total.netCents).toBe(total.feeCents! - total.promoCents! - total.discountCents!);
    const csv = await text(`/v1/operator/revenue?by=app&format=csv&${range}`, operator.token);
    expect(csv.split("\r\n")[0]).toContain("app,name,sessions,gross_cents,fee_cents");
    const person = await newPerson();
    expect((await call("GET", `/v1/operator/revenue?${range}`, person.token)).status).toBe(403);
    expect((await call("GET", "/v1/operator/payouts", person.token)).status).toBe(403);
    const { body } = await call<{ payouts: unknown[] }>("GET", "/v1/operator/payouts", operator.token);
    expect(body.payouts).toHaveLength(1);
  });
});

describe("events of connected accounts", () => {
  it("come from an endpoint of their own, with its secret, and nobody else's is believed", async () => {
    const body = JSON.stringify({
      id: "evt_1",
      object: "event",
      type: "account.updated",
      data: { object: { id: "acct_1" } },
    });
    const signed = (secret: string) => signatureHeader(body, secret, Math.floor(Date.now() / 1000));
    const verify = async (secret: string) =>
      verifyEvent(await stripeClient(env), ["whsec_ours", "whsec_connect"], body, await signed(secret), Date.now());
    expect(await verify("whsec_connect")).toMatchObject({ type: "account.updated", objectId: "acct_1" });
    expect(await verify("whsec_ours")).toMatchObject({ id: "evt_1" });
    await expect(verify("whsec_other")).rejects.toMatchObject({ code: "signature_invalid" });
  });
});
