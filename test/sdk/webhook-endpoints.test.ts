// Webhook endpoints through the client, and what every call of it has: a key made for the caller, its request id, a limit on
// how many are under way, and a way back that is the marketplace's own.

import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { Marketplace, signWebhook, verifyWebhook, type ResponseFact } from "../../sdk/src/server/marketplace.ts";
import { fakeApi, type ScriptedAnswer } from "./fake-api.ts";

const ENDPOINT = { id: "w-1", url: "https://app.example/hooks", events: ["*"], enabled: true };

async function client(answer: (index: number) => ScriptedAnswer = () => ({ body: { webhook: ENDPOINT } })) {
  const facts: ResponseFact[] = [];
  const api = await fakeApi((_request, index) => answer(index));
  const marketplace = new Marketplace({
    apiKey: "mk_test_a",
    baseUrl: api.origin,
    issuer: "https://market.example",
    sleep: () => Promise.resolve(),
    onResponse: (fact) => facts.push(fact),
  });
  const asked = () => api.heard.map(({ method, path, body }) => [`${method} ${path}`, body]);
  return { api, marketplace, facts, asked };
}

describe("webhook endpoints", () => {
  it("are made, seen, changed, tested, replayed, rotated and removed", async () => {
    const { api, marketplace, asked } = await client((index) => ({
      body: { webhook: ENDPOINT, webhooks: [ENDPOINT], delivery: { id: "e-1" }, deliveries: [], deadLetters: [] },
      ...(index === 10 && { status: 204, body: "" }),
    }));
    const { webhooks } = marketplace;
    expect(await webhooks.create({ url: ENDPOINT.url, events: ["session.completed"] })).toEqual(ENDPOINT);
    expect(await webhooks.list()).toEqual([ENDPOINT]);
    expect(await webhooks.get("w-1")).toEqual(ENDPOINT);
    expect(await webhooks.update("w-1", { enabled: false })).toEqual(ENDPOINT);
    expect(await webhooks.test("w-1")).toEqual({ id: "e-1" });
    await webhooks.deliveries("w-1", { status: "dead", limit: 5 });
    await webhooks.deadLetters({ cursor: "c d" });
    await webhooks.replay("w-1", { deliveryId: "e-1" });
    await webhooks.replay("w-1", { since: new Date("2026-11-01T00:00:00Z"), includeDelivered: true });
    expect(await webhooks.rotate("w-1")).toEqual(ENDPOINT);
    expect(await webhooks.delete("w-1")).toBeUndefined();
    expect(asked()).toEqual([
      ["POST /v1/provider/webhooks", { url: ENDPOINT.url, events: ["session.completed"] }],
      ["GET /v1/provider/webhooks", undefined],
      ["GET /v1/provider/webhooks/w-1", undefined],
      ["PATCH /v1/provider/webhooks/w-1", { enabled: false }],
      ["POST /v1/provider/webhooks/w-1/test", undefined],
      ["GET /v1/provider/webhooks/w-1/deliveries?status=dead&limit=5", undefined],
      ["GET /v1/provider/webhooks/dead-letters?cursor=c+d", undefined],
      ["POST /v1/provider/webhooks/w-1/replay", { deliveryId: "e-1" }],
      ["POST /v1/provider/webhooks/w-1/replay", { since: "2026-11-01T00:00:00.000Z", includeDelivered: true }],
      ["POST /v1/provider/webhooks/w-1/rotate", undefined],
      ["DELETE /v1/provider/webhooks/w-1", undefined],
    ]);
    for (const { method, headers } of api.heard)
      if (method === "GET") expect(headers["idempotency-key"]).toBeUndefined();
      else expect(headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("are made once though the answer was lost, and under the caller's key where it has one", async () => {
    const { api, marketplace } = await client((index) =>
      index === 0 ? { hangUp: true } : { body: { webhook: ENDPOINT } },
    );
    await marketplace.webhooks.create({ url: ENDPOINT.url, events: ["*"] });
    await marketplace.webhooks.create({ url: ENDPOINT.url, events: ["*"] }, { idempotencyKey: "deploy-7" });
    const keys = api.heard.map(({ headers }) => headers["idempotency-key"]);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).toBe("deploy-7");
  });
});

it("tells the log of every answer with its request id and attempt, and nothing secret", async () => {
  const { marketplace, facts } = await client((index) => ({
    ...(index === 0 && { status: 503 }),
    headers: { "X-Request-Id": `req-${index}` },
    body: { deadLetters: [] },
  }));
  await marketplace.webhooks.deadLetters({ cursor: "c" });
  const common = { method: "GET", path: "/v1/provider/webhooks/dead-letters" };
  expect(facts).toEqual([
    { ...common, status: 503, requestId: "req-0", attempt: 1 },
    { ...common, status: 200, requestId: "req-1", attempt: 2 },
  ]);
});

it("has at most 50 requests under way, and lets the others wait their turn", async () => {
  let underWay = 0;
  let most = 0;
  const release: (() => void)[] = [];
  const marketplace = new Marketplace({
    apiKey: "k",
    baseUrl: "https://api.example",
    fetch: async () => {
      most = Math.max(most, ++underWay);
      await new Promise<void>((resume) => release.push(resume));
      underWay--;
      return Response.json({ session: { id: "s-1" } });
    },
  });
  const all = Promise.all(Array.from({ length: 120 }, () => marketplace.sessions.get("s-1")));
  for (let answered = 0; answered < 120; answered++) {
    while (release.length === 0) await Promise.resolve();
    release.shift()!();
  }
  expect(await all).toHaveLength(120);
  expect(most).toBe(50);
});

it.each([
  [
    "https://market.example/session/complete?lang=de",
    "https://market.example/session/complete?lang=de&session_id=s-1&state=x",
  ],
  ["https://market.example.evil.example/", "https://market.example/session/complete?session_id=s-1&state=x"],
  ["https://user@market.example/", "https://market.example/session/complete?session_id=s-1&state=x"],
  ["http://market.example/", "https://market.example/session/complete?session_id=s-1&state=x"],
  ["//evil.example", "https://market.example/session/complete?session_id=s-1&state=x"],
  ["javascript:alert(1)", "https://market.example/session/complete?session_id=s-1&state=x"],
  [null, "https://market.example/session/complete?session_id=s-1&state=x"],
])("sends people back to the marketplace only: %s", async (given, target) => {
  const { marketplace } = await client();
  expect(marketplace.returnUrl(given, { id: "s-1", state: "x" })).toBe(target);
});

it("signs as the marketplace signs, for the tests of an app's own handler", async () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const body = JSON.stringify({ id: "e-1", type: "session.started", data: { name: "Zoë ✓" } });
  const now = Date.now();
  const headers = await signWebhook({ id: "e-1" }, body, secret, now);
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({ id: "e-1" });
  const { "x-marketplace-signature": other } = headers;
  await expect(verifyWebhook(body, { "x-marketplace-signature": other }, secret, now)).resolves.toMatchObject({
    id: "e-1",
  });
  await expect(signWebhook({ id: "e-1" }, body, "whsec_")).rejects.toMatchObject({ code: "configuration" });
});
