import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  aPerson,
  anApp,
  balanceOf,
  booksAreSound,
  call,
  create,
  eventsOf,
  launchTokenOf,
  passSeconds,
  ring,
  started,
  sync,
  useVirtualClock,
  work,
  type TestApp,
} from "../../support/market.ts";
import { newId } from "../../../domain/ids.ts";
import { arrive, leave } from "../../../domain/live/store.ts";
import type { PriceComponent } from "../../../domain/pricing/components.ts";
import { commitTogether } from "../../../domain/sessions/commit-together.ts";
import type { ReportVerdict } from "../../../domain/sessions/report-store.ts";

beforeEach(() => useVirtualClock());
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

const byToken = (holdPerHour: number): PriceComponent[] => [
  { meter: "token", price: { model: "dynamic" }, holdPerHour },
];
const hourPlusScene: PriceComponent[] = [
  { meter: "hour", price: { model: "per_unit", unit: "300" } },
  { meter: "scene", price: { model: "per_unit", unit: "2.5" }, holdPerHour: 40 },
];

interface Results {
  results: { status: string; idempotencyKey?: string; remainingUnits?: string; message?: string }[];
  detail?: string;
}
const report = (app: TestApp, body: unknown) => call<Results>("POST", "/v1/provider/tokens/report", app.key, body);
const one = (sessionId: string, key: string, more: Record<string, unknown>) => ({
  sessionId,
  idempotencyKey: key,
  ...more,
});

describe("one record", () => {
  it("is accepted once, a duplicate ever after, and a conflict with another amount", async () => {
    const app = await anApp(byToken(100));
    const session = await started(await aPerson(1_000), app);
    const first = await report(app, one(session.id, "a", { amount: 7 }));
    expect([first.status, first.body.results[0]]).toMatchObject([200, { status: "accepted", remainingUnits: "93" }]);
    const again = await report(app, one(session.id, "a", { amount: 7 }));
    expect([again.status, again.body.results[0]!.status]).toEqual([200, "duplicate"]);
    const other = await report(app, one(session.id, "a", { amount: 8 }));
    expect([other.status, other.body]).toMatchObject([409, { code: "report_conflict" }]);
  });

  it("that does not fit is refused whole and charges nothing; a smaller one still fits", async () => {
    const person = await aPerson(1_000);
    const app = await anApp(byToken(100));
    const session = await started(person, app);
    await report(app, one(session.id, "a", { amount: 60 }));
    const tooMuch = await report(app, one(session.id, "b", { amount: 41 }));
    expect([tooMuch.status, tooMuch.body]).toMatchObject([402, { code: "tokens_depleted" }]);
    expect((await report(app, one(session.id, "c", { amount: 40 }))).status).toBe(200);
    const { body } = await sync(app.key, { action: "complete", sessionId: session.id, final: true });
    expect(body).toMatchObject({ session: { tokensConsumed: 100, tokensRefunded: 0 }, balance: 900 });
  });

  it("is charged with the time, each part within its own hold, rounded up once", async () => {
    const person = await aPerson(5_000);
    const app = await anApp(hourPlusScene);
    const session = await started(person, app, 60);
    expect(session.allocated).toBe(400);
    await work(session, 100);
    for (let i = 0; i < 3; i++) await report(app, one(session.id, `scene-${i}`, { meter: "scene", units: 1 }));
    const { body } = await sync(app.key, { action: "complete", sessionId: session.id, final: true });
    // 100 s of 300 an hour = 8.333..., three scenes at 2.5 = 7.5; 15.8333... rounded up once.
    expect(body).toMatchObject({ session: { tokensConsumed: 16, tokensRefunded: 384 }, balance: 4_984 });
  });

  it.each([
    ["no amount", {}],
    ["both", { amount: 1, units: 1, meter: "scene" }],
    ["half a token", { amount: 1.5 }],
    ["nothing", { amount: 0 }],
    ["less than nothing", { amount: -1 }],
    ["seven decimals", { units: "0.0000001", meter: "scene" }],
    ["a time that is none", { amount: 1, at: "yesterday" }],
  ])("with %s is invalid", async (_name, more) => {
    const app = await anApp(byToken(100));
    const session = await started(await aPerson(1_000), app);
    const { status, body } = await report(app, one(session.id, "x", more));
    expect([status, body]).toMatchObject([400, { code: "invalid_request" }]);
  });

  it("without a matching meter is kept as evidence and costs nothing", async () => {
    const person = await aPerson(1_000);
    const app = await anApp(500);
    const session = await started(person, app);
    const { body } = await report(app, one(session.id, "e", { meter: "page_views", units: 12 }));
    // A misspelt meter must not look like one that is paid for.
    expect(body.results[0]).toMatchObject({
      status: "accepted",
      message: expect.stringMatching(/no reported meter "page_views".*nobody pays/) as string,
    });
    expect(body.results[0]).not.toHaveProperty("remainingUnits");
    const done = await call<{ session: { tokensConsumed: number; settlement: string } }>(
      "POST",
      `/v1/sessions/${session.id}/complete`,
      person.token,
    );
    expect(done.body.session).toMatchObject({ tokensConsumed: 0, settlement: "settled" });
  });
});

describe("when a record may come", () => {
  it("is from the start, never while pending, also while paused, until 15 s after the end", async () => {
    const person = await aPerson(1_000);
    const app = await anApp(byToken(100));
    const created = await create(person, app);
    const { id, redirectUrl } = created.body.session;
    const early = (await report(app, one(id, "early", { amount: 1 }))).body;
    expect(early).toMatchObject({ code: "session_closed" });
    expect(early.detail).toMatch(/^Nobody has opened the app/);
    passSeconds(5);
    await sync(launchTokenOf(redirectUrl), { action: "start", nonce: "nonce-when" });
    const before = new Date(Date.now() - 1).toISOString();
    expect((await report(app, one(id, "before", { amount: 1, at: before }))).body).toMatchObject({
      code: "session_closed",
      detail: expect.stringMatching(/before the start/) as string,
    });
    await call("POST", `/v1/sessions/${id}/pause`, person.token);
    expect((await report(app, one(id, "paused", { amount: 1 }))).status).toBe(200);
    const ended = await call<{ session: { settlement: string; status: string } }>(
      "POST",
      `/v1/sessions/${id}/complete`,
      person.token,
    );
    expect(ended.body.session).toMatchObject({ status: "completed", settlement: "pending" });
    const at = new Date(Date.now()).toISOString();
    passSeconds(10);
    expect((await report(app, one(id, "late", { amount: 2, at }))).status).toBe(200);
    expect((await report(app, one(id, "after", { amount: 2 }))).body.detail).toMatch(/^This session is over/);
    passSeconds(6);
    await ring(id);
    expect((await report(app, one(id, "too-late", { amount: 2, at }))).body).toMatchObject({ code: "session_closed" });
    expect(await balanceOf(person)).toEqual({ available: 997, held: 0 });
  });

  it("more than six hours old is too late", async () => {
    const app = await anApp(byToken(100));
    const session = await started(await aPerson(1_000), app, 180);
    const at = new Date(Date.now()).toISOString();
    for (let hour = 0; hour < 19; hour++) {
      passSeconds(1_170);
      await sync(session.token, { action: "heartbeat", active: true });
    }
    const { status, body } = await report(app, one(session.id, "old", { amount: 1, at }));
    expect([status, body]).toMatchObject([422, { code: "report_too_late" }]);
  });
});

describe("a batch", () => {
  it("answers every record by itself, in order, and tells each session's provider once", async () => {
    const person = await aPerson(10_000);
    const app = await anApp(byToken(100));
    const [first, second] = [await started(person, app), await started(person, app)];
    const { status, body } = await report(app, {
      events: [
        one(first.id, "1", { amount: 10 }),
        one(second.id, "1", { amount: 20 }),
        one(first.id, "1", { amount: 10 }),
        one(first.id, "1", { amount: 11 }),
        one(first.id, "2", { amount: 91 }),
        one("not-an-id", "3", { amount: 1 }),
        { idempotencyKey: 5 },
        one(first.id, "4", { amount: 90 }),
      ],
    });
    expect(status).toBe(200);
    expect(body.results.map((result) => result.status)).toEqual([
      "accepted",
      "accepted",
      "duplicate",
      "conflict",
      "tokens_depleted",
      "invalid",
      "invalid",
      "accepted",
    ]);
    const consumed = (await eventsOf(first.id)).filter(({ type }) => type === "tokens.consumed");
    expect(consumed).toHaveLength(1);
    expect(consumed[0]!.data.records).toMatchObject([
      { idempotencyKey: "1", units: 10 },
      { idempotencyKey: "4", units: 90 },
    ]);
  });

  it("of more than 100 is refused", async () => {
    const app = await anApp(byToken(100));
    const session = await started(await aPerson(1_000), app);
    const { status } = await report(app, {
      events: Array.from({ length: 101 }, (_, i) => one(session.id, `k${i}`, { amount: 1 })),
    });
    expect(status).toBe(400);
  });

  it("sent ten times at once is charged once", async () => {
    const person = await aPerson(1_000);
    const app = await anApp(byToken(100));
    const session = await started(person, app);
    const events = Array.from({ length: 20 }, (_, i) => one(session.id, `r${i}`, { amount: 3 }));
    const answers = await Promise.all(Array.from({ length: 10 }, () => report(app, { events })));
    const accepted = answers.flatMap(({ body }) => body.results).filter(({ status }) => status === "accepted");
    expect(accepted).toHaveLength(20);
    await sync(app.key, { action: "complete", sessionId: session.id, final: true });
    expect(await balanceOf(person)).toEqual({ available: 940, held: 0 });
  });
});

describe("running out", () => {
  it("ends a session that only units pay for, after a moment to extend, as tokens_depleted", async () => {
    const person = await aPerson(1_000);
    const app = await anApp(byToken(100));
    const session = await started(person, app);
    await report(app, one(session.id, "all", { amount: 100 }));
    await report(app, one(session.id, "more", { amount: 1 }));
    await vi.waitFor(async () =>
      expect((await eventsOf(session.id)).map(({ type }) => type)).toContain("tokens.depleted"),
    );
    await vi.waitFor(async () => {
      passSeconds(16);
      await ring(session.id);
      expect(
        (await env.DB.prepare("SELECT end_reason FROM sessions WHERE id = ?")
          .bind(session.id)
          .first<{ end_reason: string }>())!.end_reason,
      ).toBe("tokens_depleted");
    });
    passSeconds(16);
    await ring(session.id);
    expect(await balanceOf(person)).toEqual({ available: 900, held: 0 });
  });

  it("leaves the time running where time is paid for too", async () => {
    const app = await anApp(hourPlusScene);
    const session = await started(await aPerson(5_000), app, 60);
    expect((await report(app, one(session.id, "all", { meter: "scene", units: 41 }))).status).toBe(402);
    passSeconds(20);
    const { body } = await sync(session.token, { action: "heartbeat", active: true });
    expect(body.session.status).toBe("active");
  });
});

describe("a sandbox session", () => {
  it("moves no money and is out of reach of live keys", async () => {
    const app = await anApp(byToken(100));
    const made = await call<{ session: { id: string; redirectUrl: string } }>(
      "POST",
      "/v1/provider/sandbox/sessions",
      app.testKey,
      { durationMinutes: 30 },
    );
    expect(made.status).toBe(200);
    const { id, redirectUrl } = made.body.session;
    await sync(launchTokenOf(redirectUrl), { action: "start", nonce: "nonce-sandbox" });
    const live = (await report(app, one(id, "live", { amount: 1 }))).body;
    expect(live).toMatchObject({ code: "session_closed" });
    expect(live.detail).toContain("test key (mk_test_...)");
    const tested = await call<Results>(
      "POST",
      "/v1/provider/tokens/report",
      app.testKey,
      one(id, "test", { amount: 5 }),
    );
    expect(tested.body.results[0]!.status).toBe("accepted");
    expect((await sync(app.key, { action: "complete", sessionId: id })).status).toBe(404);
    const { body } = await sync(app.testKey, { action: "complete", sessionId: id, final: true });
    expect(body.session).toMatchObject({ status: "completed", tokensConsumed: 5 });
    expect(await env.DB.prepare("SELECT count(*) AS n FROM settlements WHERE session_id = ?").bind(id).first()).toEqual(
      { n: 0 },
    );
  });

  it("is not made with a live key", async () => {
    const app = await anApp(500);
    expect((await call("POST", "/v1/provider/sandbox/sessions", app.key, {})).status).toBe(403);
  });
});

describe("the event of a report", () => {
  it("waits for delivery only where an endpoint or an open page could hear of it", async () => {
    const person = await aPerson(1_000);
    const app = await anApp(byToken(100));
    const { id: sessionId } = await started(person, app);
    const reported = async (key: string) => {
      const operation = { position: 0, sessionId, key, meter: "token", unitsMicro: 1_000_000, late: false };
      const sender = { providerId: app.id, mode: "live" as const, requestId: newId(Date.now()), now: Date.now() };
      const operations = [{ ...operation, occurredAt: Date.now(), eventId: newId(Date.now()) }];
      const [verdicts] = await commitTogether(env.DB, [{ kind: "report", operation: { ...sender, operations } }]);
      return (verdicts as ReportVerdict[]).map(({ verdict, isHeard }) => [verdict, isHeard]);
    };
    expect(await reported("nobody")).toEqual([["accepted", 0]]);
    await arrive(env.DB, person.userId, Date.now());
    expect(await reported("a page")).toEqual([["accepted", 1]]);
    await leave(env.DB, person.userId);
    const hook = { url: "https://receiver.example.com/hook", events: ["tokens.consumed"] };
    expect((await call("POST", "/v1/provider/webhooks", app.key, hook)).status).toBe(201);
    expect(await reported("an endpoint")).toEqual([["accepted", 1]]);
    // All the same, every event is kept, in its session's order.
    expect((await eventsOf(sessionId)).filter(({ type }) => type === "tokens.consumed")).toHaveLength(3);
  });
});
