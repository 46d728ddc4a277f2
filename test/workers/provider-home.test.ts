// What the owner of an app can rely on at home: keys, the app's page, figures that are about nobody, and help.

import { env, createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Analytics } from "../../domain/catalogue/analytics.ts";
import { changeListing } from "../../domain/catalogue/change-listing.ts";
import { countView } from "../../domain/catalogue/count-views.ts";
import { KEY_CACHE_MS } from "../../domain/identity/api-keys.ts";
import type { KeyView, MadeKey } from "../../domain/identity/change-keys.ts";
import { newApp, type TestApp } from "../support/apps.ts";
import {
  anApp,
  aPerson,
  booksAreSound,
  call,
  create,
  freshToken,
  passSeconds,
  started,
  sync,
  useVirtualClock,
  work,
} from "../support/market.ts";
import { newPerson } from "../support/people.ts";

afterEach(() => void vi.useRealTimers());

const keysOf = async (app: TestApp): Promise<KeyView[]> =>
  (await call<{ keys: KeyView[] }>("GET", `/v1/provider/apps/${app.provider.id}/keys`, app.owner.token)).body.keys;
const makeKey = (app: TestApp, body: Record<string, unknown>) =>
  call<MadeKey>("POST", `/v1/provider/apps/${app.provider.id}/keys`, app.owner.token, body);
/** Any call that a key without limits may make. */
const useKey = async (key: string, path = "/v1/provider/webhooks"): Promise<number> =>
  (await call("GET", path, key)).status;

describe("API keys of an app", () => {
  it("are listed without themselves, with when they were used last", async () => {
    const app = await newApp();
    await useKey(app.apiKey);
    const keys = await keysOf(app);
    expect(keys.map(({ mode }) => mode).toSorted()).toEqual(["live", "test"]);
    expect(JSON.stringify(keys)).not.toContain(app.apiKey);
    await expect.poll(async () => (await keysOf(app)).find(({ mode }) => mode === "live")!.lastUsedAt).not.toBeNull();
    expect((await keysOf(app)).find(({ mode }) => mode === "test")!.lastUsedAt).toBeNull();
  });

  it("with scopes may do what these name and nothing else", async () => {
    const app = await newApp();
    const { body } = await makeKey(app, { name: "Bookkeeping", mode: "live", scopes: ["earnings"] });
    expect(await useKey(body.secret, "/v1/provider/earnings")).toBe(200);
    expect(await useKey(body.secret)).toBe(403);
    const report = await call("POST", "/v1/provider/tokens/report", body.secret, { sessionId: "x" });
    expect([report.status, report.body.code]).toEqual([403, "forbidden"]);
  });

  it("are replaced with an overlap in which both work, and then only the new one", async () => {
    const start = Date.UTC(2030, 0, 1);
    useVirtualClock(start);
    const app = await newApp();
    const { key, secret } = (await makeKey(app, { name: "Server", mode: "live", scopes: ["webhooks"] })).body;
    const path = `/v1/provider/keys/${key.id}/rotate`;
    const idempotent = { "Idempotency-Key": crypto.randomUUID() };
    const rotated = await call<MadeKey & { replaced: KeyView }>(
      "POST",
      path,
      app.owner.token,
      { overlapHours: 1 },
      idempotent,
    );
    expect(rotated.body.key).toMatchObject({ name: "Server", mode: "live", scopes: ["webhooks"], worksUntil: null });
    expect(rotated.body.replaced).toMatchObject({ isWorking: true, replacedBy: rotated.body.key.id });
    expect([await useKey(secret), await useKey(rotated.body.secret)]).toEqual([200, 200]);

    // The same answer again, the key included, and no third key.
    const again = await call<MadeKey>("POST", path, app.owner.token, { overlapHours: 1 }, idempotent);
    expect(again.body.secret).toBe(rotated.body.secret);
    expect((await call("POST", path, app.owner.token, { overlapHours: 1 })).body.code).toBe("key_revoked");

    passSeconds(3600);
    expect([await useKey(secret), await useKey(rotated.body.secret)]).toEqual([401, 200]);
  });

  it("stop when their owner says so, and are nobody else's business", async () => {
    useVirtualClock();
    const app = await newApp();
    const stranger = await newPerson();
    const live = (await keysOf(app)).find(({ mode }) => mode === "live")!;
    const path = `/v1/provider/apps/${app.provider.id}/keys`;
    expect((await call("GET", path, stranger.token)).status).toBe(404);
    expect((await call("POST", `/v1/provider/keys/${live.id}/revoke`, stranger.token)).status).toBe(404);
    expect(await useKey(app.apiKey)).toBe(200);
    expect((await call("POST", `/v1/provider/keys/${live.id}/revoke`, app.owner.token)).status).toBe(200);
    passSeconds(KEY_CACHE_MS / 1000);
    expect(await useKey(app.apiKey)).toBe(401);
  });

  it("are twenty at most", async () => {
    const app = await newApp();
    for (let made = 2; made < 20; made++) expect((await makeKey(app, { name: "n", mode: "test" })).status).toBe(201);
    expect((await makeKey(app, { name: "n", mode: "test" })).body).toMatchObject({ code: "key_limit_reached" });
  });
});

describe("the page of an app", () => {
  it("is changed where something is given, and shows at once", async () => {
    const app = await newApp({ dataReceived: ["an id"] });
    const path = `/v1/provider/apps/${app.provider.id}/listing`;
    const answer = await call<{ provider: Record<string, unknown> }>("PATCH", path, app.owner.token, {
      name: "Better Name",
      useCases: ["one", "two"],
      category: "writing",
      dataReceived: null,
    });
    expect(answer.body.provider).toMatchObject({
      name: "Better Name",
      useCases: ["one", "two"],
      category: "writing",
      dataReceived: [],
      appUrl: app.provider.appUrl,
      review: "approved",
    });
    const shown = await call<{ provider: { name: string } }>("GET", `/v1/providers/${app.provider.id}`, null);
    expect(shown.body.provider.name).toBe("Better Name");
    expect((await call("PATCH", path, (await newPerson()).token, { name: "Mine" })).status).toBe(404);
  });

  it("is reviewed again in production when it moves to another origin, and cannot move to somebody else's", async () => {
    const [app, other] = [await newApp(), await newApp()];
    const change = (appUrl: string) =>
      changeListing(
        { DB: env.DB, ENVIRONMENT: "production" },
        app.owner,
        app.provider.id,
        { appUrl },
        null,
        Date.now(),
      );
    const sameOrigin = await change(`${new URL(String(app.provider.appUrl)).origin}/other`);
    expect(sameOrigin.provider.review).toBe("approved");
    await expect(change(String(other.provider.appUrl))).rejects.toMatchObject({ code: "origin_taken" });
    const moved = await change(`https://moved-${crypto.randomUUID()}.example.com/`);
    expect(moved.provider.review).toBe("pending");
  });
});

describe("the figures of an app", () => {
  const day = Date.UTC(2031, 2, 3, 9); // A Monday.
  beforeEach(() => useVirtualClock(day));
  const analyticsOf = async (app: { id: string; ownerUserId: string }): Promise<Analytics> => {
    const token = await freshToken({ userId: app.ownerUserId, walletId: app.ownerUserId });
    return (await call<Analytics>("GET", `/v1/provider/apps/${app.id}/analytics?days=28`, token)).body;
  };
  const use = async (person: Awaited<ReturnType<typeof aPerson>>, app: Awaited<ReturnType<typeof anApp>>) => {
    const session = await started({ ...person, token: await freshToken(person) }, app, 30);
    await work(session, 60);
    await sync(session.token, { action: "complete" });
  };

  it("lead from a look to an end, count sandbox sessions nowhere, and hide how few people there are", async () => {
    const app = await anApp(600);
    const context = createExecutionContext();
    context.waitUntil(Promise.all([1, 2, 3].map(() => countView(env.DB, app.id, Date.now()))));
    await waitOnExecutionContext(context);
    const person = await aPerson(2_000);
    await use(person, app);
    await create({ ...person, token: await freshToken(person) }, app, 5);
    await call("POST", "/v1/provider/sandbox/sessions", app.testKey, {});

    const figures = await analyticsOf(app);
    expect(figures.conversion).toEqual({
      views: 3,
      created: 2,
      started: 1,
      finished: 1,
      abandoned: 0,
      failed: 0,
      neverStarted: 0,
      open: 1,
      people: null,
    });
    expect(figures.before).toMatchObject({ views: 0, created: 0, people: 0 });
    expect(figures.days).toHaveLength(28);
    // 60 s at 600 an hour: 10 tokens, of which 8 are the provider's.
    expect(figures.days.at(-1)).toMatchObject({
      date: "2031-03-03",
      views: 3,
      started: 1,
      activeSeconds: 60,
      grossTokens: 10,
      netTokens: 8,
    });
    expect(figures.meters).toEqual([{ meter: "second", sessions: 1, units: 60 }]);
    await booksAreSound();
  });

  it("say who comes back only in groups of five and more", async () => {
    const app = await anApp(60);
    const people = await Promise.all(Array.from({ length: 6 }, () => aPerson(200)));
    for (const person of people) await use(person, app);
    passSeconds(7 * 24 * 3600);
    for (const person of people.slice(0, 5)) await use(person, app);
    passSeconds(7 * 24 * 3600);
    await use(people[0]!, app);
    const { retention } = await analyticsOf(app);
    expect(retention).toHaveLength(8);
    expect(retention.slice(-3)).toEqual([
      { week: "2031-03-03", people: 6, weeks: [6, 5, null] },
      { week: "2031-03-10", people: 0, weeks: [] },
      { week: "2031-03-17", people: 0, weeks: [] },
    ]);
  });

  it("name what was refused, and belong to the owner alone", async () => {
    const app = await anApp([{ meter: "image", price: { model: "per_unit", unit: "3" }, holdPerHour: 60 }]);
    const person = await aPerson(1_000);
    const session = await started(person, app, 30);
    const event = (units: number) => ({ sessionId: session.id, meter: "image", units, idempotencyKey: `k${units}` });
    await call("POST", "/v1/provider/tokens/report", app.key, { events: [event(1), event(9_999), { sessionId: "?" }] });
    await sync(session.launchToken, { action: "start", nonce: "another-nonce" });
    const counted = async () => (await analyticsOf(app)).errors.map(({ what, code, count }) => [what, code, count]);
    await expect.poll(async () => (await counted()).length).toBe(3);
    expect((await counted()).toSorted()).toEqual([
      ["launch", "launch_token_used", 1],
      ["report", "invalid", 1],
      ["report", "tokens_depleted", 1],
    ]);
    expect((await call("GET", `/v1/provider/apps/${app.id}/analytics`, person.token)).status).toBe(404);
  });
});

describe("a sandbox session of the owner", () => {
  it("is made while the app is still closed, and tells whether the page was heard", async () => {
    useVirtualClock(Date.UTC(2031, 5, 2));
    const app = await newApp({ status: "inactive" });
    const query = `?providerId=${app.provider.id}&mode=test`;
    const path = "/v1/provider/sandbox/sessions";
    const made = await call<{ session: { id: string; redirectUrl: string } }>(
      "POST",
      path + query,
      app.owner.token,
      {},
    );
    expect(made.status).toBe(200);
    const { id, redirectUrl } = made.body.session;
    const heard = async () =>
      (await call<{ heard: unknown }>("GET", `${path}/${id}${query}`, app.owner.token)).body.heard;
    expect(await heard()).toEqual({ launch: false, beat: false });
    const launch = new URL(redirectUrl).searchParams.get("marketplace_session")!;
    const { body } = await sync(launch, { action: "start", nonce: "nonce-nonce" });
    expect(await heard()).toEqual({ launch: true, beat: false });
    passSeconds(30);
    await sync(body.sessionToken, { action: "heartbeat" });
    expect(await heard()).toEqual({ launch: true, beat: true });

    const stranger = await newApp();
    const theirs = `?providerId=${stranger.provider.id}&mode=test`;
    expect((await call("GET", `${path}/${id}${theirs}`, stranger.owner.token)).status).toBe(404);
    expect((await call("POST", path + query, stranger.owner.token, {})).status).toBe(404);
    expect((await call("POST", `${path}?providerId=${app.provider.id}`, app.owner.token, {})).status).toBe(403);
  });
});

describe("help with an app", () => {
  it("is asked for once, reaches the operators, and its answer reaches the person", async () => {
    const [app, operator] = [await newApp(), await newPerson({ role: "operator" })];
    const ask = (message: string) =>
      call<{ request: { id: string } }>("POST", "/v1/provider/help", app.owner.token, {
        message,
        providerId: app.provider.id,
      });
    const { request } = (await ask("How do people get in?")).body;
    expect((await ask("Hello?")).body).toMatchObject({ code: "help_requested" });
    const list = await call<{ requests: { id: string; email: string }[] }>(
      "GET",
      "/v1/operator/onboarding",
      operator.token,
    );
    expect(list.body.requests.find(({ id }) => id === request.id)).toMatchObject({ email: app.owner.email });
    expect((await call("GET", "/v1/operator/onboarding", app.owner.token)).status).toBe(403);

    const answer = await call("POST", `/v1/operator/onboarding/${request.id}/answer`, operator.token, {
      answer: "Use the launch token.",
    });
    expect(answer.status).toBe(200);
    const told = await call("GET", "/v1/me/notifications", app.owner.token);
    expect(JSON.stringify(told.body)).toContain("Use the launch token.");
    expect((await ask("One more thing")).status).toBe(201);
  });

  it("decides about an app that waits, once, and tells its owner why", async () => {
    const [app, operator] = [await newApp(), await newPerson({ role: "operator" })];
    await env.DB.prepare("UPDATE providers SET review = 'pending' WHERE id = ?").bind(app.provider.id).run();
    const decide = (decision: string) =>
      call("POST", `/v1/operator/apps/${app.provider.id}/decide`, operator.token, { decision, reason: "It works." });
    expect((await decide("approved")).body).toEqual({ id: app.provider.id, review: "approved" });
    expect((await decide("rejected")).status).toBe(404);
    expect((await call("GET", `/v1/providers/${app.provider.id}`, null)).status).toBe(200);
    const told = await call("GET", "/v1/me/notifications", app.owner.token);
    expect(JSON.stringify(told.body)).toContain("It works.");
  });
});
