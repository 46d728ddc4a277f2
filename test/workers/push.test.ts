// Notices on devices: who is told, by whom it ends, and that nothing is lost or told twice.

import { createECDH, randomBytes, type ECDH } from "node:crypto";
import { env } from "cloudflare:test";
import { decrypt } from "http_ece";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deleteSignIn } from "../../domain/identity/store.ts";
import { markRead, notify } from "../../domain/notifications/store.ts";
import { deliverPushes } from "../../domain/push/deliver.ts";
import { deviceIdOf, PUSH_DEVICES_MAX } from "../../domain/push/devices.ts";
import type { PushMessage } from "../../domain/push/message.ts";
import { pushKeysOf } from "../../workers/push-keys.ts";
import {
  anApp,
  call,
  freshToken,
  passSeconds,
  ring,
  started,
  sync,
  useVirtualClock,
  work,
  type TestApp,
} from "../support/market.ts";
import { newPerson, type TestPerson } from "../support/people.ts";

beforeEach(() => useVirtualClock());
afterEach(() => void vi.useRealTimers());

/** A browser that subscribed: what it gives away, and what only it can open. */
interface Browser {
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
  open: (body: Uint8Array) => PushMessage;
}
let browsers = 0;
function aBrowser(): Browser {
  const ecdh: ECDH = createECDH("prime256v1");
  ecdh.generateKeys();
  const auth = randomBytes(16).toString("base64url");
  const endpoint = `https://push.example.com/${++browsers}`;
  return {
    subscription: { endpoint, keys: { p256dh: ecdh.getPublicKey("base64url"), auth } },
    open: (body) =>
      JSON.parse(
        decrypt(Buffer.from(body), { version: "aes128gcm", privateKey: ecdh, authSecret: auth }).toString(),
      ) as PushMessage,
  };
}
const add = (person: TestPerson, { subscription }: Browser, more: Record<string, unknown> = {}, key = "") =>
  call<{ device: { id: string } }>(
    "POST",
    "/v1/me/push/devices",
    person.token,
    { ...subscription, label: "Firefox on Android", language: "de", ...more },
    key ? { "Idempotency-Key": key } : {},
  );
const devicesOf = async (person: TestPerson) =>
  (
    await call<{ publicKey: string | null; devices: { id: string; label: string }[] }>(
      "GET",
      "/v1/me/push",
      person.token,
    )
  ).body.devices;

const countOf = (table: "pushes" | "push_devices") =>
  env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n");

/** A push service: what came, and what it answers. */
function pushService(answer: (url: string) => Response = () => new Response(null, { status: 201 })) {
  const came: { url: string; headers: Headers; body: Uint8Array }[] = [];
  const send = (async (url: string, request: RequestInit) => {
    came.push({ url, headers: new Headers(request.headers), body: request.body as Uint8Array });
    return answer(url);
  }) as unknown as typeof fetch;
  const complaints: number[] = [];
  const run = (keys = pushKeysOf(env)!) =>
    deliverPushes({
      db: env.DB,
      dataKey: env.DATA_KEY,
      environment: "local",
      keys,
      send,
      clock: Date.now,
      complain: (status) => complaints.push(status),
    });
  return { came, complaints, run };
}
const tell = (person: TestPerson, kind = "balance_low" as const, data: Record<string, unknown> = { totalTokens: 7 }) =>
  notify(env.DB, { userId: person.userId, kind, data, at: Date.now() }).run();

let ana: TestPerson;
let browser: Browser;
beforeEach(async () => {
  await env.DB.prepare("DELETE FROM push_devices").run();
  ana = await newPerson({ tokens: 10_000 });
  browser = aBrowser();
});

describe("devices", () => {
  it("are added once, however often they come, and taken away", async () => {
    const first = await add(ana, browser, {}, "key-1");
    expect(first.status).toBe(200);
    expect(first.body.device).toMatchObject({
      id: await deviceIdOf(browser.subscription.endpoint),
      label: "Firefox on Android",
      language: "de",
    });
    expect((await add(ana, browser, {}, "key-1")).body).toEqual(first.body);
    await add(ana, browser, { label: "Phone" });
    expect(await devicesOf(ana)).toMatchObject([{ id: first.body.device.id, label: "Phone" }]);

    const ben = await newPerson();
    const path = `/v1/me/push/devices/${first.body.device.id}`;
    expect((await call("DELETE", path, ben.token)).status).toBe(200);
    expect(await devicesOf(ana)).toHaveLength(1);
    for (const _ of [1, 2]) expect((await call("DELETE", path, ana.token)).body).toEqual({ removed: true });
    expect(await devicesOf(ana)).toEqual([]);
  });

  it("keep their endpoint sealed", async () => {
    await add(ana, browser);
    const rows = JSON.stringify((await env.DB.prepare("SELECT * FROM push_devices").all()).results);
    expect(rows).not.toContain("push.example.com");
    expect(rows).not.toContain(browser.subscription.keys.auth);
  });

  it.each([
    ["an address inside a network", { endpoint: "https://10.0.0.1/push" }, 422, "url_not_allowed"],
    [
      "an address without encryption, even of this machine",
      { endpoint: "http://127.0.0.1/push" },
      422,
      "url_not_allowed",
    ],
    ["keys of no device", { keys: { p256dh: "AAAA", auth: "AAAA" } }, 400, "invalid_request"],
    ["no label", { label: " " }, 400, "invalid_request"],
    ["a language we have no words in", { language: "fr" }, 400, "invalid_request"],
  ])("are refused with %s", async (_, more, status, code) => {
    const answer = await add(ana, browser, more);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await devicesOf(ana)).toEqual([]);
  });

  it("are at most ten: the one added first goes", async () => {
    const all: string[] = [];
    for (let i = 0; i <= PUSH_DEVICES_MAX; i++) {
      all.push((await add(ana, aBrowser())).body.device.id);
      passSeconds(1);
    }
    expect((await devicesOf(ana)).map(({ id }) => id)).toEqual(all.slice(1).toReversed());
  });

  it.each([
    ["their sign-in ends", () => deleteSignIn(env.DB, ana.signInId)],
    [
      "the account is deleted",
      async () => {
        const body = { email: ana.email, giveUpTokens: true };
        expect((await call("POST", "/v1/me/erase", ana.token, body)).status).toBe(204);
      },
    ],
  ])("hear no more when %s", async (_, end) => {
    await add(ana, browser);
    await tell(ana);
    await end();
    const service = pushService();
    await service.run();
    expect(service.came).toEqual([]);
    expect(await countOf("push_devices")).toBe(0);
    expect(await countOf("pushes")).toBe(0);
  });

  it("that change hands hear nothing of the person before", async () => {
    await add(ana, browser);
    await tell(ana);
    const ben = await newPerson();
    await add(ben, browser);
    expect(await devicesOf(ana)).toEqual([]);
    const service = pushService();
    await service.run();
    expect(service.came).toEqual([]);
    await tell(ben);
    await service.run();
    expect(service.came).toHaveLength(1);
  });
});

describe("a session about to end", () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await anApp(10);
    await add(ana, browser);
  });
  const untilWarned = async () => {
    const session = await started(ana, app, 30);
    await work(session, 25 * 60);
    await ring(session.id);
    return session;
  };

  it("is told five minutes ahead, once, to the device alone", async () => {
    const session = await untilWarned();
    const service = pushService();
    await service.run();
    await service.run();
    expect(service.came).toHaveLength(1);
    const { url, headers, body } = service.came[0]!;
    expect(url).toBe(browser.subscription.endpoint);
    expect(headers.get("Urgency")).toBe("high");
    expect(Number(headers.get("TTL"))).toBeGreaterThan(290);
    expect(Number(headers.get("TTL"))).toBeLessThanOrEqual(300);
    expect(browser.open(body)).toMatchObject({
      kind: "session_expiring",
      language: "de",
      sessionId: session.id,
      remainingSeconds: 300,
    });
  });

  it("is not told when it ended meanwhile", async () => {
    const session = await untilWarned();
    await sync(session.token, { action: "complete" });
    expect(await countOf("pushes")).toBe(1);
    const service = pushService();
    await service.run();
    expect(service.came).toEqual([]);
    expect(await countOf("pushes")).toBe(0);
  });

  it("is not told when it was extended meanwhile", async () => {
    const session = await untilWarned();
    const token = await freshToken(ana);
    const extended = await call("POST", `/v1/sessions/${session.id}/extend`, token, { minutes: 30 });
    expect(extended.status).toBe(200);
    const service = pushService();
    await service.run();
    expect(service.came).toEqual([]);
    expect(await countOf("pushes")).toBe(0);
  });

  it("is not told when its time is over", async () => {
    await untilWarned();
    passSeconds(300);
    const service = pushService();
    await service.run();
    expect(service.came).toEqual([]);
    expect(await countOf("pushes")).toBe(0);
  });

  it("is told by the Worker's own deliverer: nothing of it needs a page or an endpoint", async () => {
    await untilWarned();
    const { runDeliverer } = await import("../../workers/consumers/deliver-webhooks.ts");
    const came: string[] = [];
    const EGRESS = { fetch: async (url: string) => (came.push(url), new Response(null, { status: 201 })) };
    await runDeliverer({ ...env, EGRESS: EGRESS as unknown as Fetcher });
    expect(came).toEqual([browser.subscription.endpoint]);
    expect(await countOf("pushes")).toBe(0);
  });
});

describe("what a person is told", () => {
  beforeEach(() => add(ana, browser));

  it("reaches every device of theirs, and of nobody else", async () => {
    const other = aBrowser();
    const ben = await newPerson();
    const bens = aBrowser();
    await add(ana, other, { language: "en" });
    await add(ben, bens);
    await tell(ana);
    const service = pushService();
    await service.run();
    expect(service.came.map(({ url }) => url).toSorted()).toEqual(
      [browser, other].map(({ subscription }) => subscription.endpoint).toSorted(),
    );
    const mine = service.came.find(({ url }) => url === other.subscription.endpoint)!;
    expect(other.open(mine.body)).toMatchObject({
      kind: "news",
      news: "balance_low",
      data: { totalTokens: 7 },
      language: "en",
    });
    expect(mine.headers.get("Urgency")).toBe("normal");
  });

  it("is not told again to someone who has read it", async () => {
    await tell(ana);
    await markRead(env.DB, ana.userId, null, Date.now()).run();
    const service = pushService();
    await service.run();
    expect(service.came).toEqual([]);
  });

  it("goes without its figures when they would not fit", async () => {
    await tell(ana, "balance_low", { text: "x".repeat(5_000) });
    const service = pushService();
    await service.run();
    expect(browser.open(service.came[0]!.body)).toMatchObject({ kind: "news", news: "balance_low", data: {} });
  });

  it("is tried again, later each time, until it is no news", async () => {
    await tell(ana);
    const service = pushService(() => new Response(null, { status: 503 }));
    await service.run();
    await service.run();
    expect(service.came).toHaveLength(1);
    passSeconds(15);
    await service.run();
    passSeconds(29);
    await service.run();
    expect(service.came).toHaveLength(2);
    passSeconds(1);
    await service.run();
    expect(service.came).toHaveLength(3);
    passSeconds(24 * 60 * 60);
    await service.run();
    expect(service.came).toHaveLength(3);
    expect(await countOf("pushes")).toBe(0);
  });

  it("waits as long as the push service asks", async () => {
    await tell(ana);
    const service = pushService(() => new Response(null, { status: 429, headers: { "Retry-After": "600" } }));
    await service.run();
    passSeconds(599);
    await service.run();
    expect(service.came).toHaveLength(1);
    passSeconds(1);
    await service.run();
    expect(service.came).toHaveLength(2);
  });

  it("forgets a device that is gone, and a message that is refused", async () => {
    const gone = aBrowser();
    await add(ana, gone);
    await tell(ana);
    const service = pushService(
      (url) => new Response(null, { status: url === gone.subscription.endpoint ? 410 : 403 }),
    );
    await service.run();
    expect(service.complaints).toEqual([403]);
    expect(await devicesOf(ana)).toMatchObject([{ id: await deviceIdOf(browser.subscription.endpoint) }]);
    expect(await countOf("pushes")).toBe(0);
  });

  it("is not held up by a device that cannot be read", async () => {
    const other = aBrowser();
    const { device } = (await add(ana, other)).body;
    await env.DB.prepare("UPDATE push_devices SET sealed = 'AAAA' WHERE id = ?").bind(device.id).run();
    await tell(ana);
    const service = pushService();
    await service.run();
    expect(service.came.map(({ url }) => url)).toEqual([browser.subscription.endpoint]);
    expect(await devicesOf(ana)).toHaveLength(1);
    expect(await countOf("pushes")).toBe(0);
  });

  it("is kept, and so are its devices, while our own key is none", async () => {
    await tell(ana);
    const service = pushService();
    await expect(service.run({ ...pushKeysOf(env)!, privateKey: "AAAA" })).rejects.toThrow();
    expect(await devicesOf(ana)).toHaveLength(1);
    passSeconds(600);
    await service.run();
    expect(service.came).toHaveLength(1);
  });

  it("is sent once by two senders at once, and again when one died with it", async () => {
    await tell(ana);
    const service = pushService();
    await Promise.all([service.run(), service.run()]);
    expect(service.came).toHaveLength(1);

    await tell(ana);
    await env.DB.prepare("UPDATE pushes SET lease = 'of one that died', due_at = ?")
      .bind(Date.now() + 60_000)
      .run();
    await service.run();
    expect(service.came).toHaveLength(1);
    passSeconds(60);
    await service.run();
    expect(service.came).toHaveLength(2);
  });
});
