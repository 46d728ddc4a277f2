// Hints, the queue and the sweeper: an event arrives though every hint is lost, and a burst sends few messages.

import {
  createExecutionContext,
  createMessageBatch,
  env,
  getQueueResult,
  waitOnExecutionContext,
} from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { purgeWebhooks } from "../../domain/webhooks/store.ts";
import type { Env } from "../../workers/env.ts";
import { hintLater, hintWebhooks, showDeliverer, takeWanted } from "../../workers/consumers/hint.ts";
import worker from "../../workers/index.ts";
import { receivers, seedEvent, seedProvider, seedSession, seedWebhook } from "../support/webhooks.ts";

let internet = receivers();
beforeEach(() => {
  internet = receivers();
  // Hints go nowhere here: what is shown holds without them, and no consumer runs into the next test.
  vi.spyOn(env.WEBHOOKS, "send").mockResolvedValue({ metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } });
  vi.spyOn(globalThis, "fetch").mockImplementation((...request) => internet.send(...request));
});
afterEach(() => vi.restoreAllMocks());

const QUEUE = "meterplace-webhooks";
const message = (id: string) => ({ id, timestamp: new Date(), attempts: 1, body: {} });
const minute = { cron: "* * * * *", scheduledTime: Date.now(), noRetry: () => {} };

describe("the queue's consumer", () => {
  it("delivers what is due, whatever the message says, and acknowledges it", async () => {
    const provider = await seedProvider(Date.now());
    const webhook = await seedWebhook(provider, Date.now());
    const eventId = await seedEvent(provider, Date.now());
    const batch = createMessageBatch(QUEUE, [message("one"), message("two")]);
    const context = createExecutionContext();
    await worker.queue(batch, env);
    const result = await getQueueResult(batch, context);
    expect(result.explicitAcks).toEqual(["one", "two"]);
    expect(internet.ids(webhook.url)).toEqual([eventId]);
  });

  it("asks for the message again when D1 is away", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const away = {
      ...env,
      DB: { prepare: env.DB.prepare.bind(env.DB), batch: () => Promise.reject(new Error("away")) },
    };
    const batch = createMessageBatch(QUEUE, [message("one")]);
    const context = createExecutionContext();
    await worker.queue(batch, away as unknown as Env);
    expect((await getQueueResult(batch, context)).retryMessages).toMatchObject([{ msgId: "one" }]);
  });

  it("is asked to look again when a retry is due within the minute", async () => {
    internet = receivers(() => new Response(null, { status: 500 }));
    const sent = vi.mocked(env.WEBHOOKS.send);
    const provider = await seedProvider(Date.now());
    await seedWebhook(provider, Date.now());
    await seedEvent(provider, Date.now());
    await worker.queue(createMessageBatch(QUEUE, [message("one")]), env);
    expect(sent).toHaveBeenCalledWith({}, { contentType: "json", delaySeconds: expect.any(Number) });
    const [, options] = sent.mock.calls.at(-1)!;
    expect(options!.delaySeconds).toBeGreaterThanOrEqual(1);
    expect(options!.delaySeconds).toBeLessThanOrEqual(2);
  });
});

describe("the sweeper", () => {
  it("finds every event though all hints were lost", async () => {
    const now = Date.now();
    const provider = await seedProvider(now);
    const webhooks = [await seedWebhook(provider, now), await seedWebhook(provider, now)];
    const events: string[] = [];
    for (let index = 0; index < 130; index++) events.push(await seedEvent(provider, now - 60_000 + index));
    await worker.scheduled(minute, env);
    for (const { url } of webhooks) expect(internet.ids(url).toSorted()).toEqual(events.toSorted());
    await worker.scheduled(minute, env);
    for (const { url } of webhooks) expect(internet.ids(url)).toHaveLength(events.length);
  });
});

describe("hints", () => {
  /** Counts messages instead of sending them. */
  const counted = () => {
    const messages: unknown[] = [];
    const send = async (...sent: unknown[]) => void messages.push(sent);
    return { messages, env: { ...env, WEBHOOKS: { send } } as unknown as Env };
  };

  it("of a burst become one message at once and one at the end of the window", async () => {
    vi.useFakeTimers();
    vi.setSystemTime(Date.now() + 3_600_000);
    const { messages, env: place } = counted();
    const context = createExecutionContext();
    for (let index = 0; index < 100; index++) hintWebhooks(place, context);
    expect(messages).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(199);
    for (let index = 0; index < 100; index++) hintWebhooks(place, context);
    expect(messages).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(messages).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(messages).toHaveLength(2);
    hintWebhooks(place, context);
    expect(messages).toHaveLength(3);
    vi.useRealTimers();
    await waitOnExecutionContext(context);
  });

  it("are a flag while this isolate delivers, and messages again once the deliverer has fallen silent", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 7_200_000 });
    const { messages, env: place } = counted();
    const context = createExecutionContext();
    showDeliverer(Date.now());
    hintWebhooks(place, context);
    expect(messages).toHaveLength(0);
    expect(takeWanted()).toBe(true);
    expect(takeWanted()).toBe(false);
    vi.setSystemTime(Date.now() + 10_000);
    hintWebhooks(place, context);
    expect(messages).toHaveLength(1);
    showDeliverer(null);
    vi.useRealTimers();
    await waitOnExecutionContext(context);
  });

  it("that cannot be sent disturb nobody", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_800_000 });
    const context = createExecutionContext();
    const full = { send: () => Promise.reject(new Error("queue full")) };
    hintWebhooks({ ...env, WEBHOOKS: full } as unknown as Env, context);
    vi.useRealTimers();
    await waitOnExecutionContext(context);
    expect(warned).toHaveBeenCalledOnce();
  });

  it("for later are sent only when they are earlier than the one that is on its way", async () => {
    const { messages, env: place } = counted();
    const now = Date.now() + 14_400_000;
    await hintLater(place, now + 8_000, now);
    await hintLater(place, now + 9_000, now + 1);
    expect(messages).toHaveLength(1);
    await hintLater(place, now + 2_000, now + 2);
    expect(messages).toHaveLength(2);
    await hintLater(place, now + 30_000, now + 2_001);
    expect(messages).toHaveLength(3);
  });
});

describe("dead letters of the queue", () => {
  it("are recorded once and acknowledged", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    for (let round = 0; round < 2; round++) {
      const batch = createMessageBatch(`${QUEUE}-dead`, [message("lost")]);
      const context = createExecutionContext();
      await worker.queue(batch, env);
      expect((await getQueueResult(batch, context)).explicitAcks).toEqual(["lost"]);
    }
    const rows = await env.DB.prepare("SELECT id, queue, body FROM queue_dead_letters").all();
    expect(rows.results).toEqual([{ id: "lost", queue: `${QUEUE}-dead`, body: "{}" }]);
    expect(logged).toHaveBeenCalledTimes(2);
  });
});

describe("the purge", () => {
  const fannedOutWhenTheyHappened = () =>
    env.DB.prepare("UPDATE deliveries SET created_at = (SELECT at FROM outbox o WHERE o.id = outbox_id)").run();

  it("throws away events and deliveries after 30 days, logs after 90, and nothing that is younger or still waits", async () => {
    const day = 24 * 3_600_000;
    const now = Date.now();
    const provider = await seedProvider(now);
    const webhook = await seedWebhook(provider, now);
    const ages = [29, 31, 89, 91];
    const ids = new Map<number, string>();
    for (const age of ages) ids.set(age, await seedEvent(provider, now - age * day));
    const waiting = await seedEvent(null, now - 31 * day);
    await worker.scheduled(minute, env);
    await env.DB.prepare("UPDATE outbox SET fanned_at = NULL WHERE id = ?").bind(waiting).run();
    await fannedOutWhenTheyHappened();
    const left = async (table: string, column: string) =>
      (
        await env.DB.prepare(
          `SELECT ${column} AS id FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?)) ORDER BY 1`,
        )
          .bind(JSON.stringify([...ids.values(), waiting]))
          .all<{ id: string }>()
      ).results.map(({ id }) => id);
    await purgeWebhooks(env.DB, now);
    expect(await left("deliveries", "outbox_id")).toEqual([ids.get(29)]);
    expect(await left("outbox", "id")).toEqual([waiting, ids.get(29)].toSorted());
    expect(await left("webhook_logs", "outbox_id")).toEqual([ids.get(89), ids.get(31), ids.get(29)].toSorted());
    expect(internet.ids(webhook.url)).toHaveLength(4);
    await purgeWebhooks(env.DB, now);
    expect(await left("deliveries", "outbox_id")).toEqual([ids.get(29)]);
  });

  it("keeps what is still owed, however old: a delivery on its way, and what an unsettled session said", async () => {
    const now = Date.now();
    const long = now - 40 * 24 * 3_600_000;
    const provider = await seedProvider(now);
    const webhook = await seedWebhook(provider, now);
    const [late, onItsWay, delivered] = [
      await seedEvent(provider, long),
      await seedEvent(provider, long),
      await seedEvent(provider, long),
    ];
    const said = await seedEvent(provider, long);
    await worker.scheduled(minute, env);
    await fannedOutWhenTheyHappened();
    const set = (sql: string, id: string) =>
      env.DB.prepare(`UPDATE deliveries SET ${sql} WHERE outbox_id = ?`).bind(id).run();
    await set(`created_at = ${now}`, late);
    await set("status = 'pending'", onItsWay);
    const unsettled = await seedSession(provider, now, "live");
    await env.DB.prepare("UPDATE outbox SET session_id = ? WHERE id = ?").bind(unsettled, said).run();
    const ids = [late, onItsWay, delivered, said];
    const left = async (table: string, column: string) =>
      (
        await env.DB.prepare(`SELECT ${column} AS id FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?))`)
          .bind(JSON.stringify(ids))
          .all<{ id: string }>()
      ).results.map(({ id }) => id);
    await purgeWebhooks(env.DB, now);
    expect((await left("deliveries", "outbox_id")).toSorted()).toEqual([late, onItsWay].toSorted());
    expect((await left("outbox", "id")).toSorted()).toEqual([late, onItsWay, said].toSorted());
    expect(internet.ids(webhook.url)).toHaveLength(4);
  });

  it("forgets a deleted endpoint and its ended secrets", async () => {
    const now = Date.now();
    const provider = await seedProvider(now);
    const webhook = await seedWebhook(provider, now);
    await env.DB.prepare("UPDATE webhook_secrets SET expires_at = ? WHERE webhook_id = ?").bind(now, webhook.id).run();
    await env.DB.prepare("UPDATE webhooks SET deleted_at = ? WHERE id = ?")
      .bind(now - 91 * 24 * 3_600_000, webhook.id)
      .run();
    await purgeWebhooks(env.DB, now);
    expect(await env.DB.prepare("SELECT 1 FROM webhooks WHERE id = ?").bind(webhook.id).first()).toBeNull();
    const live = await seedWebhook(provider, now);
    await purgeWebhooks(env.DB, now);
    expect(await env.DB.prepare("SELECT id FROM webhooks WHERE id = ?").bind(live.id).first("id")).toBe(live.id);
  });
});
