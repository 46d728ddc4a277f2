// What a provider can rely on when bringing an app, and what is refused with which words.

import { env, SELF } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { wallClock } from "../../domain/clock.ts";
import { registerApp, type Registration } from "../../domain/catalogue/register-app.ts";
import { readApiKey } from "../../domain/identity/api-keys.ts";
import { newApp, registration, send } from "../support/apps.ts";
import { newPerson } from "../support/people.ts";

interface Problem {
  code: string;
  detail: string;
  errors?: { field: string; message: string }[];
}
interface Registered {
  provider: Record<string, unknown> & { id: string };
  apiKey: string;
  testApiKey: string;
}

async function refused(changes: Record<string, unknown>): Promise<{ status: number } & Problem> {
  const { headers } = await newPerson();
  const answer = await send("POST", "/v1/provider/register", { body: registration(changes), headers });
  return { status: answer.status, ...(await answer.json<Problem>()) };
}

describe("registering an app", () => {
  it("makes a signed-in person its owner, gives both keys once, and publishes it at once locally", async () => {
    const owner = await newPerson();
    const answer = await send("POST", "/v1/provider/register", {
      body: registration({ name: "AI Writer Pro", tags: ["text"], dataReceived: "an id", refundTerms: "any time" }),
      headers: owner.headers,
    });
    expect(answer.status).toBe(201);
    const { provider, apiKey, testApiKey } = await answer.json<Registered>();
    expect(provider).toMatchObject({
      name: "AI Writer Pro",
      category: "other",
      tags: ["text"],
      useCases: ["try things out"],
      tokenRatePerHour: 500,
      pricing: [{ meter: "hour", price: { model: "per_unit", unit: "500" } }],
      feeBasisPoints: 2000,
      rating: null,
      status: "active",
      review: "approved",
      dataReceived: ["an id"],
      refundTerms: "any time",
      ownerUserId: owner.userId,
    });
    expect(apiKey).toMatch(/^mk_live_/);
    expect(testApiKey).toMatch(/^mk_test_/);
    const now = wallClock();
    expect(await readApiKey(env.DB, apiKey, now)).toMatchObject({ providerId: provider.id, mode: "live" });
    expect(await readApiKey(env.DB, testApiKey, now)).toMatchObject({ providerId: provider.id, mode: "test" });
    const stored = await env.DB.prepare("SELECT hash, prefix FROM api_keys WHERE provider_id = ?")
      .bind(provider.id)
      .all<{ hash: string; prefix: string }>();
    expect(JSON.stringify(stored.results)).not.toContain(apiKey);

    const list = await send("GET", "/v1/providers?limit=200");
    expect(await list.text()).toContain(provider.id);
  });

  it("needs a sign-in", async () => {
    expect((await send("POST", "/v1/provider/register", { body: registration() })).status).toBe(401);
  });

  it("repeats the first answer, keys included, for the same Idempotency-Key, and makes one app", async () => {
    const owner = await newPerson();
    const body = registration();
    const headers = { ...owner.headers, "Idempotency-Key": crypto.randomUUID() };
    const first = await send("POST", "/v1/provider/register", { body, headers });
    const again = await send("POST", "/v1/provider/register", { body, headers });
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(again.status).toBe(first.status);
    expect(await again.json()).toEqual(await first.json());
    const other = await send("POST", "/v1/provider/register", { body: { ...body, name: "Another" }, headers });
    expect(other.status).toBe(409);
    expect((await other.json<Problem>()).code).toBe("idempotency_key_reused");
    const apps = await send("GET", "/v1/provider/apps", { headers: owner.headers });
    expect((await apps.json<{ providers: unknown[] }>()).providers).toHaveLength(1);
  });

  it("waits for review in production: not listed, not shown, no price to ask for", async () => {
    const owner = await newPerson();
    const input = {
      ...(registration() as unknown as Registration),
      tags: [],
      dataReceived: [],
      regions: [],
      refundTerms: null,
      price: { tokenRatePerHour: 10 },
    };
    const { provider } = await registerApp(
      { DB: env.DB, ENVIRONMENT: "production" },
      owner.userId,
      input,
      null,
      wallClock(),
    );
    expect(provider.review).toBe("pending");
    expect(await (await send("GET", "/v1/providers?limit=200")).text()).not.toContain(provider.id);
    expect((await send("GET", `/v1/providers/${provider.id}`)).status).toBe(404);
    const quote = await send("POST", `/v1/providers/${provider.id}/quote`, { body: { durationSeconds: 300 } });
    expect(quote.status).toBe(404);
    const apps = await send("GET", "/v1/provider/apps", { headers: owner.headers });
    expect(await apps.text()).toContain(provider.id);
  });

  it("takes a pricing of several components and shows the rate of its time", async () => {
    const pricing = [
      { meter: "minute", price: { model: "per_unit", unit: "2" } },
      { meter: "scene", price: { model: "package", amount: "5", size: "10" }, holdPerHour: 30 },
    ];
    const { provider } = await newApp({ tokenRatePerHour: undefined, pricing });
    expect(provider.tokenRatePerHour).toBe(120);
    expect(provider.pricing).toEqual(pricing);
  });

  it("files an unknown category under other and keeps the word as a tag", async () => {
    const { provider } = await newApp({ category: "Podcasting" });
    expect(provider).toMatchObject({ category: "other", tags: ["podcasting"] });
    expect((await newApp({ category: "Writing" })).provider.category).toBe("writing");
  });

  it.each([
    ["a name of 1", { name: "x" }, "name"],
    ["a name of 81", { name: "x".repeat(81) }, "name"],
    ["a name that turns the reading direction", { name: "safe\u202Etxt" }, "name"],
    ["no description", { description: "  " }, "description"],
    ["no use case", { useCases: [] }, "useCases"],
    ["eleven use cases", { useCases: Array.from({ length: 11 }, () => "x") }, "useCases"],
    ["use cases that are no list", { useCases: "x" }, "useCases"],
    ["a negative rate", { tokenRatePerHour: -1 }, "tokenRatePerHour"],
    ["half a token an hour", { tokenRatePerHour: 0.5 }, "tokenRatePerHour"],
    ["no price", { tokenRatePerHour: undefined }, "pricing"],
    ["two prices", { pricing: [{ meter: "hour", price: { model: "flat", amount: "1" } }] }, "pricing"],
    [
      "a price of no model",
      { tokenRatePerHour: null, pricing: [{ meter: "hour", price: {} }] },
      "pricing.0.price.model",
    ],
  ])("refuses %s and names the field", async (_, changes, field) => {
    const problem = await refused(changes);
    expect(problem).toMatchObject({ status: 400, code: "invalid_request" });
    expect(problem.errors?.map((error) => error.field)).toContain(field);
  });

  it("accepts the neighbours of those limits", async () => {
    await newApp({ name: "xy" });
    await newApp({ name: "x".repeat(80), useCases: Array.from({ length: 10 }, (_, index) => `case ${index}`) });
    await newApp({ tokenRatePerHour: 0 });
  });

  it("refuses a reported meter that does not say what to hold", async () => {
    const pricing = [{ meter: "scene", price: { model: "per_unit", unit: "2" } }];
    expect(await refused({ tokenRatePerHour: undefined, pricing })).toMatchObject({
      status: 422,
      code: "pricing_unsupported",
      errors: [{ field: "pricing.0.holdPerHour" }],
    });
  });

  it.each([
    ["http", "http://example.com/"],
    ["a user name", "https://someone@example.com/"],
    ["an address inside a network", "https://10.0.0.1/"],
    ["a scheme that runs", "javascript:alert(1)"],
  ])("refuses %s as the app's or the logo's address", async (_, url) => {
    for (const field of ["appUrl", "logoUrl"])
      expect(await refused({ [field]: url })).toMatchObject({ status: 422, code: "url_not_allowed" });
  });

  it("lets an owner use an origin again, and nobody else", async () => {
    const appUrl = `https://${crypto.randomUUID()}.example.com`;
    const { owner } = await newApp({ appUrl: `${appUrl}/one` });
    await newApp({ appUrl: `${appUrl}/two` }, owner);
    expect(await refused({ appUrl: `${appUrl}/three` })).toMatchObject({ status: 409, code: "origin_taken" });
  });

  it("gives an origin to one of many owners who come at once", async () => {
    const appUrl = `https://${crypto.randomUUID()}.example.com/`;
    const people = await Promise.all(Array.from({ length: 5 }, () => newPerson()));
    const statuses = await Promise.all(
      people.map(async ({ headers }) => {
        const answer = await send("POST", "/v1/provider/register", { body: registration({ appUrl }), headers });
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
    expect(statuses.sort()).toEqual([201, 409, 409, 409, 409]);
  });

  it.each([["[]"], ["null"], ["{"], ['"text"'], ['{"name":{"toString":1}}']])(
    "answers the body %s with 400",
    async (body) => {
      const { headers } = await newPerson();
      const answer = await SELF.fetch("http://localhost:3000/v1/provider/register", {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body,
      });
      expect(answer.status).toBe(400);
    },
  );
});

describe("an owner", () => {
  it("takes an app off the list, keeps its page, and tells its webhooks once", async () => {
    const { owner, provider } = await newApp();
    const change = (status: string) =>
      send("PATCH", `/v1/provider/apps/${provider.id}`, { body: { status }, headers: owner.headers });
    expect(await (await change("inactive")).json()).toMatchObject({ provider: { status: "inactive" } });
    await change("inactive");
    expect(await (await send("GET", "/v1/providers?limit=200")).text()).not.toContain(provider.id);
    expect(await (await send("GET", `/v1/providers/${provider.id}`)).json()).toMatchObject({
      provider: { status: "inactive" },
    });
    await change("active");
    expect(await (await send("GET", "/v1/providers?limit=200")).text()).toContain(provider.id);
    const events = await env.DB.prepare("SELECT type FROM outbox WHERE provider_id = ? ORDER BY id")
      .bind(provider.id)
      .all<{ type: string }>();
    expect(events.results.map((event) => event.type)).toEqual(["provider.unavailable", "provider.available"]);
  });

  it("publishes a new price as a new version and leaves the old one as it was", async () => {
    const { owner, provider } = await newApp({ tokenRatePerHour: 100 });
    const before = await send("POST", `/v1/providers/${provider.id}/quote`, { body: { durationSeconds: 3600 } });
    expect(await before.json()).toMatchObject({ heldTokens: 100, priceVersionId: provider.priceVersionId });
    const answer = await send("POST", `/v1/provider/apps/${provider.id}/prices`, {
      body: { pricing: [{ meter: "minute", price: { model: "per_unit", unit: "3" } }] },
      headers: owner.headers,
    });
    expect(answer.status).toBe(201);
    const changed = (await answer.json<{ provider: { priceVersionId: string; tokenRatePerHour: number } }>()).provider;
    expect(changed.tokenRatePerHour).toBe(180);
    expect(changed.priceVersionId).not.toBe(provider.priceVersionId);
    const after = await send("POST", `/v1/providers/${provider.id}/quote`, { body: { durationSeconds: 3600 } });
    expect(await after.json()).toMatchObject({ heldTokens: 180, priceVersionId: changed.priceVersionId });
    const versions = await env.DB.prepare("SELECT components FROM price_versions WHERE provider_id = ? ORDER BY id")
      .bind(provider.id)
      .all<{ components: string }>();
    expect(versions.results.map((row) => JSON.parse(row.components) as unknown)).toEqual([
      [{ meter: "hour", price: { model: "per_unit", unit: "100" } }],
      [{ meter: "minute", price: { model: "per_unit", unit: "3" } }],
    ]);
    await expect(
      env.DB.prepare("UPDATE price_versions SET fee_basis_points = 1 WHERE id = ?").bind(changed.priceVersionId).run(),
    ).rejects.toThrow("price_version_immutable");
  });

  it("cannot touch another owner's app, and does not learn that it exists", async () => {
    const { provider } = await newApp();
    const stranger = await newPerson();
    for (const answer of [
      await send("PATCH", `/v1/provider/apps/${provider.id}`, {
        body: { status: "inactive" },
        headers: stranger.headers,
      }),
      await send("PATCH", `/v1/provider/apps/${crypto.randomUUID()}`, {
        body: { status: "inactive" },
        headers: stranger.headers,
      }),
      await send("POST", `/v1/provider/apps/${provider.id}/prices`, {
        body: { tokenRatePerHour: 1 },
        headers: stranger.headers,
      }),
    ]) {
      expect(answer.status).toBe(404);
      expect((await answer.json<Problem>()).code).toBe("provider_not_found");
    }
    const apps = await send("GET", "/v1/provider/apps", { headers: stranger.headers });
    expect(await apps.json()).toEqual({ providers: [] });
  });

  it("cannot set a status that does not exist", async () => {
    const { owner, provider } = await newApp();
    const answer = await send("PATCH", `/v1/provider/apps/${provider.id}`, {
      body: { status: "gone" },
      headers: owner.headers,
    });
    expect(answer.status).toBe(400);
  });
});
