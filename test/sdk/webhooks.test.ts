// Webhook signatures: the published Standard Webhooks vector, the reference library's own cases, and the second header.

import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { Marketplace, verifyWebhook, WebhookSignatureError } from "../../sdk/src/server/marketplace.ts";

// Source: github.com/standard-webhooks/standard-webhooks, libraries/javascript/src/index.test.ts.
const VECTOR = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: 1614265330,
  body: '{"test": 2432232314}',
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const AT = VECTOR.timestamp * 1000;
const OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

const standard = (over: Record<string, string | undefined> = {}) => ({
  "webhook-id": VECTOR.id,
  "webhook-timestamp": String(VECTOR.timestamp),
  "webhook-signature": VECTOR.signature,
  ...over,
});
const reason = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(WebhookSignatureError);
  return (error as WebhookSignatureError).reason;
};

describe("the Standard Webhooks signature", () => {
  it("accepts the published vector, as text, bytes, Headers and upper-case names", async () => {
    const parsed = { test: 2432232314 };
    expect(await verifyWebhook(VECTOR.body, standard(), VECTOR.secret, AT)).toEqual(parsed);
    expect(await verifyWebhook(new TextEncoder().encode(VECTOR.body), standard(), VECTOR.secret, AT)).toEqual(parsed);
    expect(await verifyWebhook(VECTOR.body, new Headers(standard()), VECTOR.secret, AT)).toEqual(parsed);
    const upper = Object.fromEntries(Object.entries(standard()).map(([name, value]) => [name.toUpperCase(), value]));
    expect(await verifyWebhook(VECTOR.body, upper, VECTOR.secret, AT)).toEqual(parsed);
  });

  it("accepts what the independent library signs", async () => {
    const body = JSON.stringify({ id: "evt", type: "session.started", data: { sessionId: "s-1", name: "Zoë ✓" } });
    const at = new Date(AT);
    const signature = new Webhook(VECTOR.secret).sign("evt", at, body);
    const headers = { "webhook-id": "evt", "webhook-timestamp": String(AT / 1000), "webhook-signature": signature };
    expect(await verifyWebhook(body, headers, VECTOR.secret, AT)).toMatchObject({ type: "session.started" });
  });

  it("takes any of several signatures and any of several secrets, for rotation without a gap", async () => {
    const wrong = new Webhook(OTHER_SECRET).sign(VECTOR.id, new Date(AT), VECTOR.body);
    const several = standard({ "webhook-signature": `v1a,c2ln ${wrong} ${VECTOR.signature}` });
    await expect(verifyWebhook(VECTOR.body, several, VECTOR.secret, AT)).resolves.toBeDefined();
    await expect(verifyWebhook(VECTOR.body, standard(), [OTHER_SECRET, VECTOR.secret], AT)).resolves.toBeDefined();
  });

  it("lives for five minutes either way, to the second", async () => {
    for (const offset of [-300, 300])
      await expect(verifyWebhook(VECTOR.body, standard(), VECTOR.secret, AT + offset * 1000)).resolves.toBeDefined();
    expect(await reason(verifyWebhook(VECTOR.body, standard(), VECTOR.secret, AT + 301_000))).toBe("too_old");
    expect(await reason(verifyWebhook(VECTOR.body, standard(), VECTOR.secret, AT - 301_000))).toBe("too_new");
  });

  it.each([
    ["another secret", standard(), OTHER_SECRET, "no_match"],
    ["another id", standard({ "webhook-id": "msg_other" }), VECTOR.secret, "no_match"],
    ["another time", standard({ "webhook-timestamp": "1614265331" }), VECTOR.secret, "no_match"],
    ["half a signature", standard({ "webhook-signature": VECTOR.signature.slice(0, 10) }), VECTOR.secret, "no_match"],
    [
      "another version",
      standard({ "webhook-signature": VECTOR.signature.replace("v1", "v2") }),
      VECTOR.secret,
      "no_match",
    ],
    ["no signature", standard({ "webhook-signature": "" }), VECTOR.secret, "no_match"],
    ["no base64", standard({ "webhook-signature": "v1,***" }), VECTOR.secret, "no_match"],
    ["no id", standard({ "webhook-id": undefined }), VECTOR.secret, "headers_missing"],
    ["no time", standard({ "webhook-timestamp": undefined }), VECTOR.secret, "headers_missing"],
    ["a time that is none", standard({ "webhook-timestamp": "1614265330abc" }), VECTOR.secret, "timestamp"],
    ["no secret", standard(), "", "no_match"],
    ["no headers at all", {}, VECTOR.secret, "headers_missing"],
  ])("refuses %s", async (_name, headers, secret, expected) => {
    expect(await reason(verifyWebhook(VECTOR.body, headers, secret, AT))).toBe(expected);
  });

  it("refuses a changed body", async () => {
    expect(await reason(verifyWebhook(VECTOR.body.replace("2432", "2433"), standard(), VECTOR.secret, AT))).toBe(
      "no_match",
    );
  });
});

describe("X-Marketplace-Signature", () => {
  const sign = (secret: string, body = VECTOR.body, at = VECTOR.timestamp) =>
    createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
  const header = (value: string) => ({ "X-Marketplace-Signature": value });

  it("accepts one or several signatures under the whole secret", async () => {
    const value = `t=${VECTOR.timestamp},v1=${sign(OTHER_SECRET)},v1=${sign(VECTOR.secret)}`;
    await expect(verifyWebhook(VECTOR.body, header(value), VECTOR.secret, AT)).resolves.toEqual({ test: 2432232314 });
  });

  it.each([
    ["another secret", `t=${VECTOR.timestamp},v1=${sign(OTHER_SECRET)}`, "no_match"],
    ["another body", `t=${VECTOR.timestamp},v1=${sign(VECTOR.secret, "{}")}`, "no_match"],
    ["no time", `v1=${sign(VECTOR.secret)}`, "headers_missing"],
    ["an old time", `t=${VECTOR.timestamp - 301},v1=${sign(VECTOR.secret)}`, "too_old"],
    ["no signature", `t=${VECTOR.timestamp}`, "no_match"],
    ["upper-case hex", `t=${VECTOR.timestamp},v1=${sign(VECTOR.secret).toUpperCase()}`, "no_match"],
  ])("refuses %s", async (_name, value, expected) => {
    expect(await reason(verifyWebhook(VECTOR.body, header(value), VECTOR.secret, AT))).toBe(expected);
  });

  it("is not asked when the standard headers are there: a bad one stays bad", async () => {
    const both = {
      ...standard({ "webhook-signature": "v1,AAAA" }),
      ...header(`t=${VECTOR.timestamp},v1=${sign(VECTOR.secret)}`),
    };
    expect(await reason(verifyWebhook(VECTOR.body, both, VECTOR.secret, AT))).toBe("no_match");
  });
});

it("verifies through the client too, and refuses a signed body that is not JSON", async () => {
  const marketplace = new Marketplace({ apiKey: "k", now: () => AT });
  await expect(marketplace.webhooks.verify(VECTOR.body, standard(), VECTOR.secret)).resolves.toBeDefined();
  const signature = new Webhook(VECTOR.secret).sign(VECTOR.id, new Date(AT), "text");
  const headers = standard({ "webhook-signature": signature });
  expect(await reason(marketplace.webhooks.verify("text", headers, VECTOR.secret))).toBe("body_not_json");
});
