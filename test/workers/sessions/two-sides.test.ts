// The two-sided meter through the real Worker: what agrees settles, what does not stays held until evidence, the person, an
// operator or time decides, and at every moment the books are sound.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dueForMeter } from "../../../domain/payments/meter-mirror.ts";
import { forgetSettings } from "../../../domain/settings/read-settings.ts";
import { verifyReceipts, type Jwks } from "../../../sdk/src/receipts/verify.ts";
import { runSchedule } from "../../../workers/cron/schedule.ts";
import {
  aPerson,
  anApp,
  balanceOf,
  booksAreSound,
  call,
  create,
  eventsOf,
  freshToken,
  passSeconds,
  started,
  sync,
  useVirtualClock,
  work,
  type Person,
  type Running,
  type TestApp,
} from "../../support/market.ts";
import { newPerson } from "../../support/people.ts";

beforeEach(() => useVirtualClock());
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

const HOUR = 3_600;
const perImage = () => anApp([{ meter: "image", price: { model: "per_unit", unit: "10" }, holdPerHour: 20 }]);
const cron = () => runSchedule(env, { cron: "* * * * *", scheduledTime: Date.now() } as unknown as ScheduledController);

interface SliceBody {
  slice: Record<string, unknown> & { status: string; dueAt: string };
  code: string;
}
const sliceOf = async (person: Person, id: string) =>
  call<SliceBody>("GET", `/v1/sessions/${id}/slice`, await freshToken(person));
const step = async (person: Person, id: string, what: "accept" | "contest", body?: unknown, key: string = what) =>
  call<SliceBody>("POST", `/v1/sessions/${id}/slice/${what}`, await freshToken(person), body, {
    "Idempotency-Key": `${what}-${id}-${key}`,
  });
const show = (app: TestApp, id: string, keys: string[]) =>
  call<SliceBody>("POST", `/v1/provider/slices/${id}/evidence`, app.key, {
    records: keys.map((idempotencyKey) => ({ idempotencyKey, detail: `picture ${idempotencyKey}` })),
  });

/** `reported` pictures by the server, `seen` by the page; each costs 10 tokens, 200 are held. */
async function ended(app: TestApp, person: Person, reported: number, seen: number | null): Promise<Running> {
  const session = await started(person, app);
  await work(session, 60);
  await call("POST", "/v1/provider/tokens/report", app.key, {
    events: Array.from({ length: reported }, (_, i) => ({
      sessionId: session.id,
      meter: "image",
      units: 1,
      idempotencyKey: `i${i}`,
    })),
  });
  await sync(session.token, { action: "complete", ...(seen !== null && { observed: { image: seen } }) });
  await sync(app.key, { action: "complete", sessionId: session.id, final: true });
  return session;
}

describe("both sides agree", () => {
  it("settles as reported inside the tolerance, without page figures, and where the page saw more", async () => {
    for (const seen of [10, null, 14]) {
      const [app, person] = [await perImage(), await aPerson(1_000)];
      const session = await ended(app, person, 10, seen);
      expect(await balanceOf(person)).toEqual({ available: 900, held: 0 });
      expect((await sliceOf(person, session.id)).status).toBe(404);
      const { body } = await call("GET", `/v1/providers/${app.id}/accuracy`, null);
      expect(body).toMatchObject({
        accuracy: seen === null ? { comparedFigures: 0, ratio: null } : { ratio: seen === 10 ? 1 : 0 },
      });
    }
  });

  it("compares only what was reported until the page's last word, when the app ends the session", async () => {
    const [app, person] = [await perImage(), await aPerson(1_000)];
    const session = await started(person, app);
    const report = (key: string) =>
      call("POST", "/v1/provider/tokens/report", app.key, {
        sessionId: session.id,
        meter: "image",
        units: 4,
        idempotencyKey: key,
      });
    await report("a");
    passSeconds(30);
    await sync(session.token, { action: "heartbeat", active: true, observed: { image: 4 } });
    passSeconds(10);
    await report("b");
    await sync(app.key, { action: "complete", sessionId: session.id, final: true });
    expect(await balanceOf(person)).toEqual({ available: 920, held: 0 });
  });

  it("takes a page's figures from the page alone, only upward, and only of meters the price knows", async () => {
    const [app, person] = [await perImage(), await aPerson(1_000)];
    const session = await started(person, app);
    await sync(session.token, { action: "heartbeat", active: true, observed: { image: "5.5", hour: 99, other: 1 } });
    await sync(app.key, { action: "pause", sessionId: session.id, observed: { image: 50 } });
    await sync(session.token, { action: "heartbeat", active: true, observed: { image: 2 } });
    expect((await sync(session.token, { action: "heartbeat", observed: { image: "x" } })).status).toBe(400);
    await sync(session.token, { action: "complete" });
    await sync(app.key, { action: "complete", sessionId: session.id, final: true });
    const row = await env.DB.prepare("SELECT comparisons FROM closings WHERE session_id = ?").bind(session.id).first();
    expect(JSON.parse(row!.comparisons as string)).toEqual([
      { meter: "image", reportedMicro: 0, observedMicro: 5_500_000, isWithin: 0 },
    ]);
  });
});

describe("a disputed slice", () => {
  it("settles what both agree on at once, and holds the rest until 72 h are over; then the lower figure stands", async () => {
    const [app, person] = [await perImage(), await aPerson(1_000)];
    const session = await ended(app, person, 10, 6);
    expect(await balanceOf(person)).toEqual({ available: 900, held: 40 });
    const { body } = await sliceOf(person, session.id);
    expect(body.slice).toMatchObject({
      status: "open",
      tokens: 40,
      meters: [{ meter: "image", countedUnits: "6", reportedUnits: "10" }],
    });
    const state = await call("GET", `/v1/sessions/${session.id}`, person.token);
    expect(state.body).toMatchObject({ session: { tokensConsumed: 60, tokensRefunded: 100 } });

    passSeconds(72 * HOUR - 1);
    await cron();
    expect((await balanceOf(person)).held).toBe(40);
    passSeconds(1);
    await cron();
    await cron();
    expect(await balanceOf(person)).toEqual({ available: 940, held: 0 });
    expect((await sliceOf(person, session.id)).body.slice).toMatchObject({ outcome: "no_evidence", chargedTokens: 0 });
    expect((await show(app, session.id, ["i9"])).body.code).toBe("slice_closed");
    const types = (await eventsOf(session.id)).map(({ type }) => type);
    expect(types.filter((type) => type.startsWith("usage."))).toEqual(["usage.disputed", "usage.resolved"]);
  });

  it("is charged as far as evidence shows it, when nobody contests it", async () => {
    const [app, person] = [await perImage(), await aPerson(1_000)];
    const session = await ended(app, person, 10, 6);
    expect((await show(app, session.id, ["i0", "nope"])).body).toMatchObject({
      code: "slice_evidence_invalid",
      unknownKeys: ["nope"],
    });
    // Six were charged already: six shown prove nothing more.
    expect((await show(app, session.id, ["i0", "i1", "i2", "i3", "i4", "i5"])).body.code).toBe(
      "slice_evidence_invalid",
    );
    const eight = ["i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i7"];
    const shown = await show(app, session.id, eight);
    expect([shown.status, shown.body.slice]).toMatchObject([200, { status: "shown", provenTokens: 20 }]);
    expect((await show(app, session.id, eight)).body.code).toBe("slice_closed");

    passSeconds(72 * HOUR);
    await cron();
    expect(await balanceOf(person)).toEqual({ available: 920, held: 0 });
    const earnings = await call("GET", `/v1/provider/earnings`, app.key);
    // 80 tokens in all, of which 20 % are the platform's; two rows of one session.
    expect(earnings.body).toMatchObject({ total: { sessions: 1, grossTokens: 80, feeTokens: 16, netTokens: 64 } });
    const payables = await env.DB.prepare("SELECT sum(amount_cents) AS cents FROM payables WHERE provider_id = ?")
      .bind(app.id)
      .first();
    expect(payables).toEqual({ cents: 64 });
  });

  it("is the person's to accept at once, once", async () => {
    const [app, person] = [await perImage(), await aPerson(1_000)];
    const session = await ended(app, person, 10, 6);
    const stranger = await aPerson(0);
    expect((await step(stranger, session.id, "accept")).status).toBe(404);
    expect((await step(person, session.id, "contest", { text: "no" })).body.code).toBe("slice_closed");
    const accepted = await step(person, session.id, "accept");
    expect(accepted.body.slice).toMatchObject({ outcome: "accepted", chargedTokens: 40, returnedTokens: 0 });
    const again = await step(person, session.id, "accept");
    expect([again.status, again.headers.get("Idempotency-Replayed")]).toEqual([200, "true"]);
    expect((await step(person, session.id, "accept", undefined, "other")).body.code).toBe("slice_closed");
    expect(await balanceOf(person)).toEqual({ available: 900, held: 0 });
  });

  it("is an operator's to decide when contested, within what is disputed, and time's when nobody does", async () => {
    const [app, person] = [await perImage(), await aPerson(1_000)];
    const [decided, forgotten] = [await ended(app, person, 10, 6), await ended(app, person, 10, 6)];
    const all = Array.from({ length: 10 }, (_, i) => `i${i}`);
    for (const { id } of [decided, forgotten]) {
      await show(app, id, all);
      expect((await step(person, id, "contest", { text: "I saw six." })).body.slice.status).toBe("contested");
    }
    const operator = async () => freshToken(await aPerson(), "operator");
    const decide = async (token: string, body: unknown) =>
      call<SliceBody>("POST", `/v1/operator/slices/${decided.id}/decide`, token, body);
    const waiting = await call<{ slices: { sessionId: string }[] }>("GET", "/v1/operator/slices", await operator());
    expect(waiting.body.slices.map(({ sessionId }) => sessionId)).toContain(decided.id);
    const reason = "Nine pictures reached the page.";
    expect((await decide(await freshToken(person), { decision: "person", reason })).status).toBe(403);
    expect((await decide(await operator(), { decision: "units", units: { image: "11" }, reason })).status).toBe(422);
    const answer = await decide(await operator(), { decision: "units", units: { image: "9" }, reason });
    expect(answer.body.slice).toMatchObject({ outcome: "decided", chargedTokens: 30, returnedTokens: 10, reason });
    expect((await decide(await operator(), { decision: "person", reason })).body.code).toBe("slice_closed");

    passSeconds(14 * 24 * HOUR);
    await cron();
    expect((await sliceOf(person, forgotten.id)).body.slice).toMatchObject({
      outcome: "not_decided",
      chargedTokens: 0,
    });
    expect(await balanceOf(person)).toEqual({ available: 1_000 - 90 - 60, held: 0 });
  });

  it("has a receipt before and one after it is decided, both links of the same genuine chain", async () => {
    const [app, person] = [await perImage(), await aPerson(1_000)];
    const session = await ended(app, person, 10, 6);
    const receiptOf = async () =>
      (
        await call<{ receipt: Record<string, unknown>; signed: string; replaced: string | null }>(
          "GET",
          `/v1/sessions/${session.id}/receipt`,
          await freshToken(person),
        )
      ).body;
    expect((await receiptOf()).receipt).toMatchObject({ tokensConsumed: 60, tokensDisputed: 40, tokensRefunded: 100 });
    await ended(app, person, 3, 3);
    await step(person, session.id, "accept");
    const { receipt, signed, replaced } = await receiptOf();
    expect(receipt).toMatchObject({
      number: 3,
      corrects: 1,
      tokensConsumed: 100,
      tokensDisputed: 0,
      platformFeeTokens: 20,
    });
    const list = await call<{ receipts: { signed: string; sessionId: string }[] }>(
      "GET",
      "/v1/receipts",
      await freshToken(person),
    );
    const texts = list.body.receipts.map((it) => it.signed);
    expect([texts[0], texts[2]]).toEqual([replaced, signed]);
    const keys = (await call<Jwks>("GET", "/.well-known/receipt-keys.json", null)).body;
    const checked = await verifyReceipts(texts.join("\n"), keys);
    expect(checked.receipts.map(({ problem }) => problem)).toEqual([null, null, null]);
    expect(checked.receipts[0]!.document!.tokens).toMatchObject({ used: 60, returned: 100, disputed: 40 });
    expect(checked.receipts[2]!.document).toMatchObject({ corrects: 1, tokens: { used: 100, returned: 100 } });
  });
});

describe("a slice that was charged later", () => {
  it("is in every report once: use, what-if, limits, alerts, the mirror and what the owner sees", async () => {
    const [app, person] = [await perImage(), await newPerson({ tokens: 1_000 })];
    await env.DB.batch([
      env.DB.prepare("UPDATE users SET stripe_customer_id = ?1 WHERE id = ?1").bind(person.userId),
      env.DB.prepare(
        "INSERT OR REPLACE INTO settings (key, value, updated_at, updated_by) VALUES ('meterMirror', 'true', 1, 'test')",
      ),
    ]);
    forgetSettings();
    const spending = async () =>
      (await call<{ rules: object[] }>("GET", "/v1/me/spending", await freshToken(person))).body.rules[0];
    await call("PUT", "/v1/me/spending", await freshToken(person), {
      rules: [{ providerId: null, period: "day", limitTokens: 140, alertTokens: 80 }],
      balanceAlerts: [],
    });
    // 200 would be held.
    expect((await create({ ...person, token: await freshToken(person) }, app)).body).toMatchObject({
      code: "spend_limit_reached",
    });
    await call("PUT", "/v1/me/spending", await freshToken(person), {
      rules: [{ providerId: null, period: "day", limitTokens: 240, alertTokens: 80 }],
      balanceAlerts: [],
    });
    const session = await ended(app, { ...person, token: await freshToken(person) }, 10, 6);
    expect(await spending()).toMatchObject({ spentTokens: 60, heldTokens: 40 });
    const told = async () =>
      (
        await env.DB.prepare("SELECT id, tokens FROM use_events WHERE id LIKE ?1 || '%' ORDER BY id")
          .bind(session.id)
          .all()
      ).results;
    await dueForMeter(env.DB, Date.now());
    expect(await told()).toEqual([{ id: session.id, tokens: 60 }]);

    // The next day the person accepts, and it counts toward that day.
    passSeconds(24 * HOUR);
    expect(await spending(), "held is held on any day").toMatchObject({ spentTokens: 0, heldTokens: 40 });
    expect((await create({ ...person, token: await freshToken(person) }, app)).status, "200 and 40 are 240").toBe(200);
    expect((await step(person, session.id, "accept")).status).toBe(200);
    expect(await spending()).toMatchObject({ spentTokens: 40, heldTokens: 200 });
    passSeconds(600);
    await cron();
    await dueForMeter(env.DB, Date.now());
    await dueForMeter(env.DB, Date.now());
    expect(await told()).toEqual([
      { id: session.id, tokens: 60 },
      { id: `${session.id}:slice`, tokens: 40 },
    ]);
    // 60 on one day and 40 on the next: neither day came to 80.
    const alerts = await env.DB.prepare(
      "SELECT count(*) AS n FROM notifications WHERE user_id = ? AND kind = 'spending_alert'",
    )
      .bind(person.userId)
      .first();
    expect(alerts).toEqual({ n: 0 });

    const token = await freshToken(person);
    const { body: usage } = await call("GET", "/v1/tokens/usage?groupBy=app", token);
    expect(usage).toMatchObject({ total: { tokens: 100, feeTokens: 20, includedTokens: 0 } });
    const { body: same } = await call("POST", "/v1/tokens/usage/what-if", token, {
      providerId: app.id,
      otherProviderId: app.id,
    });
    expect(same).toMatchObject({ actual: { tokens: 100, feeTokens: 20 }, whatIf: { tokens: 100, feeTokens: 20 } });
    const owner = await freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });
    const { body: seen } = await call<{ total: object }>("GET", `/v1/provider/apps/${app.id}/analytics`, owner);
    expect(JSON.stringify(seen)).toContain('"grossTokens":100');
  });

  it("that is half decided is replayed as it was decided, not as it was reported", async () => {
    const [app, person] = [await perImage(), await aPerson(1_000)];
    const session = await ended(app, person, 10, 6);
    await show(
      app,
      session.id,
      Array.from({ length: 8 }, (_, i) => `i${i}`),
    );
    passSeconds(80 * HOUR);
    await cron();
    const { body } = await call("POST", "/v1/tokens/usage/what-if", await freshToken(person), {
      providerId: app.id,
      otherProviderId: app.id,
    });
    expect(body).toMatchObject({ actual: { tokens: 80, feeTokens: 16 }, whatIf: { tokens: 80, feeTokens: 16 } });
  });

  it("carries spending over a mark, and tells so once", async () => {
    const [app, person] = [await perImage(), await newPerson({ tokens: 1_000 })];
    await call("PUT", "/v1/me/spending", await freshToken(person), {
      rules: [{ providerId: null, period: "month", limitTokens: null, alertTokens: 80 }],
      balanceAlerts: [],
    });
    const session = await ended(app, { ...person, token: await freshToken(person) }, 10, 6);
    await step(person, session.id, "accept");
    const { results } = await env.DB.prepare(
      "SELECT data FROM notifications WHERE user_id = ? AND kind = 'spending_alert'",
    )
      .bind(person.userId)
      .all<{ data: string }>();
    expect(results.map(({ data }) => JSON.parse(data) as object)).toMatchObject([
      { alertTokens: 80, spentTokens: 100 },
    ]);
  });
});
