// What the server may do with a session, as requests on the wire.

import { expect, it } from "vitest";
import { Marketplace } from "../../sdk/src/server/marketplace.ts";
import { fakeApi } from "./fake-api.ts";

async function client() {
  const api = await fakeApi((request) => ({
    body: { session: { id: "s-1", redirectUrl: "https://app.example/?x" }, sessionToken: "st", echo: request.body },
  }));
  const marketplace = new Marketplace({
    apiKey: "mk_live_abc",
    baseUrl: api.origin,
    issuer: "https://market.example",
    providerId: "app 1",
  });
  return { api, marketplace };
}

it("reads, pauses and ends a session by its key", async () => {
  const { api, marketplace } = await client();
  await marketplace.sessions.get("s-1");
  await marketplace.sessions.pause("s-1");
  await marketplace.sessions.complete("s-1", { final: true });
  await marketplace.sessions.complete("s-1", { reason: "provider_error" });
  expect(api.heard.map((request) => request.body)).toEqual([
    { action: "get", sessionId: "s-1" },
    { action: "pause", sessionId: "s-1" },
    { action: "complete", sessionId: "s-1", final: true },
    { action: "complete", sessionId: "s-1", reason: "provider_error" },
  ]);
  expect(new Set(api.heard.map((request) => request.headers.authorization))).toEqual(new Set(["Bearer mk_live_abc"]));
});

it("redeems a launch token with that token, not with the key", async () => {
  const { api, marketplace } = await client();
  const started = await marketplace.sessions.start({ launchToken: "launch.jwt", nonce: "nonce-123" });
  expect(started.sessionToken).toBe("st");
  expect(api.heard[0]).toMatchObject({
    headers: { authorization: "Bearer launch.jwt" },
    body: { action: "start", nonce: "nonce-123" },
  });
});

it("answers sessions.create with the page where the person consents, and charges nobody", async () => {
  const { api, marketplace } = await client();
  const session = await marketplace.sessions.create({
    userId: "user_123",
    estimatedDuration: 3600,
    estimatedTokens: 5000,
  });
  expect(session).toEqual({
    id: null,
    status: "consent_needed",
    consentUrl: "https://market.example/apps/app%201?minutes=60",
  });
  expect(api.heard).toEqual([]);
});

it("makes a sandbox session under one idempotency key for all attempts", async () => {
  const api = await fakeApi((_request, index) =>
    index === 0 ? { status: 500 } : { body: { session: { id: "s-2", redirectUrl: "https://app.example/" } } },
  );
  const marketplace = new Marketplace({ apiKey: "mk_test_a", baseUrl: api.origin, sleep: () => Promise.resolve() });
  expect(await marketplace.sessions.createSandbox({ durationMinutes: 10 })).toMatchObject({ id: "s-2" });
  const keys = api.heard.map((request) => request.headers["idempotency-key"]);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys[1]).toBe(keys[0]);
});
