// What leaves for a push service, read by parties we did not write: Mozilla's http_ece opens the body as a browser does
// (RFC 8291), and jose checks who sent it (RFC 8292).

import { createECDH, randomBytes, type ECDH } from "node:crypto";
import { decrypt } from "http_ece";
import { importJWK, jwtVerify } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import {
  isEncryptable,
  sendPush,
  type PushAddress,
  type PushKeys,
  type PushOutcome,
} from "../../domain/gateways/push.ts";
import { newPushKeys } from "../../scripts/start/secrets.ts";

const ENDPOINT = "https://push.example.com/send/abc";
const NOW = Date.UTC(2030, 0, 1);
const MESSAGE = { id: "e1", kind: "news", data: { name: "Größe" } };
const OPTIONS = { ttlSeconds: 299.9, isUrgent: true, topic: "t".repeat(32) };

let browser: ECDH;
let address: PushAddress;
let keys: PushKeys;
beforeAll(async () => {
  browser = createECDH("prime256v1");
  browser.generateKeys();
  address = {
    endpoint: ENDPOINT,
    keys: { p256dh: browser.getPublicKey().toString("base64url"), auth: randomBytes(16).toString("base64url") },
  };
  keys = { ...(JSON.parse(await newPushKeys()) as PushKeys), subject: "https://meterplace.example" };
});

/** Sends to a push service that answers so. */
async function sent(answer: () => Response | Promise<Response>) {
  const calls: { url: string; headers: Headers; body: Buffer }[] = [];
  const send = (async (url: string, request: RequestInit) => {
    calls.push({ url, headers: new Headers(request.headers), body: Buffer.from(request.body as Uint8Array) });
    return answer();
  }) as unknown as typeof fetch;
  const outcome = await sendPush(send, keys, address, { data: MESSAGE, options: OPTIONS }, NOW);
  return { outcome, calls };
}
const answering = async (status: number, headers: Record<string, string> = {}): Promise<PushOutcome> =>
  (await sent(() => new Response(null, { status, headers }))).outcome;

it("is opened by the device, and by nobody else", async () => {
  const { outcome, calls } = await sent(() => new Response(null, { status: 201 }));
  expect(outcome).toEqual({ kind: "sent" });
  const { url, headers, body } = calls[0]!;
  expect(url).toBe(ENDPOINT);
  expect(headers.get("Content-Encoding")).toBe("aes128gcm");
  const open = (privateKey: ECDH, authSecret = address.keys.auth) =>
    decrypt(body, { version: "aes128gcm", privateKey, authSecret }).toString();
  expect(JSON.parse(open(browser))).toEqual(MESSAGE);

  const other = createECDH("prime256v1");
  other.generateKeys();
  expect(() => open(other)).toThrow();
  expect(() => open(browser, randomBytes(16).toString("base64url"))).toThrow();
});

it("says who sends, for how long it is news, and how urgent it is", async () => {
  const { headers } = (await sent(() => new Response(null, { status: 201 }))).calls[0]!;
  expect(headers.get("TTL")).toBe("299");
  expect(headers.get("Urgency")).toBe("high");
  expect(headers.get("Topic")).toBe(OPTIONS.topic);
  const [, token, publicKey] = /^vapid t=(\S+), k=(\S+)$/.exec(headers.get("Authorization")!)!;
  expect(publicKey).toBe(keys.publicKey);
  const point = Buffer.from(publicKey!, "base64url");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  const { payload } = await jwtVerify(token!, await importJWK(jwk, "ES256"), { audience: "https://push.example.com" });
  expect(payload.sub).toBe("https://meterplace.example");
  // RFC 8292 section 2: at most 24 hours.
  expect(payload.exp! - Date.now() / 1000).toBeLessThanOrEqual(24 * 60 * 60);
});

describe("what a push service answers", () => {
  it.each([404, 410])("%i: the device is gone", async (status) =>
    expect(await answering(status)).toEqual({ kind: "gone" }),
  );
  it.each([400, 403, 413, 302])("%i: this message is never taken", async (status) =>
    expect(await answering(status)).toEqual({ kind: "refused", status }),
  );
  it.each([429, 500, 503])("%i: later", async (status) =>
    expect(await answering(status)).toEqual({ kind: "later", status, retryAfterMs: null }),
  );
  it("says when to come back", async () =>
    expect(await answering(429, { "Retry-After": "40" })).toEqual({
      kind: "later",
      status: 429,
      retryAfterMs: 40_000,
    }));
  it("does not answer", async () => {
    const { outcome } = await sent(() => Promise.reject(new TypeError("network")));
    expect(outcome).toEqual({ kind: "later", status: null, retryAfterMs: null });
  });
});

it("knows keys nothing can be encrypted for", async () => {
  expect(await isEncryptable(address)).toBe(true);
  const offCurve = Buffer.alloc(65, 7);
  offCurve[0] = 4;
  const { p256dh, auth } = address.keys;
  for (const bad of [
    { p256dh: offCurve.toString("base64url"), auth },
    { p256dh: "", auth },
    { p256dh, auth: "AAAA" },
    { p256dh: "no base64 !", auth },
  ])
    expect(await isEncryptable({ endpoint: ENDPOINT, keys: bad })).toBe(false);
});
