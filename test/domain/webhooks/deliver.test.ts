import { env } from "cloudflare:test";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it, vi } from "vitest";
import { newId } from "../../../domain/ids.ts";
import { deliverDue } from "../../../domain/webhooks/deliver.ts";
import { exchange, LEASE_MS } from "../../../domain/webhooks/delivery-store.ts";
import { BREAKER_OPEN_MS, FAILING_MAX_MS } from "../../../domain/webhooks/result-store.ts";
import { rotateSecret } from "../../../domain/webhooks/endpoints.ts";
import { ATTEMPTS_MAX, RETRY_DELAYS_MS } from "../../../domain/webhooks/schedule.ts";
import {
  deliveryRow,
  ok,
  place,
  receivers,
  seedEvent,
  seedProvider,
  seedSession,
  seedWebhook,
  virtualDeliverer,
  webhookRow,
} from "../../support/webhooks.ts";

const start = Date.now();
const status = (code: number, headers: HeadersInit = {}) =>
  new Response(code === 204 ? null : "no", { status: code, headers });

/** What a test leaves behind must not come due in the next one. */
afterEach(async () => {
  await env.DB.batch([
    env.DB.prepare("UPDATE deliveries SET status = 'dropped' WHERE status = 'pending'"),
    env.DB.prepare("UPDATE outbox SET fanned_at = 0 WHERE fanned_at IS NULL"),
  ]);
});

describe("an event", () => {
  it("reaches every endpoint that subscribes to its type, once, with both signatures", async () => {
    const provider = await seedProvider(start);
    const all = await seedWebhook(provider, start);
    const one = await seedWebhook(provider, start, { events: ["session.completed", "tokens.consumed"] });
    const other = await seedWebhook(provider, start, { events: ["payout.paid"] });
    const eventId = await seedEvent(provider, start, { data: { tokensConsumed: 7 } });
    const internet = receivers();
    const deliverer = virtualDeliverer(start, internet.send);
    await deliverDue(deliverer);
    await deliverDue(deliverer);

    expect(internet.ids(all.url)).toEqual([eventId]);
    expect(internet.ids(one.url)).toEqual([eventId]);
    expect(internet.ids(other.url)).toEqual([]);
    for (const webhook of [all, one]) {
      const { headers, body, redirect } = internet.received.find(({ url }) => url === webhook.url)!;
      expect(new Webhook(webhook.secret).verify(body, headers)).toEqual({
        id: eventId,
        type: "session.completed",
        timestamp: new Date(start).toISOString(),
        data: { tokensConsumed: 7 },
      });
      expect(headers["x-marketplace-signature"]).toMatch(new RegExp(`^t=${Math.floor(start / 1000)},v1=[0-9a-f]{64}$`));
      expect(redirect).toBe("manual");
    }
    expect(await deliveryRow(all.id, eventId)).toMatchObject({
      status: "delivered",
      attempts: 1,
      last_code: 200,
      lease: null,
    });
  });

  it("of another provider, or for a person's devices only, is nobody's business here", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const own = await seedEvent(null, start, { type: "session.created" });
    const foreign = await seedEvent(await seedProvider(start), start);
    const internet = receivers();
    await deliverDue(virtualDeliverer(start, internet.send));
    expect(internet.ids(webhook.url)).toEqual([]);
    for (const id of [own, foreign])
      expect(
        await env.DB.prepare("SELECT fanned_at FROM outbox WHERE id = ?").bind(id).first<number>("fanned_at"),
      ).toBe(start);
  });

  it("of a type that is not public stays inside, also for a wildcard", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    await seedEvent(provider, start, { type: "session.created" });
    const internet = receivers();
    await deliverDue(virtualDeliverer(start, internet.send));
    expect(internet.ids(webhook.url)).toEqual([]);
  });

  it("of a test session goes to test endpoints, all others to live ones", async () => {
    const provider = await seedProvider(start);
    const live = await seedWebhook(provider, start);
    const test = await seedWebhook(provider, start, { mode: "test" });
    const sandbox = await seedEvent(provider, start, { sessionId: await seedSession(provider, start, "test") });
    const real = await seedEvent(provider, start, { sessionId: await seedSession(provider, start, "live") });
    const available = await seedEvent(provider, start, { type: "provider.available" });
    const internet = receivers();
    await deliverDue(virtualDeliverer(start, internet.send));
    expect(internet.ids(test.url)).toEqual([sandbox]);
    expect(internet.ids(live.url).toSorted()).toEqual([real, available].toSorted());
  });

  it("carries the place it has in its session", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const sessionId = await seedSession(provider, start, "live");
    for (const type of ["session.started", "session.paused", "session.resumed"])
      await seedEvent(provider, start, { type, sessionId, data: { sessionId } });
    const internet = receivers();
    await deliverDue(virtualDeliverer(start, internet.send));
    const bodies = internet.received.filter(({ url }) => url === webhook.url).map(({ body }) => JSON.parse(body));
    expect(bodies.map(({ type, data }) => [data.sequence, type]).toSorted()).toEqual([
      [1, "session.started"],
      [2, "session.paused"],
      [3, "session.resumed"],
    ]);
  });
});

describe("many deliverers at once", () => {
  it("send each event to each endpoint exactly once", async () => {
    const provider = await seedProvider(start);
    const webhooks = [];
    for (let index = 0; index < 4; index++) webhooks.push(await seedWebhook(provider, start));
    const events: string[] = [];
    for (let index = 0; index < 60; index++) events.push(await seedEvent(provider, start));
    const internet = receivers();
    await Promise.all(Array.from({ length: 5 }, () => deliverDue(virtualDeliverer(start, internet.send))));
    for (const webhook of webhooks) expect(internet.ids(webhook.url).toSorted()).toEqual(events.toSorted());
  });
});

describe("a failed attempt", () => {
  it("is made again to the schedule until it is given up, with one log row each and the same id and body", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const eventId = await seedEvent(provider, start);
    const internet = receivers(() => status(500));
    const deliverer = virtualDeliverer(start, internet.send);
    await deliverDue(deliverer);
    const sentAt = [start];
    for (const wait of RETRY_DELAYS_MS) {
      deliverer.now += wait - 1;
      await deliverDue(deliverer);
      expect(internet.received).toHaveLength(sentAt.length);
      deliverer.now += 1;
      // The breaker does not matter to a single event: too few attempts a minute.
      await deliverDue(deliverer);
      sentAt.push(deliverer.now);
      expect(internet.received).toHaveLength(sentAt.length);
    }
    expect(sentAt).toHaveLength(ATTEMPTS_MAX);
    expect(new Set(internet.ids())).toEqual(new Set([eventId]));
    expect(new Set(internet.received.map(({ body }) => body)).size).toBe(1);
    expect(await deliveryRow(webhook.id, eventId)).toMatchObject({
      status: "dead",
      attempts: ATTEMPTS_MAX,
      last_code: 500,
      last_error: "answered 500",
    });
    deliverer.now += 30 * 24 * 3_600_000;
    await deliverDue(deliverer);
    expect(internet.received).toHaveLength(ATTEMPTS_MAX);
    const log = await env.DB.prepare("SELECT * FROM webhook_logs WHERE webhook_id = ? ORDER BY created_at")
      .bind(webhook.id)
      .all<{ attempt: number; status: string; response_code: number; response: string; created_at: number }>();
    expect(log.results.map((row) => row.attempt)).toEqual(
      Array.from({ length: ATTEMPTS_MAX }, (_, index) => index + 1),
    );
    expect(log.results.map((row) => row.created_at)).toEqual(sentAt);
    expect(log.results[0]).toMatchObject({ status: "failed", response_code: 500, response: "no" });
  });

  it("is signed anew at every attempt, so that a late retry is not refused as too old", async () => {
    const provider = await seedProvider(start);
    await seedWebhook(provider, start);
    await seedEvent(provider, start);
    const internet = receivers((_one, count) => (count === 1 ? status(500) : ok()));
    const deliverer = virtualDeliverer(start, internet.send);
    await deliverDue(deliverer);
    deliverer.now += 1_000;
    await deliverDue(deliverer);
    expect(internet.received.map(({ headers }) => Number(headers["webhook-timestamp"]))).toEqual([
      Math.floor(start / 1000),
      Math.floor(start / 1000) + 1,
    ]);
  });

  it.each([
    [301, "redirect (301) is not followed"],
    [307, "redirect (307) is not followed"],
    [400, "answered 400"],
    [404, "answered 404"],
    [500, "answered 500"],
  ])("is one that was answered %i", async (code, error) => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const eventId = await seedEvent(provider, start);
    const internet = receivers(() => status(code, { Location: "https://169.254.169.254/" }));
    await deliverDue(virtualDeliverer(start, internet.send));
    expect(internet.received).toHaveLength(1);
    expect(await deliveryRow(webhook.id, eventId)).toMatchObject({
      status: "pending",
      attempts: 1,
      due_at: start + 1_000,
      last_error: error,
    });
  });

  it.each([200, 201, 204, 299])("is not one that was answered %i", async (code) => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const eventId = await seedEvent(provider, start);
    await deliverDue(virtualDeliverer(start, receivers(() => status(code)).send));
    expect(await deliveryRow(webhook.id, eventId)).toMatchObject({
      status: "delivered",
      last_code: code,
      last_error: null,
    });
  });

  it("by a lost connection says nothing of the network", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const eventId = await seedEvent(provider, start);
    const internet = receivers(() => Promise.reject(new Error("connect ECONNREFUSED 10.1.2.3:443")));
    await deliverDue(virtualDeliverer(start, internet.send));
    expect(await deliveryRow(webhook.id, eventId)).toMatchObject({
      last_code: null,
      last_error: "the connection failed",
    });
  });

  it("by a receiver that does not answer is cut off after 8 s", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const eventId = await seedEvent(provider, start);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const internet = receivers(
      (_one, _count, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("cut off")))),
    );
    const run = deliverDue(virtualDeliverer(start, internet.send));
    while (internet.received.length === 0) await deliveryRow(webhook.id, eventId);
    await vi.advanceTimersByTimeAsync(7_999);
    expect(await deliveryRow(webhook.id, eventId)).toMatchObject({ status: "pending", attempts: 0 });
    await vi.advanceTimersByTimeAsync(1);
    await run;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    expect(await deliveryRow(webhook.id, eventId)).toMatchObject({
      status: "pending",
      last_error: "no answer within 8 s",
    });
  });

  it("keeps one KB of the answer and reads no more", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    await seedEvent(provider, start);
    let pulled = 0;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            pulled++;
            controller.enqueue(new TextEncoder().encode("x".repeat(600)));
          },
        }),
        { status: 500 },
      );
    await deliverDue(virtualDeliverer(start, receivers(endless).send));
    const response = await env.DB.prepare("SELECT response FROM webhook_logs WHERE webhook_id = ?")
      .bind(webhook.id)
      .first<string>("response");
    expect(response).toHaveLength(1_024);
    expect(pulled).toBeLessThan(6);
  });

  it("never goes to an address that the policy forbids, though it is stored", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    await env.DB.prepare("UPDATE webhooks SET url = 'https://10.0.0.1/' WHERE id = ?").bind(webhook.id).run();
    const eventId = await seedEvent(provider, start);
    const internet = receivers();
    await deliverDue(virtualDeliverer(start, internet.send));
    expect(internet.received).toEqual([]);
    expect((await deliveryRow(webhook.id, eventId))?.last_error).toMatch(/not public/);
  });
});

describe("Retry-After", () => {
  it.each([429, 503])("of a %i is obeyed", async (code) => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const eventId = await seedEvent(provider, start);
    await deliverDue(virtualDeliverer(start, receivers(() => status(code, { "Retry-After": "90" })).send));
    expect((await deliveryRow(webhook.id, eventId))?.due_at).toBe(start + 90_000);
  });
  it("of anything else is not", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const eventId = await seedEvent(provider, start);
    await deliverDue(virtualDeliverer(start, receivers(() => status(500, { "Retry-After": "90" })).send));
    expect((await deliveryRow(webhook.id, eventId))?.due_at).toBe(start + 1_000);
  });
});

describe("an endpoint that answers 410", () => {
  it("is switched off, its owner is told, and what follows can be replayed", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const first = await seedEvent(provider, start);
    const internet = receivers(() => status(410));
    const deliverer = virtualDeliverer(start, internet.send);
    await deliverDue(deliverer);
    expect(await webhookRow(webhook.id)).toMatchObject({ enabled: 0, disabled_reason: "gone" });
    expect(await deliveryRow(webhook.id, first)).toMatchObject({ status: "dead", last_code: 410 });
    const second = await seedEvent(provider, start + 1);
    await deliverDue(deliverer);
    expect(internet.ids(webhook.url)).toEqual([first]);
    expect(await deliveryRow(webhook.id, second)).toMatchObject({ status: "dropped" });
    const notice = await env.DB.prepare("SELECT * FROM outbox WHERE type = 'webhook.disabled' AND user_id = ?")
      .bind(provider.ownerUserId)
      .all<{ id: string; provider_id: string | null; data: string; at: number }>();
    expect(notice.results).toHaveLength(1);
    const [row] = notice.results;
    expect(row!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(row!.id.slice(0, 13)).toBe(newId(start).slice(0, 13));
    expect(row!.provider_id).toBeNull();
    expect(JSON.parse(row!.data)).toEqual({
      webhookId: webhook.id,
      providerId: provider.id,
      url: webhook.url,
      reason: "gone",
    });
    const told = await env.DB.prepare("SELECT kind, data FROM notifications WHERE user_id = ?")
      .bind(provider.ownerUserId)
      .all<{ kind: string; data: string }>();
    expect(told.results.map(({ kind }) => kind)).toEqual(["webhook_disabled"]);
    expect(JSON.parse(told.results[0]!.data)).toMatchObject({
      providerName: "Writer",
      url: webhook.url,
      reason: "gone",
    });
  });
});

describe("an endpoint that fails for five days", () => {
  const fail = async (since: number) => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    await env.DB.prepare("UPDATE webhooks SET failing_since = ? WHERE id = ?").bind(since, webhook.id).run();
    await seedEvent(provider, start);
    await deliverDue(virtualDeliverer(start, receivers(() => status(500)).send));
    return webhookRow(webhook.id);
  };
  it("is switched off at the next failure", async () => {
    expect(await fail(start - FAILING_MAX_MS)).toMatchObject({ enabled: 0, disabled_reason: "failing" });
  });
  it("is left on a moment earlier", async () => {
    expect(await fail(start - FAILING_MAX_MS + 1)).toMatchObject({ enabled: 1, disabled_reason: null });
  });
  it("starts anew after any success", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    await env.DB.prepare("UPDATE webhooks SET failing_since = ? WHERE id = ?").bind(1, webhook.id).run();
    await seedEvent(provider, start);
    await deliverDue(virtualDeliverer(start, receivers().send));
    expect(await webhookRow(webhook.id)).toMatchObject({ enabled: 1, failing_since: null });
  });
});

describe("the circuit breaker", () => {
  const trip = async (failing: (count: number) => boolean, events: number) => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    for (let index = 0; index < events; index++) await seedEvent(provider, start);
    const internet = receivers((_one, count) => (failing(count) ? status(500) : ok()));
    const deliverer = virtualDeliverer(start, internet.send);
    await deliverDue(deliverer);
    return { provider, webhook, internet, deliverer };
  };

  it("opens for 30 s when half of twenty attempts fail", async () => {
    const { webhook } = await trip((count) => count % 2 === 0, 20);
    expect((await webhookRow(webhook.id))?.open_until).toBe(start + BREAKER_OPEN_MS);
  });
  it("stays closed below half, and below twenty attempts", async () => {
    const few = await trip(() => true, 19);
    expect((await webhookRow(few.webhook.id))?.open_until).toBeNull();
    const some = await trip((count) => count <= 9, 20);
    expect((await webhookRow(some.webhook.id))?.open_until).toBeNull();
  });
  it("sends nothing while open, one probe when half open, and everything once that gets through", async () => {
    const { provider, webhook, internet, deliverer } = await trip((count) => count <= 21, 20);
    expect(internet.received).toHaveLength(20);
    const later = await seedEvent(provider, start + 1_000);
    deliverer.now = start + BREAKER_OPEN_MS - 1;
    await deliverDue(deliverer);
    expect(internet.received).toHaveLength(20);

    // Half open: one attempt, which fails, and so nothing for another 30 s.
    deliverer.now = start + BREAKER_OPEN_MS;
    await Promise.all([deliverDue(deliverer), deliverDue(deliverer)]);
    expect(internet.received).toHaveLength(21);
    const reopened = deliverer.now + BREAKER_OPEN_MS;
    expect((await webhookRow(webhook.id))?.open_until).toBe(reopened);
    deliverer.now = reopened - 1;
    await deliverDue(deliverer);
    expect(internet.received).toHaveLength(21);

    // The next probe gets through: the breaker closes, and all that waited follows.
    deliverer.now = reopened;
    await deliverDue(deliverer);
    expect((await webhookRow(webhook.id))?.open_until).toBeNull();
    deliverer.now += 60_000;
    await deliverDue(deliverer);
    expect(new Set(internet.ids(webhook.url))).toHaveProperty("size", 21);
    expect((await deliveryRow(webhook.id, later))?.status).toBe("delivered");
  });
});

describe("a slow endpoint", () => {
  it("holds up nobody else", async () => {
    const provider = await seedProvider(start);
    const slow = await seedWebhook(provider, start);
    const fast = await seedWebhook(provider, start);
    let release = () => {};
    const stuck = new Promise<Response>((resolve) => (release = () => resolve(ok())));
    const internet = receivers(({ url }) => (url === slow.url ? stuck : ok()));
    const events: string[] = [];
    for (let index = 0; index < 30; index++) events.push(await seedEvent(provider, start));
    const run = deliverDue(virtualDeliverer(start, internet.send));
    // All of the fast one is recorded while the slow one still has not answered once.
    await vi.waitFor(async () => {
      const row = await env.DB.prepare(
        "SELECT count(*) AS n FROM deliveries WHERE webhook_id = ? AND status = 'delivered'",
      )
        .bind(fast.id)
        .first<number>("n");
      expect(row).toBe(30);
    });
    expect(internet.ids(slow.url).length).toBeLessThan(5);
    // And new events of the fast one pass it too.
    const late = await seedEvent(provider, start);
    release();
    await run;
    await deliverDue(virtualDeliverer(start, internet.send));
    expect(internet.ids(fast.url)).toContain(late);
    expect(internet.ids(slow.url).toSorted()).toEqual([...events, late].toSorted());
  });

  it("that cannot be reached costs one timeout, not one for each waiting event", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    for (let index = 0; index < 15; index++) await seedEvent(provider, start);
    const internet = receivers(() => Promise.reject(new Error("lost")));
    await deliverDue(virtualDeliverer(start, internet.send));
    expect(internet.received.length).toBeLessThanOrEqual(3);
    const waiting = await env.DB.prepare(
      "SELECT count(*) AS n FROM deliveries WHERE webhook_id = ? AND status = 'pending' AND attempts = 0 AND due_at = ?",
    )
      .bind(webhook.id, start + 1_000)
      .first<number>("n");
    expect(waiting).toBe(15 - internet.received.length);
  });
});

describe("a deliverer that dies", () => {
  const all = { results: [], busy: {}, eventsMax: 50, claimsMax: 50 };

  it("between sending and recording leads to the same event once more, with the same id", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const eventId = await seedEvent(provider, start);
    // It took the delivery (and perhaps sent it), and was never heard of again.
    const { claims } = await exchange(env.DB, { ...all, now: start });
    expect(claims.filter((claim) => claim.webhookId === webhook.id)).toHaveLength(1);
    const internet = receivers();
    const deliverer = virtualDeliverer(start + LEASE_MS - 1, internet.send);
    const { nextDueAt } = await deliverDue(deliverer);
    expect(internet.received).toEqual([]);
    expect(nextDueAt).toBe(start + LEASE_MS);
    deliverer.now = start + LEASE_MS;
    await deliverDue(deliverer);
    expect(internet.ids(webhook.url)).toEqual([eventId]);
    expect((await deliveryRow(webhook.id, eventId))?.status).toBe("delivered");
  });

  it("and comes back after its lease overwrites nothing", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const eventId = await seedEvent(provider, start);
    const { claims } = await exchange(env.DB, { ...all, now: start });
    const { lease } = claims.find((claim) => claim.webhookId === webhook.id)!;
    await deliverDue(virtualDeliverer(start + LEASE_MS, receivers().send));
    const late = { webhookId: webhook.id, eventId, lease, status: "pending" as const, dueAt: start, attempt: null };
    await exchange(env.DB, { ...all, eventsMax: 0, claimsMax: 0, results: [late], now: start + LEASE_MS + 1 });
    expect((await deliveryRow(webhook.id, eventId))?.status).toBe("delivered");
  });

  it("by D1 refusing its record leads to the same event once more", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const eventId = await seedEvent(provider, start);
    const internet = receivers();
    let calls = 0;
    const failing = new Proxy(env.DB, {
      get: (db, key) =>
        key === "batch"
          ? (statements: D1PreparedStatement[]) =>
              ++calls === 2 ? Promise.reject(new Error("D1 is away")) : db.batch(statements)
          : (Reflect.get(db, key) as (...args: unknown[]) => unknown).bind(db),
    });
    await expect(deliverDue({ ...virtualDeliverer(start, internet.send), db: failing })).rejects.toThrow("D1 is away");
    await deliverDue(virtualDeliverer(start + LEASE_MS, internet.send));
    expect(internet.ids(webhook.url)).toEqual([eventId, eventId]);
    expect((await deliveryRow(webhook.id, eventId))?.status).toBe("delivered");
  });
});

describe("a run", () => {
  it("ends at its time, gives nothing up and says that there is more", async () => {
    const provider = await seedProvider(start);
    const webhook = await seedWebhook(provider, start);
    const events: string[] = [];
    for (let index = 0; index < 70; index++) events.push(await seedEvent(provider, start));
    const internet = receivers();
    const deliverer = virtualDeliverer(start, internet.send);
    deliverer.onMore = () => {
      deliverer.now += 10_000;
    };
    deliverer.stopAt = start + 1_000;
    const end = await deliverDue(deliverer);
    expect(internet.ids(webhook.url).length).toBeLessThan(70);
    const next = virtualDeliverer(deliverer.now, internet.send);
    await deliverDue(next);
    expect(internet.ids(webhook.url).toSorted()).toEqual(events.toSorted());
    expect(end.isMore).toBe(true);
  });

  it("tells when the next retry is due", async () => {
    const provider = await seedProvider(start);
    await seedWebhook(provider, start);
    await seedEvent(provider, start);
    const end = await deliverDue(virtualDeliverer(start, receivers(() => status(500)).send));
    expect(end).toEqual({ isMore: false, nextDueAt: start + 1_000 });
  });
});

describe("rotation", () => {
  it("signs with both secrets for 24 h and with the new one only afterwards", async () => {
    const provider = await seedProvider(start);
    const before = await seedWebhook(provider, start);
    const owner = { providerId: provider.id, mode: "live" as const };
    const { webhook: after } = await rotateSecret(place, owner, before.id, null, start);
    const internet = receivers();
    const day = 24 * 3_600_000;
    const lastOf = async (at: number) => {
      await seedEvent(provider, at);
      await deliverDue(virtualDeliverer(at, internet.send));
      return internet.received.at(-1)!;
    };
    const overlap = await lastOf(start + day - 1);
    expect(overlap.headers["webhook-signature"]!.split(" ")).toHaveLength(2);
    expect(overlap.headers["x-marketplace-signature"]!.split(",v1=")).toHaveLength(3);
    vi.useFakeTimers({ toFake: ["Date"], now: start + day });
    expect(new Webhook(before.secret).verify(overlap.body, overlap.headers)).toBeTruthy();
    expect(new Webhook(after.secret).verify(overlap.body, overlap.headers)).toBeTruthy();
    const single = await lastOf(start + day);
    expect(single.headers["webhook-signature"]!.split(" ")).toHaveLength(1);
    expect(new Webhook(after.secret).verify(single.body, single.headers)).toBeTruthy();
    expect(() => new Webhook(before.secret).verify(single.body, single.headers)).toThrow();
    vi.useRealTimers();
  });
});
