// What happens when something fails between two writes: D1 gone at the settlement, the object gone after D1 committed, the
// alarm that never came.

import { createScheduledController, env, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import worker from "../../../workers/index.ts";
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
} from "../../support/market.ts";

beforeEach(() => useVirtualClock());
afterEach(async () => {
  vi.restoreAllMocks();
  await booksAreSound();
  vi.useRealTimers();
});

const everyMinute = () =>
  worker.scheduled!(createScheduledController({ cron: "* * * * *", scheduledTime: new Date(Date.now()) }), env);
const objectOf = (sessionId: string) => env.SESSIONS.getByName(sessionId);

describe("a session survives", () => {
  it("D1 failing at the settlement: the answer says pending and the alarm settles", async () => {
    const person = await aPerson(1_000);
    const app = await anApp(500);
    const session = await started(person, app);
    await work(session, 360);
    const batch = vi
      .spyOn(Object.getPrototypeOf(env.DB) as D1Database, "batch")
      .mockRejectedValue(new Error("D1_ERROR: overloaded"));
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { status, body } = await sync(session.token, { action: "complete" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ session: { status: "completed", settlement: "pending", tokensConsumed: 50 } });
    expect(await balanceOf(person)).toEqual({ available: 500, held: 500 });
    batch.mockRestore();
    passSeconds(5);
    await ring(session.id);
    expect(await balanceOf(person)).toEqual({ available: 950, held: 0 });
  });

  it("losing its memory between any two beats", async () => {
    const person = await aPerson(1_000);
    const session = await started(person, await anApp(500));
    for (let i = 0; i < 12; i++) {
      await work(session, 30);
      await evictDurableObject(objectOf(session.id));
    }
    const { body } = await sync(session.token, { action: "complete" });
    expect(body).toMatchObject({ session: { activeSeconds: 360, tokensConsumed: 50 }, balance: 950 });
  });

  it("an object that lost everything after D1 had started it: it adopts the session, last seen at its start", async () => {
    const person = await aPerson(1_000);
    const session = await started(person, await anApp(500));
    await work(session, 360);
    await runInDurableObject(objectOf(session.id), async (_object, state) => state.storage.deleteAll());
    await evictDurableObject(objectOf(session.id));
    const { body } = await call<{ session: { status: string; activeSeconds: number } }>(
      "GET",
      `/v1/sessions/${session.id}`,
      person.token,
    );
    expect(body.session).toMatchObject({ status: "paused", activeSeconds: 0 });
    await call("POST", `/v1/sessions/${session.id}/complete`, person.token);
    expect(await balanceOf(person)).toEqual({ available: 1_000, held: 0 });
  });

  it("a start whose answer was lost: the same nonce starts once and is answered", async () => {
    const person = await aPerson(1_000);
    const created = await create(person, await anApp(500));
    const { id, redirectUrl } = created.body.session;
    const launchToken = launchTokenOf(redirectUrl);
    await sync(launchToken, { action: "start", nonce: "nonce-lost" });
    await evictDurableObject(objectOf(id));
    const again = await sync(launchToken, { action: "start", nonce: "nonce-lost" });
    expect(again.status).toBe(200);
    expect((await eventsOf(id)).filter(({ type }) => type === "session.started")).toHaveLength(1);
  });

  it.each(["nobody looks", "the person looks"])(
    "a start that nobody was told of, and %s: whoever asks next has it, and nobody after them",
    async (meanwhile) => {
      const person = await aPerson(1_000);
      const { id, redirectUrl } = (await create(person, await anApp(500))).body.session;
      const launchToken = launchTokenOf(redirectUrl);
      await sync(launchToken, { action: "start", nonce: "nonce-untold" });
      // Gone between D1's commit and its own, which every answer waits for.
      await runInDurableObject(objectOf(id), async (_object, state) => state.storage.deleteAll());
      await evictDurableObject(objectOf(id));
      if (meanwhile === "the person looks") await call("GET", `/v1/sessions/${id}`, person.token);
      const starts = await Promise.all(
        ["nonce-next", "nonce-late"].map((nonce) => sync(launchToken, { action: "start", nonce })),
      );
      expect(starts.map(({ status }) => status).sort()).toEqual([200, 409]);
      expect((await eventsOf(id)).filter(({ type }) => type === "session.started")).toHaveLength(1);
    },
  );

  it("an extension whose answer was lost: what is held for it is run, whoever asks next", async () => {
    const person = await aPerson(1_000);
    const session = await started(person, await anApp(600), 5);
    await work(session, 240);
    const database = Object.getPrototypeOf(env.DB) as D1Database;
    const commit = database.batch;
    vi.spyOn(database, "batch").mockImplementationOnce(async function (this: D1Database, statements) {
      await commit.call(this, statements);
      throw new Error("D1_ERROR: connection lost");
    });
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const ask = () =>
      call("POST", `/v1/sessions/${session.id}/extend`, person.token, { minutes: 5 }, { "Idempotency-Key": "longer" });
    const answers = [await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toContain(200);
    await evictDurableObject(objectOf(session.id));
    await work(session, 300);
    const { body } = await sync(session.token, { action: "complete" });
    expect(body).toMatchObject({ session: { activeSeconds: 540, tokensConsumed: 90 }, balance: 910 });
  });

  it("an object that kept its intervals and its outbox in tables of their own, as they once did", async () => {
    const person = await aPerson(1_000);
    const session = await started(person, await anApp(500));
    await work(session, 360);
    await call("POST", `/v1/sessions/${session.id}/pause`, person.token);
    await runInDurableObject(objectOf(session.id), (_object, { storage: { sql } }) => {
      sql.exec("CREATE TABLE intervals (seq INTEGER PRIMARY KEY, interval TEXT NOT NULL)");
      sql.exec("CREATE TABLE outbox (id TEXT PRIMARY KEY, event TEXT NOT NULL)");
      sql.exec("INSERT INTO intervals (interval) SELECT value FROM record, json_each(facts, '$.intervals')");
      sql.exec("UPDATE record SET facts = json_remove(facts, '$.intervals', '$.queued')");
    });
    await evictDurableObject(objectOf(session.id));
    passSeconds(60);
    await call("POST", `/v1/sessions/${session.id}/complete`, person.token);
    expect(await balanceOf(person)).toEqual({ available: 950, held: 0 });
    const row = await env.DB.prepare("SELECT intervals FROM closings WHERE session_id = ?").bind(session.id).first();
    expect(JSON.parse(row!.intervals as string)).toMatchObject([{ kind: "active" }, { kind: "paused", cause: "user" }]);
  });

  it("its settlement only until its next alarm, and is then answered from the books alike", async () => {
    const person = await aPerson(1_000);
    const session = await started(person, await anApp(500));
    await work(session, 360);
    await call("POST", `/v1/sessions/${session.id}/complete`, person.token);
    const look = () => call("POST", `/v1/sessions/${session.id}/complete`, person.token);
    const { body: before } = await look();
    await ring(session.id);
    const rows = await runInDurableObject(objectOf(session.id), async (_object, { storage }) => [
      ...storage.sql.exec("SELECT name FROM sqlite_schema WHERE name = 'record'"),
      await storage.getAlarm(),
    ]);
    expect(rows).toEqual([null]);
    expect((await look()).body).toEqual(before);
  });

  it("hours of silence: it was paused at the last good beat, and is settled there", async () => {
    const person = await aPerson(1_000);
    const session = await started(person, await anApp(500));
    await work(session, 720);
    await evictDurableObject(objectOf(session.id));
    passSeconds(5 * 3600);
    await everyMinute();
    expect(await balanceOf(person)).toEqual({ available: 900, held: 0 });
    const { results } = await env.DB.prepare("SELECT status, end_reason, active_seconds FROM sessions WHERE id = ?")
      .bind(session.id)
      .all();
    expect(results).toEqual([{ status: "completed", end_reason: "abandoned", active_seconds: 720 }]);
  });
});

describe("the minute's run", () => {
  it("lets the hold of a session go that was never started, once", async () => {
    const person = await aPerson(1_000);
    const created = await create(person, await anApp(500));
    await everyMinute();
    expect(await balanceOf(person)).toEqual({ available: 500, held: 500 });
    passSeconds(301);
    await Promise.all([everyMinute(), everyMinute()]);
    expect(await balanceOf(person)).toEqual({ available: 1_000, held: 0 });
    const { body } = await call("GET", `/v1/sessions/${created.body.session.id}`, person.token);
    expect(body).toMatchObject({ session: { status: "expired", endReason: "never_started" } });
  });

  it("never closes a session that is being redeemed at the same moment twice", async () => {
    const person = await aPerson(1_000);
    const created = await create(person, await anApp(500));
    passSeconds(300);
    const token = launchTokenOf(created.body.session.redirectUrl);
    await Promise.all([everyMinute(), sync(token, { action: "start", nonce: "nonce-race" }), everyMinute()]);
    const { available, held } = await balanceOf(person);
    expect([available, held]).toBeOneOf([
      [1_000, 0],
      [500, 500],
    ]);
  });
});
