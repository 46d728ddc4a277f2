// An app that stops answering, from its last good check to its return: who is told, what can be started, and what becomes of
// the sessions that run in it. The internet is a table of hosts; the clock is set.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchApps, type WatchSettings } from "../../../domain/availability/watch-apps.ts";
import { checkApp } from "../../../domain/availability/check.ts";
import { unwrap, type Result } from "../../../domain/result.ts";
import type { SessionAnswer } from "../../../durable-objects/session-answer.ts";
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
  useVirtualClock,
  work,
  type TestApp,
} from "../../support/market.ts";

/** By app id: what its host answers; null: nothing does. Every other host answers 200. */
const hosts = new Map<string, number | null>();
const asked: string[] = [];
const troubles: string[] = [];
const internet = (async (url: string) => {
  asked.push(url);
  const answer = [...hosts].find(([id]) => new URL(url).hostname.includes(id))?.[1];
  if (answer === null) throw new Error("getaddrinfo ENOTFOUND 10.1.2.3");
  return new Response("page", { status: answer ?? 200 });
}) as unknown as typeof fetch;

/** A minute's round, as the cron runs it, on the set clock. */
async function round(changes: Partial<WatchSettings> = {}): Promise<string[]> {
  const changed: string[] = [];
  await watchApps({
    db: env.DB,
    environment: "production",
    send: internet,
    clock: () => Date.now(),
    pause: async (ms) => passSeconds(ms / 1000),
    stopAt: Date.now() + 45_000,
    endSession: async (sessionId) => {
      const clock = env.SESSIONS.getByName(sessionId);
      unwrap((await clock.end({ sessionId, by: "operator" }, "provider_error", true)) as Result<SessionAnswer>);
    },
    onChange: (ids) => changed.push(...ids),
    onTrouble: ({ message }) => troubles.push(message),
    ...changes,
  });
  return changed;
}
/** Rounds minute by minute, pages beating between them as open pages do. */
async function minutes(count: number, pages: Parameters<typeof work>[0][] = []): Promise<string[]> {
  const changed: string[] = [];
  for (let minute = 0; minute < count; minute++) {
    const next = Date.now() + 60_000;
    changed.push(...(await round()));
    for (const page of pages) await work(page, 0.001);
    passSeconds((next - Date.now()) / 1000);
  }
  return changed;
}
const ownerOf = (app: TestApp) => freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });
const stateOf = async (id: string, token: string) =>
  (await call<{ session: Record<string, unknown> }>("GET", `/v1/sessions/${id}`, token)).body.session;
const cardOf = async (app: TestApp) =>
  (await call<{ provider: Record<string, unknown> }>("GET", `/v1/providers/${app.id}`, null)).body.provider;

beforeEach(() => {
  useVirtualClock();
  hosts.clear();
  asked.length = 0;
});
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

describe("an app that stops answering", () => {
  it("takes nobody new, ends what runs in it at no cost, tells everybody, and comes back at the first answer", async () => {
    const [person, other] = [await aPerson(1_000), await aPerson(1_000)];
    const app = await anApp(500);
    await minutes(1);
    const session = await started(person, app, 60);
    await work(session, 600);
    hosts.set(app.id, 503);
    expect(await minutes(1, [session])).toEqual([]);
    expect(await stateOf(session.id, await freshToken(person))).toMatchObject({ status: "active" });
    expect(await minutes(1)).toEqual([app.id]);

    expect(await stateOf(session.id, await freshToken(person))).toMatchObject({
      status: "failed",
      endReason: "provider_error",
      tokensConsumed: 0,
      tokensRefunded: 500,
    });
    expect(await balanceOf(person)).toEqual({ available: 1_000, held: 0 });
    expect((await eventsOf(session.id)).map(({ type }) => type)).toEqual(
      expect.arrayContaining(["session.failed", "session.settled"]),
    );
    expect(await create({ ...other, token: await freshToken(other) }, app)).toMatchObject({
      status: 422,
      body: { code: "provider_unavailable", reason: "not_reachable" },
    });
    expect(await balanceOf(other)).toEqual({ available: 1_000, held: 0 });
    expect(await cardOf(app)).toMatchObject({ status: "active", available: false });

    hosts.delete(app.id);
    expect(await minutes(1)).toEqual([app.id]);
    expect(await cardOf(app)).toMatchObject({ available: true, unreachableSince: null });
    // This isolate may remember the app for ten seconds.
    passSeconds(11);
    expect((await create({ ...other, token: await freshToken(other) }, app)).status).toBe(200);

    const { results } = await env.DB.prepare(
      "SELECT type, data FROM outbox WHERE provider_id = ? AND type LIKE 'provider.%' ORDER BY at",
    )
      .bind(app.id)
      .all<{ type: string; data: string }>();
    expect(results.map(({ type }) => type)).toEqual(["provider.unavailable", "provider.available"]);
    expect(JSON.parse(results[0]!.data)).toMatchObject({ cause: "not_reachable", error: "answered 503" });
    const told = await env.DB.prepare("SELECT kind FROM notifications WHERE user_id = ? ORDER BY at")
      .bind(app.ownerUserId)
      .all<{ kind: string }>();
    expect(told.results.map(({ kind }) => kind)).toEqual(["app_unreachable", "app_reachable"]);
    const seen = await call<Record<string, unknown>>(
      "GET",
      `/v1/provider/apps/${app.id}/availability`,
      await ownerOf(app),
    );
    expect(seen.body).toMatchObject({
      availability: { state: "reachable", responseCode: 200, error: null, unreachableSince: null },
      outages: [{ error: "answered 503", sessionsEnded: 1, until: expect.any(String) }],
    });
    const stranger = await aPerson();
    expect((await call("GET", `/v1/provider/apps/${app.id}/availability`, stranger.token)).status).toBe(404);
  });

  it("refuses in the books too, when an isolate still takes it for well", async () => {
    const person = await aPerson(1_000);
    const app = await anApp(500);
    expect((await create(person, app, 5)).status).toBe(200);
    const before = await balanceOf(person);
    await env.DB.prepare(
      "INSERT INTO app_health (provider_id, created_at, next_check_at, failing_since) VALUES (?1, ?2, ?2, ?2)",
    )
      .bind(app.id, Date.now())
      .run();
    await env.DB.prepare("UPDATE app_health SET open_since = ?2 WHERE provider_id = ?1").bind(app.id, Date.now()).run();
    expect(await create(person, app, 5)).toMatchObject({ status: 422, body: { reason: "not_reachable" } });
    expect(await balanceOf(person)).toEqual(before);
  });
});

describe("a session in an app whose page does not answer", () => {
  it("goes on while the app's server reports use", async () => {
    const person = await aPerson(1_000);
    const app = await anApp([{ meter: "page", price: { model: "per_unit", unit: "2" }, holdPerHour: 100 }]);
    await minutes(1);
    const session = await started(person, app, 60);
    await work(session, 300);
    hosts.set(app.id, 503);
    await minutes(1);
    await call("POST", "/v1/provider/tokens/report", app.key, {
      sessionId: session.id,
      meter: "page",
      units: 3,
      idempotencyKey: "while-it-is-down",
    });
    await work(session, 30);
    expect(await minutes(2)).toEqual([app.id]);
    expect(await stateOf(session.id, await freshToken(person))).toMatchObject({ endReason: null });
    expect((await create({ ...person, token: await freshToken(person) }, app, 5)).status).toBe(422);
  });

  it("goes on while others still arrive", async () => {
    const [person, other] = [await aPerson(1_000), await aPerson(1_000)];
    const app = await anApp(500);
    await minutes(1);
    const session = await started(person, app, 60);
    await work(session, 300);
    hosts.set(app.id, null);
    await round({ stopAt: Date.now() });
    passSeconds(5);
    await started({ ...other, token: await freshToken(other) }, app, 60);
    expect(await minutes(3, [session])).toEqual([app.id]);
    expect(await stateOf(session.id, await freshToken(person))).toMatchObject({ endReason: null });
  });
});

describe("a round", () => {
  it("does not believe itself when most of those that were well fall silent at once", async () => {
    const apps = await Promise.all(Array.from({ length: 6 }, () => anApp(500)));
    await minutes(1);
    passSeconds(300);
    for (const app of apps) hosts.set(app.id, null);
    // Others of this database are well, so all hosts fail here.
    const dead = (async () => Promise.reject(new Error("no network"))) as unknown as typeof fetch;
    await round({ send: dead, stopAt: Date.now() });
    const { results } = await env.DB.prepare("SELECT failing_since FROM app_health WHERE provider_id IN (?, ?)")
      .bind(apps[0]!.id, apps[1]!.id)
      .all();
    expect(results).toEqual([{ failing_since: null }, { failing_since: null }]);
    expect(troubles).toContain("availability round not believed");
  });

  it("looks at apps that are on, and at each once", async () => {
    const [on, off] = [await anApp(500), await anApp(500)];
    await env.DB.prepare("UPDATE providers SET status = 'maintenance' WHERE id = ?").bind(off.id).run();
    await Promise.all([round(), round()]);
    expect(asked.filter((url) => url.includes(on.id))).toHaveLength(1);
    expect(asked.filter((url) => url.includes(off.id))).toHaveLength(0);
  });
});

describe("a check", () => {
  const production = { environment: "production" as const };
  it.each([
    [200, true],
    [204, true],
    [302, true],
    [401, true],
    [403, true],
    [405, true],
    [429, true],
    [404, false],
    [410, false],
    [500, false],
    [503, false],
  ])("takes %d for an answer: %s", async (status, isOk) => {
    const send = (async () => new Response(null, { status })) as unknown as typeof fetch;
    expect(await checkApp("https://app.example.com/", { ...production, send })).toMatchObject({ isOk, code: status });
  });

  it("follows no redirect, carries nothing of ours, and repeats nothing of the network", async () => {
    const requests: RequestInit[] = [];
    const send = (async (_url: string, request: RequestInit) => {
      requests.push(request);
      throw new Error("connect ECONNREFUSED 10.0.0.7:443");
    }) as unknown as typeof fetch;
    expect(await checkApp("https://app.example.com/x?y=1#z", { ...production, send })).toEqual({
      isOk: false,
      code: null,
      error: "the connection failed",
    });
    expect(requests[0]).toMatchObject({ redirect: "manual" });
    expect(Object.keys(requests[0]!.headers!)).toEqual(["User-Agent", "Accept"]);
  });

  it("never asks an address that the policy forbids, though it is stored", async () => {
    let calls = 0;
    const send = (async () => (calls++, new Response())) as unknown as typeof fetch;
    for (const url of ["http://127.0.0.1:4000/", "https://169.254.169.254/", "https://localhost/"])
      expect((await checkApp(url, { ...production, send })).isOk).toBe(false);
    expect(calls).toBe(0);
    expect((await checkApp("http://localhost:4000/", { environment: "local", send })).isOk).toBe(true);
  });

  it("is cut off after 5 s", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const send = ((_url: string, { signal }: RequestInit) =>
      new Promise((_resolve, reject) =>
        signal!.addEventListener("abort", () => reject(new Error("cut off"))),
      )) as unknown as typeof fetch;
    const check = checkApp("https://app.example.com/", { ...production, send });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await check).toMatchObject({ isOk: false, error: "no answer within 5 s" });
    expect(vi.getTimerCount()).toBe(0);
  });
});
