import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { hex } from "../../../domain/ids.ts";
import { importSecret, newWebhookSecret, signatureHeaders } from "../../../domain/webhooks/sign.ts";
import { sealSecret, signingKeysOf } from "../../../domain/webhooks/secrets.ts";

// The example of the Standard Webhooks specification, 1.0.0.
const VECTOR = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestampSeconds: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};

const hmacHex = async (key: string, text: string): Promise<string> => {
  const imported = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(key),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return hex(new Uint8Array(await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(text))));
};

const signed = async (secrets: string[], body: string, timestampSeconds: number) =>
  signatureHeaders({ id: "evt-1", timestampSeconds, body }, await Promise.all(secrets.map(importSecret)));

it("signs the specification's own example as the specification says", async () => {
  const headers = await signatureHeaders(VECTOR, [await importSecret(VECTOR.secret)]);
  expect(headers["webhook-id"]).toBe(VECTOR.id);
  expect(headers["webhook-timestamp"]).toBe("1614265330");
  expect(headers["webhook-signature"]).toBe(VECTOR.signature);
});

it("makes secrets that the standard accepts, each once", () => {
  const secrets = Array.from({ length: 20 }, newWebhookSecret);
  expect(new Set(secrets).size).toBe(20);
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]+$/);
    const bytes = atob(secret.slice("whsec_".length)).length;
    expect(bytes).toBeGreaterThanOrEqual(24);
    expect(bytes).toBeLessThanOrEqual(64);
  }
});

describe("the independent verifier", () => {
  const seconds = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({ id: "evt-1", data: { text: "Grüße, 世界" } });

  it("accepts what we sign", async () => {
    const secret = newWebhookSecret();
    expect(new Webhook(secret).verify(body, await signed([secret], body, seconds))).toEqual(JSON.parse(body));
  });
  it("refuses another body, id, secret and an old timestamp", async () => {
    const secret = newWebhookSecret();
    const headers = await signed([secret], body, seconds);
    const verifier = new Webhook(secret);
    expect(() => verifier.verify(`${body} `, headers)).toThrow();
    expect(() => verifier.verify(body, { ...headers, "webhook-id": "evt-2" })).toThrow();
    expect(() => new Webhook(newWebhookSecret()).verify(body, headers)).toThrow();
    expect(() => verifier.verify(body, { ...headers, "webhook-timestamp": String(seconds - 1) })).toThrow();
    const aged = { ...(await signed([secret], body, seconds - 600)) };
    expect(() => verifier.verify(body, aged)).toThrow();
  });
  it("accepts either secret while a rotation overlaps", async () => {
    const [before, after] = [newWebhookSecret(), newWebhookSecret()];
    const headers = await signed([after, before], body, seconds);
    expect(headers["webhook-signature"]!.split(" ")).toHaveLength(2);
    expect(new Webhook(before).verify(body, headers)).toBeTruthy();
    expect(new Webhook(after).verify(body, headers)).toBeTruthy();
  });
});

it("signs the marketplace header over `t.body` under the whole secret, one v1 a secret", async () => {
  const secrets = [newWebhookSecret(), newWebhookSecret()];
  const headers = await signed(secrets, '{"a":1}', 1_700_000_000);
  const expected = await Promise.all(secrets.map((secret) => hmacHex(secret, '1700000000.{"a":1}')));
  expect(headers["x-marketplace-signature"]).toBe(`t=1700000000,v1=${expected[0]},v1=${expected[1]}`);
});

it("opens a sealed secret to the same signature, and refuses another data key", async () => {
  const secret = newWebhookSecret();
  const sealed = await sealSecret("data-key", secret);
  expect(sealed).not.toContain(secret.slice(6));
  const direct = await signed([secret], "{}", 1);
  const opened = await signatureHeaders({ id: "evt-1", timestampSeconds: 1, body: "{}" }, [
    await signingKeysOf("data-key", sealed),
  ]);
  expect(opened).toEqual(direct);
  await expect(signingKeysOf("another-key", await sealSecret("data-key", secret))).rejects.toThrow();
});
