// Listening without a public address: what a program on a laptop hears over the API.

import { env } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { newId } from "../../domain/ids.ts";
import { deliverDue } from "../../domain/webhooks/deliver.ts";
import { hear, LISTENER_LIVES_MS } from "../../domain/webhooks/listen.ts";
import { purgeListeners } from "../../domain/webhooks/listen-store.ts";
import { newApp, send, type TestApp } from "../support/apps.ts";
import { receivers, seedEvent, seedSession, virtualDeliverer } from "../support/webhooks.ts";

const PATH = "/v1/provider/listeners";
const key = (app: TestApp, mode: "live" | "test" = "test") => ({
  Authorization: `Bearer ${mode === "live" ? app.apiKey : app.testApiKey}`,
});
const seeded = (app: TestApp) => ({
  id: app.provider.id,
  ownerUserId: app.owner.userId,
  priceVersionId: app.provider.priceVersionId,
});

async function listen(app: TestApp, body: object = {}, mode: "live" | "test" = "test"): Promise<string> {
  const answer = await send("POST", PATH, { body, headers: key(app, mode) });
  expect(answer.status).toBe(201);
  return (await answer.json<{ listener: { id: string } }>()).listener.id;
}
async function heard(app: TestApp, id: string, after = 0, mode: "live" | "test" = "test") {
  const answer = await send("GET", `${PATH}/${id}/events?after=${after}`, { headers: key(app, mode) });
  expect(answer.status).toBe(200);
  return answer.json<{ events: { id: string; type: string; body: string; position: number }[]; nextAfter: number }>();
}
const idsOf = ({ events }: { events: { id: string }[] }) => events.map(({ id }) => id);

describe("a listener", () => {
  it("hears the sessions of its mode from now on, each once, with the body an endpoint would get", async () => {
    const app = await newApp();
    const now = Date.now();
    const session = await seedSession(seeded(app), now, "test");
    await seedEvent(seeded(app), now, { sessionId: session });
    const [inTest, inLive] = [await listen(app), await listen(app, {}, "live")];
    const first = await seedEvent(seeded(app), now, { sessionId: session, data: { name: "Zoë" } });
    await seedEvent(await newApp().then(seeded), now, {});
    const live = await seedEvent(seeded(app), now, {});

    const answer = await heard(app, inTest);
    expect(idsOf(answer)).toEqual([first]);
    expect(JSON.parse(answer.events[0]!.body)).toEqual({
      id: first,
      type: "session.completed",
      timestamp: new Date(now).toISOString(),
      data: { name: "Zoë", sequence: 2 },
    });
    // A lost answer is heard again; what was taken is not.
    expect(await heard(app, inTest)).toEqual(answer);
    expect(await heard(app, inTest, answer.nextAfter)).toEqual({ events: [], nextAfter: answer.nextAfter });
    expect(idsOf(await heard(app, inLive, 0, "live"))).toEqual([live]);
  });

  it("misses nothing that commits late: its order is that of commits, not of ids", async () => {
    const app = await newApp();
    const now = Date.now();
    const session = await seedSession(seeded(app), now, "test");
    const id = await listen(app);
    const later = await seedEvent(seeded(app), now, { sessionId: session, id: newId(now + 5_000) });
    const { nextAfter } = await heard(app, id);
    const earlier = await seedEvent(seeded(app), now, { sessionId: session, id: newId(now - 5_000) });
    expect(earlier < later).toBe(true);
    expect(idsOf(await heard(app, id, nextAfter))).toEqual([earlier]);
  });

  it("hears only the types it asked for, and what happened before when it asks for that", async () => {
    const app = await newApp();
    const now = Date.now();
    const session = await seedSession(seeded(app), now, "test");
    await seedEvent(seeded(app), now - 120_000, { sessionId: session, type: "session.started" });
    const paused = await seedEvent(seeded(app), now, { sessionId: session, type: "session.paused" });
    await seedEvent(seeded(app), now, { sessionId: session, type: "session.resumed" });
    const since = new Date(now - 60_000).toISOString();
    const id = await listen(app, { events: ["session.started", "session.paused"], since });
    expect(idsOf(await heard(app, id))).toEqual([paused]);
    const tooFar = new Date(now - 3_700_000).toISOString();
    expect((await send("POST", PATH, { body: { since: tooFar }, headers: key(app) })).status).toBe(400);
  });

  it("waits for what has not come yet", async () => {
    const app = await newApp();
    const now = Date.now();
    const session = await seedSession(seeded(app), now, "test");
    const id = await listen(app);
    let waits = 0;
    let event = "";
    const pause = async () => {
      if (++waits === 2) event = await seedEvent(seeded(app), now, { sessionId: session });
    };
    const owner = { providerId: app.provider.id, mode: "test" } as const;
    const wish = { after: 0, limit: 10, waitSeconds: 20 };
    expect(idsOf(await hear(env.DB, owner, id, wish, now, pause))).toEqual([event]);
    expect(waits).toBe(2);
  });

  it("changes nothing for endpoints: they get what they got before", async () => {
    const app = await newApp();
    const now = Date.now();
    const session = await seedSession(seeded(app), now, "test");
    const url = `https://receiver-${newId(now)}.example.com/hook`;
    await send("POST", "/v1/provider/webhooks", { body: { url, events: ["*"] }, headers: key(app) });
    const id = await listen(app);
    const event = await seedEvent(seeded(app), now, { sessionId: session });
    const internet = receivers();
    await deliverDue(virtualDeliverer(now, internet.send));
    expect(internet.ids(url)).toEqual([event]);
    const { events } = await heard(app, id);
    expect(events[0]!.body).toBe(internet.received.find((one) => one.url === url)!.body);
  });

  it("hears a test event that nobody else hears, once under one key", async () => {
    const app = await newApp();
    const [id, other] = [await listen(app), await listen(app)];
    const headers = { ...key(app), "Idempotency-Key": "once" };
    const asked = await Promise.all([1, 2].map(() => send("POST", `${PATH}/${id}/test`, { headers })));
    expect(asked.map(({ status }) => status)).toEqual([202, 202]);
    const { events } = await heard(app, id);
    expect(events.map(({ type }) => type)).toEqual(["webhook.test"]);
    expect(idsOf(await heard(app, other))).toEqual([]);
  });

  it("belongs to one app and mode, ends on request or when it stays away, and there are five at most", async () => {
    const app = await newApp();
    const id = await listen(app);
    const status = async (who: Record<string, string>) =>
      (await send("GET", `${PATH}/${id}/events`, { headers: who })).status;
    expect(await status(key(app, "live"))).toBe(404);
    expect(await status(key(await newApp()))).toBe(404);
    expect(await status({})).toBe(401);
    for (let count = 1; count < 5; count++) await listen(app);
    const sixth = await send("POST", PATH, { body: {}, headers: key(app) });
    expect([sixth.status, (await sixth.json<{ code: string }>()).code]).toEqual([422, "webhook_limit_reached"]);
    expect((await send("DELETE", `${PATH}/${id}`, { headers: key(app) })).status).toBe(204);
    expect(await status(key(app))).toBe(404);
    const next = await listen(app);
    await send("POST", `${PATH}/${next}/test`, { headers: key(app) });
    await purgeListeners(env.DB, Date.now() + LISTENER_LIVES_MS + 60_000);
    const left = await env.DB.prepare("SELECT count(*) AS n FROM listener_events WHERE listener_id = ?")
      .bind(next)
      .first("n");
    expect(left).toBe(0);
  });
});
