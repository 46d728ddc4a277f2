// What a provider can do with its webhook endpoints over the API.

import { env } from "cloudflare:test";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { newId } from "../../domain/ids.ts";
import { deliverDue } from "../../domain/webhooks/deliver.ts";
import { newApp, send, type TestApp } from "../support/apps.ts";
import { newPerson } from "../support/people.ts";
import { receivers, seedEvent, virtualDeliverer } from "../support/webhooks.ts";

interface Endpoint {
  id: string;
  secret: string;
  url: string;
  events: string[];
  mode: string;
  enabled: boolean;
  disabledReason: string | null;
}
interface Delivery {
  id: string;
  status: string;
  attempts: number;
  payload: { id: string; data: unknown } | null;
  log: { attempt: number; status: string; responseCode: number | null; response: string | null; durationMs: number }[];
}

const PATH = "/v1/provider/webhooks";
const key = (app: TestApp, mode: "live" | "test" = "live") => ({
  Authorization: `Bearer ${mode === "live" ? app.apiKey : app.testApiKey}`,
});
let count = 0;
const wish = (changes: Record<string, unknown> = {}) => ({
  url: `https://receiver-${newId(Date.now())}-${++count}.example.com/hook`,
  events: ["session.completed"],
  ...changes,
});
const create = async (app: TestApp, changes: Record<string, unknown> = {}, headers = key(app)): Promise<Endpoint> => {
  const answer = await send("POST", PATH, { body: wish(changes), headers });
  expect(answer.status).toBe(201);
  return (await answer.json<{ webhook: Endpoint }>()).webhook;
};
const get = async <Body>(path: string, headers: Record<string, string>): Promise<Body> => {
  const answer = await send("GET", path, { headers });
  expect(answer.status).toBe(200);
  return answer.json<Body>();
};
const problem = async (answer: Response): Promise<{ status: number; code: string; detail: string }> => ({
  ...(await answer.json<{ status: number; code: string; detail: string }>()),
  status: answer.status,
});

/** What the deliverer of this file's tests sends goes nowhere else. */
const internet = receivers();
beforeAll(() => {
  vi.spyOn(globalThis, "fetch").mockImplementation(internet.send);
});

describe("registering an endpoint", () => {
  it("shows the secret once, and keeps it sealed", async () => {
    const app = await newApp();
    const webhook = await create(app, { description: "main" });
    expect(webhook).toMatchObject({ events: ["session.completed"], mode: "live", enabled: true, description: "main" });
    expect(webhook.secret).toMatch(/^whsec_/);
    const list = await get<{ webhooks: Endpoint[] }>(PATH, key(app));
    expect(list.webhooks).toEqual([{ ...webhook, secret: undefined }].map(({ secret: _secret, ...rest }) => rest));
    const { webhook: shown } = await get<{ webhook: Endpoint }>(`${PATH}/${webhook.id}`, key(app));
    expect(JSON.stringify(shown)).not.toContain("whsec_");
    const stored = await env.DB.prepare("SELECT * FROM webhook_secrets WHERE webhook_id = ?").bind(webhook.id).all();
    expect(JSON.stringify(stored.results)).not.toContain(webhook.secret.slice(6));
  });

  it("gives the same secret again to the same Idempotency-Key, and makes one endpoint", async () => {
    const app = await newApp();
    const headers = { ...key(app), "Idempotency-Key": "once" };
    const body = wish();
    const first = await send("POST", PATH, { body, headers });
    const again = await send("POST", PATH, { body, headers });
    expect(again.status).toBe(201);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await again.json()).toEqual(await first.json());
    expect((await get<{ webhooks: Endpoint[] }>(PATH, key(app))).webhooks).toHaveLength(1);
    const other = await send("POST", PATH, { body: wish(), headers });
    expect(await problem(other)).toMatchObject({ status: 409, code: "idempotency_key_reused" });
  });

  it("keeps live and test endpoints apart", async () => {
    const app = await newApp();
    const live = await create(app);
    const test = await create(app, {}, key(app, "test"));
    expect(test.mode).toBe("test");
    const ids = async (mode: "live" | "test") =>
      (await get<{ webhooks: Endpoint[] }>(PATH, key(app, mode))).webhooks.map(({ id }) => id);
    expect(await ids("live")).toEqual([live.id]);
    expect(await ids("test")).toEqual([test.id]);
    const crossed = await send("DELETE", `${PATH}/${live.id}`, { headers: key(app, "test") });
    expect(await problem(crossed)).toMatchObject({ status: 404, code: "webhook_not_found" });
  });

  it("allows ten endpoints in each mode and refuses the eleventh", async () => {
    const app = await newApp();
    for (let index = 0; index < 10; index++) await create(app);
    const refused = await send("POST", PATH, { body: wish(), headers: key(app) });
    expect(await problem(refused)).toMatchObject({ status: 422, code: "webhook_limit_reached" });
    await create(app, {}, key(app, "test"));
    const [first] = (await get<{ webhooks: Endpoint[] }>(PATH, key(app))).webhooks;
    expect((await send("DELETE", `${PATH}/${first!.id}`, { headers: key(app) })).status).toBe(204);
    await create(app);
  });

  it("keeps the wildcard alone, and each type once", async () => {
    const app = await newApp();
    expect((await create(app, { events: ["session.completed", "*"] })).events).toEqual(["*"]);
    expect((await create(app, { events: ["tokens.consumed", "session.started", "tokens.consumed"] })).events).toEqual([
      "session.started",
      "tokens.consumed",
    ]);
  });

  it.each([
    ["an event type that is not there", { events: ["session.exploded"] }, 400, "invalid_request"],
    ["no event types", { events: [] }, 400, "invalid_request"],
    ["events that are no list", { events: "*" }, 400, "invalid_request"],
    ["no address", { url: undefined }, 400, "invalid_request"],
    ["an address that is a number", { url: 42 }, 400, "invalid_request"],
    ["too long an address", { url: `https://example.com/${"a".repeat(2_100)}` }, 400, "invalid_request"],
    ["a description that is too long", { description: "d".repeat(201) }, 400, "invalid_request"],
    ["cloud metadata", { url: "https://169.254.169.254/latest" }, 422, "url_not_allowed"],
    ["http", { url: "http://example.com/" }, 422, "url_not_allowed"],
    ["no URL at all", { url: "hook" }, 422, "url_not_allowed"],
  ])("refuses %s", async (_what, changes, status, code) => {
    const app = await newApp();
    expect(await problem(await send("POST", PATH, { body: wish(changes), headers: key(app) }))).toMatchObject({
      status,
      code,
    });
  });

  it("allows loopback where we run locally", async () => {
    const app = await newApp();
    expect((await create(app, { url: "http://127.0.0.1:8823/hook/0" })).url).toBe("http://127.0.0.1:8823/hook/0");
  });
});

describe("who may", () => {
  it("is an API key or the signed-in owner, and nobody else", async () => {
    const app = await newApp();
    const webhook = await create(app);
    const query = `?providerId=${app.provider.id}`;
    const own = await get<{ webhooks: Endpoint[] }>(`${PATH}${query}`, app.owner.headers);
    expect(own.webhooks.map(({ id }) => id)).toEqual([webhook.id]);
    const test = await get<{ webhooks: Endpoint[] }>(`${PATH}${query}&mode=test`, app.owner.headers);
    expect(test.webhooks).toEqual([]);

    const stranger = await newPerson();
    const foreign = await newApp();
    expect(await problem(await send("GET", `${PATH}${query}`, { headers: stranger.headers }))).toMatchObject({
      status: 404,
      code: "provider_not_found",
    });
    expect(await problem(await send("GET", `${PATH}/${webhook.id}`, { headers: key(foreign) }))).toMatchObject({
      status: 404,
      code: "webhook_not_found",
    });
    for (const route of ["rotate", "test"])
      expect((await send("POST", `${PATH}/${webhook.id}/${route}`, { headers: key(foreign) })).status).toBe(404);
    expect(await problem(await send("GET", PATH, { headers: app.owner.headers }))).toMatchObject({
      status: 400,
      code: "invalid_request",
    });
    expect(await problem(await send("GET", `${PATH}${query}&mode=x`, { headers: app.owner.headers }))).toMatchObject({
      status: 400,
    });
    expect((await send("GET", PATH)).status).toBe(401);
    expect((await send("GET", PATH, { headers: { Authorization: "Bearer mk_live_wrong" } })).status).toBe(401);
    expect((await send("GET", `${PATH}${query}`, { headers: { Authorization: "Bearer x.y.z" } })).status).toBe(401);
  });

  it("keeps an owner's Idempotency-Keys of two apps apart", async () => {
    const one = await newApp();
    const two = await newApp({}, one.owner);
    const headers = { ...one.owner.headers, "Idempotency-Key": "same" };
    const body = wish();
    const answers = [];
    for (const app of [one, two])
      answers.push(await send("POST", `${PATH}?providerId=${app.provider.id}`, { body, headers }));
    const ids = await Promise.all(
      answers.map(
        async (answer) => (await answer.json<{ webhook: Endpoint & { providerId: string } }>()).webhook.providerId,
      ),
    );
    expect(ids).toEqual([one.provider.id, two.provider.id]);
  });
});

describe("changing an endpoint", () => {
  const patch = (app: TestApp, id: string, body: unknown, headers = key(app)) =>
    send("PATCH", `${PATH}/${id}`, { body, headers });

  it("changes what is given and leaves the rest", async () => {
    const app = await newApp();
    const webhook = await create(app, { description: "first" });
    const answer = await patch(app, webhook.id, { events: ["*"] });
    expect(answer.status).toBe(200);
    const changed = (await answer.json<{ webhook: Endpoint }>()).webhook;
    expect(changed).toMatchObject({ url: webhook.url, events: ["*"], description: "first", enabled: true });
    const bare = await patch(app, webhook.id, { description: null });
    expect((await bare.json<{ webhook: Endpoint }>()).webhook).toMatchObject({ description: null, events: ["*"] });
    expect((await get<{ webhook: Endpoint }>(`${PATH}/${webhook.id}`, key(app))).webhook.events).toEqual(["*"]);
  });

  it("refuses a forbidden address and changes nothing", async () => {
    const app = await newApp();
    const webhook = await create(app);
    const refused = await patch(app, webhook.id, { url: "https://10.0.0.1/", events: ["*"] });
    expect(await problem(refused)).toMatchObject({ status: 422, code: "url_not_allowed" });
    expect((await get<{ webhook: Endpoint }>(`${PATH}/${webhook.id}`, key(app))).webhook).toMatchObject({
      url: webhook.url,
      events: ["session.completed"],
    });
  });

  it("lifts a switch-off of ours when its owner switches it on", async () => {
    const app = await newApp();
    const webhook = await create(app);
    await env.DB.prepare(
      "UPDATE webhooks SET enabled = 0, disabled_reason = 'failing', failing_since = 1, open_until = created_at + 1e9 WHERE id = ?",
    )
      .bind(webhook.id)
      .run();
    expect((await get<{ webhook: Endpoint }>(`${PATH}/${webhook.id}`, key(app))).webhook.disabledReason).toBe(
      "failing",
    );
    const answer = await patch(app, webhook.id, { enabled: true });
    const shown = (await answer.json<{ webhook: Endpoint }>()).webhook;
    expect(shown).toMatchObject({ enabled: true, disabledReason: null, failingSince: null, pausedUntil: null });
    expect((await get<{ webhook: Endpoint }>(`${PATH}/${webhook.id}`, key(app))).webhook).toEqual(shown);
  });

  it("sends nothing more after deleting, and repeats the answer to the same key", async () => {
    const app = await newApp();
    const webhook = await create(app);
    const headers = { ...key(app), "Idempotency-Key": "delete" };
    expect((await send("DELETE", `${PATH}/${webhook.id}`, { headers })).status).toBe(204);
    expect((await send("DELETE", `${PATH}/${webhook.id}`, { headers })).status).toBe(204);
    expect((await send("DELETE", `${PATH}/${webhook.id}`, { headers: key(app) })).status).toBe(404);
    const eventId = await seedEvent({ id: app.provider.id, ownerUserId: "", priceVersionId: "" }, Date.now());
    await deliverDue(virtualDeliverer(Date.now(), internet.send));
    expect(internet.ids()).not.toContain(eventId);
    const secrets = await env.DB.prepare("SELECT count(*) AS n FROM webhook_secrets WHERE webhook_id = ?")
      .bind(webhook.id)
      .first<number>("n");
    expect(secrets).toBe(0);
  });
});

describe("rotating the secret", () => {
  it("gives a new one, tells how long the old one lasts, and repeats it to the same key", async () => {
    const app = await newApp();
    const webhook = await create(app);
    const headers = { ...key(app), "Idempotency-Key": "rotate" };
    const answer = await send("POST", `${PATH}/${webhook.id}/rotate`, { headers });
    expect(answer.status).toBe(200);
    const rotated = (await answer.json<{ webhook: Endpoint & { previousSecretExpiresAt: string } }>()).webhook;
    expect(rotated.secret).toMatch(/^whsec_/);
    expect(rotated.secret).not.toBe(webhook.secret);
    expect(Date.parse(rotated.previousSecretExpiresAt) - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
    const again = await send("POST", `${PATH}/${webhook.id}/rotate`, { headers });
    expect((await again.json<{ webhook: Endpoint }>()).webhook.secret).toBe(rotated.secret);
  });

  it("keeps four secrets active at most", async () => {
    const app = await newApp();
    const webhook = await create(app);
    for (let index = 0; index < 6; index++) await send("POST", `${PATH}/${webhook.id}/rotate`, { headers: key(app) });
    const kept = await env.DB.prepare("SELECT count(*) AS n FROM webhook_secrets WHERE webhook_id = ?")
      .bind(webhook.id)
      .first<number>("n");
    expect(kept).toBe(4);
  });
});

describe("the log, dead letters and replay", () => {
  const owned = (app: TestApp) => ({ id: app.provider.id, ownerUserId: "", priceVersionId: "" });
  const deliveries = async (app: TestApp, id: string, query = "") =>
    get<{ deliveries: Delivery[]; nextCursor: string | null }>(`${PATH}/${id}/deliveries${query}`, key(app));
  const replay = (app: TestApp, id: string, body: unknown, headers = key(app)) =>
    send("POST", `${PATH}/${id}/replay`, { body, headers });
  /** An endpoint with deliveries that are dead: its receiver was away, and all attempts are used up. */
  const withDead = async (events: number) => {
    const app = await newApp();
    const webhook = await create(app);
    const at = Date.now();
    const ids: string[] = [];
    for (let index = 0; index < events; index++) ids.push(await seedEvent(owned(app), at + index));
    await deliverDue(virtualDeliverer(at, receivers(() => new Response("away", { status: 500 })).send));
    await env.DB.prepare("UPDATE deliveries SET status = 'dead' WHERE webhook_id = ?").bind(webhook.id).run();
    return { app, webhook, ids, at };
  };

  it("shows each delivery with its payload and every attempt", async () => {
    const { app, webhook, ids } = await withDead(1);
    const { deliveries: shown } = await deliveries(app, webhook.id);
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({
      id: ids[0],
      status: "dead",
      attempts: 1,
      error: "answered 500",
      responseCode: 500,
    });
    expect(shown[0]!.payload).toMatchObject({ id: ids[0], type: "session.completed", data: { tokensConsumed: 5 } });
    expect(shown[0]!.log).toMatchObject([{ attempt: 1, status: "failed", responseCode: 500, response: "away" }]);
  });

  it("pages through deliveries, newest first, by status", async () => {
    const { app, webhook, ids } = await withDead(5);
    const first = await deliveries(app, webhook.id, "?limit=3");
    const second = await deliveries(app, webhook.id, `?limit=3&cursor=${first.nextCursor}`);
    expect([...first.deliveries, ...second.deliveries].map(({ id }) => id)).toEqual(ids.toReversed());
    expect(second.nextCursor).toBeNull();
    expect((await deliveries(app, webhook.id, "?status=delivered")).deliveries).toEqual([]);
    const wrong = await send("GET", `${PATH}/${webhook.id}/deliveries?cursor=x`, { headers: key(app) });
    expect(await problem(wrong)).toMatchObject({ status: 400, code: "invalid_cursor" });
  });

  it("lists dead letters over all endpoints of the provider, and of nobody else", async () => {
    const { app, webhook, ids } = await withDead(3);
    await withDead(1);
    const path = `${PATH}/dead-letters`;
    type Page = { deadLetters: (Delivery & { webhookId: string })[]; nextCursor: string | null };
    const first = await get<Page>(`${path}?limit=2`, key(app));
    const second = await get<Page>(`${path}?limit=2&cursor=${first.nextCursor}`, key(app));
    const all = [...first.deadLetters, ...second.deadLetters];
    expect(all.map(({ id }) => id)).toEqual(ids.toReversed());
    expect(new Set(all.map(({ webhookId }) => webhookId))).toEqual(new Set([webhook.id]));
    const wrong = await send("GET", `${path}?cursor=${ids[0]}`, { headers: key(app) });
    expect(await problem(wrong)).toMatchObject({ status: 400, code: "invalid_cursor" });
  });

  it("sends one delivery again with the same id, dead or delivered", async () => {
    const { app, webhook, ids } = await withDead(2);
    for (const round of [1, 2]) {
      const answer = await replay(app, webhook.id, { deliveryId: ids[0] });
      expect(answer.status).toBe(202);
      expect(await answer.json()).toEqual({ replayed: 1, nextSince: null });
      await vi.waitFor(async () => {
        expect(internet.ids(webhook.url)).toEqual(Array.from({ length: round }, () => ids[0]));
        const { deliveries: shown } = await deliveries(app, webhook.id);
        expect(shown.map(({ status }) => status)).toEqual(["dead", "delivered"]);
      });
    }
    const unknown = await replay(app, webhook.id, { deliveryId: newId(Date.now()) });
    expect(await problem(unknown)).toMatchObject({ status: 404, code: "webhook_not_found" });
  });

  it("sends chosen deliveries again, and passes over those it never had", async () => {
    const { app, webhook, ids } = await withDead(3);
    const answer = await replay(app, webhook.id, { deliveryIds: [ids[2], newId(Date.now()), ids[0]] });
    expect(await answer.json()).toEqual({ replayed: 2, nextSince: null });
    await vi.waitFor(() => expect(internet.ids(webhook.url).toSorted()).toEqual([ids[0], ids[2]].toSorted()));
    const none = await replay(app, webhook.id, { deliveryIds: [newId(Date.now())] });
    expect(await problem(none)).toMatchObject({ status: 404, code: "webhook_not_found" });
  });

  it("sends again what was lost since a moment, and what was delivered only on request", async () => {
    const { app, webhook, ids, at } = await withDead(4);
    const since = new Date(at + 1).toISOString();
    expect(await (await replay(app, webhook.id, { since })).json()).toEqual({ replayed: 3, nextSince: null });
    await vi.waitFor(() => expect(internet.ids(webhook.url).toSorted()).toEqual(ids.slice(1)));
    await vi.waitFor(async () =>
      expect((await deliveries(app, webhook.id, "?status=delivered")).deliveries).toHaveLength(3),
    );
    expect(await (await replay(app, webhook.id, { since })).json()).toEqual({ replayed: 0, nextSince: null });
    const all = await replay(app, webhook.id, { since, includeDelivered: true });
    expect(await all.json()).toEqual({ replayed: 3, nextSince: null });
  });

  it("counts a replay once for the same Idempotency-Key", async () => {
    const { app, webhook, ids } = await withDead(1);
    const headers = { ...key(app), "Idempotency-Key": "replay" };
    await replay(app, webhook.id, { deliveryId: ids[0] }, headers);
    await vi.waitFor(() => expect(internet.ids(webhook.url)).toHaveLength(1));
    const again = await replay(app, webhook.id, { deliveryId: ids[0] }, headers);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    await deliverDue(virtualDeliverer(Date.now(), internet.send));
    expect(internet.ids(webhook.url)).toHaveLength(1);
  });

  it("replays what happened while the endpoint was off", async () => {
    const app = await newApp();
    const webhook = await create(app);
    await send("PATCH", `${PATH}/${webhook.id}`, { body: { enabled: false }, headers: key(app) });
    const at = Date.now();
    const missed = await seedEvent(owned(app), at);
    await deliverDue(virtualDeliverer(at, internet.send));
    const off = await replay(app, webhook.id, { since: new Date(at).toISOString() });
    expect(await problem(off)).toMatchObject({ status: 422, code: "webhook_disabled" });
    expect((await deliveries(app, webhook.id)).deliveries).toMatchObject([{ id: missed, status: "dropped", log: [] }]);
    await send("PATCH", `${PATH}/${webhook.id}`, { body: { enabled: true }, headers: key(app) });
    await replay(app, webhook.id, { since: new Date(at).toISOString() });
    await vi.waitFor(() => expect(internet.ids(webhook.url)).toEqual([missed]));
  });

  it.each([
    ["nothing", {}],
    ["both", { deliveryId: "x", since: "2026-11-22T00:00:00Z" }],
    ["no moment", { since: "yesterday" }],
    ["a number", { deliveryId: 5 }],
  ])("refuses a replay of %s", async (_what, body) => {
    const app = await newApp();
    const webhook = await create(app);
    expect(await problem(await replay(app, webhook.id, body))).toMatchObject({ status: 400, code: "invalid_request" });
  });
});

describe("the test event", () => {
  it("arrives at this endpoint by the queue, whatever it subscribes to", async () => {
    const app = await newApp();
    const webhook = await create(app, { events: ["payout.paid"] });
    const other = await create(app, { events: ["*"] });
    const answer = await send("POST", `${PATH}/${webhook.id}/test`, { headers: key(app) });
    expect(answer.status).toBe(202);
    const { delivery } = await answer.json<{ delivery: { id: string; status: string } }>();
    expect(delivery.status).toBe("pending");
    await vi.waitFor(() => expect(internet.ids(webhook.url)).toEqual([delivery.id]));
    const { body } = internet.received.find(({ url }) => url === webhook.url)!;
    expect(JSON.parse(body)).toMatchObject({ id: delivery.id, type: "webhook.test", data: { webhookId: webhook.id } });
    expect(internet.ids(other.url)).toEqual([]);
  });

  it("is refused for an endpoint that is off", async () => {
    const app = await newApp();
    const webhook = await create(app);
    await send("PATCH", `${PATH}/${webhook.id}`, { body: { enabled: false }, headers: key(app) });
    const refused = await send("POST", `${PATH}/${webhook.id}/test`, { headers: key(app) });
    expect(await problem(refused)).toMatchObject({ status: 422, code: "webhook_disabled" });
  });
});
