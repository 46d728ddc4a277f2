// The requests of the product brief, sent as they are written there, and the answers and error texts it promises.

import { createExecutionContext, env } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { z } from "@hono/zod-openapi";
import { createApp } from "../../../workers/app.ts";
import type { ApiProvider, ApiSession, ApiTransaction } from "../../../workers/compat/shapes.ts";
import type { SignInSchema } from "../../../workers/routes/auth.ts";
import { API, aPerson, call, launchTokenOf, passSeconds, sync, useVirtualClock } from "../../support/market.ts";
import { newApp } from "../../support/apps.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { installStripe } from "../../support/stripe.ts";
import errors from "./brief/errors.json" with { type: "json" };
import samples from "./brief/samples.json" with { type: "json" };
import * as brief from "./brief-types.ts";
import { runCurl } from "./curl.ts";

const stripe = installStripe();
afterEach(() => void vi.useRealTimers());
const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// Compiled, never run: what the routes answer is what the brief's front end expects.
export const typesHold = (
  signIn: z.infer<typeof SignInSchema>,
  provider: z.infer<typeof ApiProvider>,
  session: z.infer<typeof ApiSession>,
  transaction: z.infer<typeof ApiTransaction>,
) => [
  signIn satisfies brief.AuthResponse,
  provider satisfies brief.Provider,
  session satisfies brief.Session,
  transaction satisfies brief.Transaction,
];

/** Every field of the shape is there and of its kind. `optional` ones may be missing. */
function expectShape(value: unknown, shape: Record<string, "string" | "number">, optional: string[] = []): void {
  const found = value as Record<string, unknown>;
  for (const [name, kind] of Object.entries(shape))
    if (!(optional.includes(name) && found[name] === undefined)) expect(typeof found[name], name).toBe(kind);
}

const writer = () =>
  newApp({
    name: "AI Writer Pro",
    description: "Advanced AI writing assistant",
    appUrl: `https://aiwriter-${crypto.randomUUID()}.example.com`,
    logoUrl: "https://cdn.example.com/logo.png",
    tokenRatePerHour: 500,
  });

describe("the brief's requests", () => {
  it("registers an account", async () => {
    const { status, body } = await runCurl(samples.register.curl);
    expect(status).toBe(201);
    const { user } = samples.register.response;
    expect(body.user).toMatchObject({ ...user, id: expect.stringMatching(UUID) });
    expectShape(body.user, brief.USER);
    expect(body.token).toMatch(JWT);
    expect(Object.keys(body).toSorted()).toEqual(["token", "user"]);
  });

  it("signs in to the account that was registered", async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const given = { email, password: "password123" };
    const registered = await call<brief.AuthResponse>("POST", "/api/auth/register", null, given);
    const { status, body } = await call<brief.AuthResponse>("POST", "/api/auth/login", null, given);
    expect(status).toBe(200);
    expect(body.user).toEqual(registered.body.user);
    expect(body.token).toMatch(JWT);
  });

  it("lists the providers with exactly the fields of the sample", async () => {
    const { provider } = await writer();
    const person = await newPerson();
    const { status, body } = await runCurl(samples.getProviders.curl, { "<token>": person.token });
    expect(status).toBe(200);
    const listed = body.providers as brief.Provider[];
    const [sample] = samples.getProviders.response.providers;
    expect(listed.find(({ id }) => id === provider.id)).toEqual({
      ...sample,
      id: provider.id,
      appUrl: provider.appUrl,
    });
    for (const each of listed) expectShape(each, brief.PROVIDER);
  });

  it("creates a session and answers with exactly the fields of the sample", async () => {
    const { provider } = await writer();
    const person = await newPerson({ tokens: 5_000 });
    const { status, body } = await runCurl(samples.createSession.curl, {
      "<token>": person.token,
      '"uuid"': `"${provider.id}"`,
    });
    expect(status).toBe(200);
    const { session } = body as unknown as brief.SessionCreateResponse;
    const sample = samples.createSession.response.session;
    expect(session).toEqual({
      ...sample,
      id: expect.stringMatching(UUID),
      providerId: provider.id,
      redirectUrl: expect.any(String),
    });
    expectShape(session, brief.CREATED_SESSION);
    const sent = new URL(session.redirectUrl);
    expect(sent.origin).toBe(new URL(String(provider.appUrl)).origin);
    expect(sent.searchParams.get("marketplace_session")).toMatch(JWT);
    expect(sent.searchParams.get("return_url")).toBe(`${env.WEB_ORIGIN}/session/complete`);
  });
});

describe("the brief's error texts", () => {
  it.each([99, 100_001])("refuses to sell %i tokens", async (tokenAmount) => {
    const person = await newPerson();
    for (const path of ["/api/tokens/checkout", "/api/tokens/purchase"])
      expect(await call("POST", path, person.token, { tokenAmount })).toMatchObject({ status: 400, body: errors[400] });
  });

  it("refuses a token that is not valid, wherever one is needed", async () => {
    for (const [method, path] of [
      ["GET", "/api/tokens/balance"],
      ["GET", "/api/tokens/transactions"],
      ["POST", "/api/sessions/create"],
      ["GET", "/api/providers"],
    ] as const)
      expect(await call(method, path, "nonsense")).toMatchObject({ status: 401, body: errors[401] });
    expect(await call("GET", "/api/tokens/balance", null)).toMatchObject({ status: 401, body: errors[401] });
  });

  it("does not find a provider that is not there", async () => {
    const person = await newPerson({ tokens: 500 });
    const providerId = crypto.randomUUID();
    const started = await call("POST", "/api/sessions/create", person.token, { providerId, durationMinutes: 60 });
    expect(started).toMatchObject({ status: 404, body: errors[404] });
    expect(await call("GET", `/api/providers/${providerId}`, null)).toMatchObject({ status: 404, body: errors[404] });
    expect(await call("GET", "/api/providers/nonsense", null)).toMatchObject({ status: 404, body: errors[404] });
  });

  it("does not register an address twice", async () => {
    const given = { email: `${crypto.randomUUID()}@example.com`, password: "password123" };
    await call("POST", "/api/auth/register", null, given);
    expect(await call("POST", "/api/auth/register", null, given)).toMatchObject({ status: 409, body: errors[409] });
  });

  it("says only that it failed when it is our own fault", async () => {
    const person = await newPerson({ tokens: 500 });
    const broken = { ...env, DB: { ...env.DB, prepare: () => fail(), batch: () => fail() } as unknown as D1Database };
    const answer = await createApp().fetch(
      new Request(`${API}/api/sessions/create`, {
        method: "POST",
        headers: { ...person.headers, "Content-Type": "application/json" },
        body: JSON.stringify({ providerId: crypto.randomUUID(), durationMinutes: 60 }),
      }),
      broken,
      createExecutionContext(),
    );
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ ...errors[500], code: "internal" });
  });
});

const fail = (): never => {
  throw new Error("the database is gone");
};

describe("the brief's flows", () => {
  const startFor = async (person: TestPerson) => {
    const { provider } = await writer();
    const { body } = await call<brief.SessionCreateResponse>("POST", "/api/sessions/create", person.token, {
      providerId: provider.id,
      durationMinutes: 60,
    });
    return body.session;
  };

  it("buys tokens at the hosted page and shows the new balance", async () => {
    const person = await newPerson();
    const bought = await call<{ checkoutUrl: string; orderId: string }>("POST", "/api/tokens/checkout", person.token, {
      tokenAmount: 5000,
    });
    expect(bought.status).toBe(200);
    await stripe.pay(bought.body.checkoutUrl);
    expect((await call("GET", "/api/tokens/balance", person.token)).body).toMatchObject({ balance: 5000 });
  });

  it("comes back, settles by looking, shows what it cost, and says the same again", async () => {
    const person = await newPerson({ tokens: 5_000 });
    const { id, redirectUrl } = await startFor(person);
    await sync(launchTokenOf(redirectUrl), { action: "start", nonce: `nonce-${id}` });
    const first = await call<{ session: brief.Session; balance: number }>(
      "GET",
      `/api/sessions/complete?sessionId=${id}`,
      person.token,
    );
    expect(first.status).toBe(200);
    expectShape(first.body.session, brief.SESSION);
    const { session, balance } = first.body;
    expect(session).toMatchObject({ id, userId: person.userId, status: "completed", durationLimitSeconds: 3600 });
    expect(balance).toBe(5_000 - session.tokensConsumed);
    const again = await call("GET", `/api/sessions/complete?session_id=${id}`, person.token);
    expect([again.status, again.body]).toEqual([200, first.body]);
  });

  it("neither shows nor ends a session for somebody else", async () => {
    const person = await newPerson({ tokens: 5_000 });
    const { id } = await startFor(person);
    const stranger = await newPerson();
    expect((await call("GET", `/api/sessions/complete?sessionId=${id}`, stranger.token)).status).toBe(404);
    expect((await call("GET", `/api/sessions/complete?sessionId=${id}`, null)).status).toBe(401);
    expect((await call("GET", "/api/sessions/complete", person.token)).status).toBe(400);
    expect((await call("GET", `/api/sessions/${id}`, person.token)).body.session).toMatchObject({ status: "pending" });
  });

  it("shows a paused session as active, and takes up and extends it in minutes", async () => {
    const person = await newPerson({ tokens: 5_000 });
    const { id, redirectUrl } = await startFor(person);
    await sync(launchTokenOf(redirectUrl), { action: "start", nonce: `nonce-${id}` });
    const paused = await call("POST", `/api/sessions/${id}/pause`, person.token);
    expect(paused.body.session).toMatchObject({ status: "active" });
    expect((await call("GET", `/v1/sessions/${id}`, person.token)).body.session).toMatchObject({ status: "paused" });
    await call("POST", `/api/sessions/${id}/resume`, person.token);
    expect((await call("GET", `/v1/sessions/${id}`, person.token)).body.session).toMatchObject({ status: "active" });
    const extended = await call("POST", `/api/sessions/${id}/extend`, person.token, { durationMinutes: 30 });
    expect(extended.body.session).toMatchObject({
      durationMinutes: 90,
      durationLimitSeconds: 5400,
      tokensAllocated: 750,
    });
    const ended = await call("POST", `/api/sessions/${id}/complete`, person.token);
    expect(ended.body.session).toMatchObject({ status: "completed" });
  });

  it("pages through a history of the brief's four types that sums to the balance", async () => {
    useVirtualClock();
    const person = await newPerson({ tokens: 5_000 });
    for (let round = 0; round < 2; round++) {
      const { id, redirectUrl } = await startFor(person);
      await sync(launchTokenOf(redirectUrl), { action: "start", nonce: `nonce-${id}` });
      passSeconds(60);
      await call("GET", `/api/sessions/complete?sessionId=${id}`, person.token);
    }
    const page = async (limit: number, offset: number) =>
      (
        await call<{ transactions: brief.Transaction[]; total: number }>(
          "GET",
          `/api/tokens/transactions?limit=${limit}&offset=${offset}`,
          person.token,
        )
      ).body;
    const { transactions, total } = await page(50, 0);
    expect(total).toBe(transactions.length);
    for (const row of transactions) expectShape(row, brief.TRANSACTION, ["sessionId"]);
    expect(new Set(transactions.map(({ type }) => type))).toEqual(new Set(["purchase", "adjustment", "consumption"]));
    const { body } = await call("GET", "/api/tokens/balance", person.token);
    expect(transactions.reduce((sum, { amount }) => sum + amount, 0)).toBe(body.balance);
    expect(transactions[0]!.balanceAfter).toBe(body.balance);
    const pages = [await page(2, 0), await page(2, 2), await page(200, 4)].flatMap((one) => one.transactions);
    expect(pages).toEqual(transactions);
  });

  it("shows what the brief has no word for as an adjustment", async () => {
    const person = await aPerson(250, "promo");
    const { body } = await call("GET", "/api/tokens/transactions", person.token);
    expect(body).toMatchObject({ total: 1, transactions: [{ type: "adjustment", amount: 250, balanceAfter: 250 }] });
  });

  it("finds an app by words, and shows one, in the same shape", async () => {
    const { provider } = await writer();
    const found = await call<{ providers: brief.Provider[] }>("POST", "/api/providers/search", null, {
      query: "writing assistant",
      limit: 100,
    });
    expect(found.body.providers.map(({ id }) => id)).toContain(provider.id);
    for (const each of found.body.providers) expectShape(each, brief.PROVIDER);
    const shown = await call<{ provider: brief.Provider }>("GET", `/api/providers/${provider.id}`, null);
    expect(shown.body.provider).toMatchObject({ id: provider.id, tokenRatePerHour: 500, status: "active" });
  });

  it("shows the rate of an app whose time is not priced as 0, and leaves out what cannot be started", async () => {
    const pricing = [{ meter: "image", price: { model: "per_unit", unit: "5" }, holdPerHour: 20 }];
    const { provider } = await newApp({ tokenRatePerHour: undefined, pricing });
    const closed = await newApp();
    await call("PATCH", `/v1/provider/apps/${closed.provider.id}`, closed.owner.token, { status: "maintenance" });
    const { providers } = (await call<{ providers: brief.Provider[] }>("GET", "/api/providers", null)).body;
    expect(providers.find(({ id }) => id === provider.id)).toMatchObject({ tokenRatePerHour: 0 });
    expect(providers.map(({ id }) => id)).not.toContain(closed.provider.id);
  });
});

describe("both faces", () => {
  it("answer one Idempotency-Key with one session", async () => {
    const { provider } = await writer();
    const person = await newPerson({ tokens: 1_000 });
    const body = { providerId: provider.id, durationMinutes: 60 };
    const headers = { "Idempotency-Key": "either-face" };
    const canonical = await call("POST", "/v1/sessions/create", person.token, body, headers);
    const compat = await call("POST", "/api/sessions/create", person.token, body, headers);
    expect(compat.headers.get("Idempotency-Replayed")).toBe("true");
    expect(canonical.body.session).toMatchObject(compat.body.session as Record<string, unknown>);
    expect((await call("GET", "/api/tokens/balance", person.token)).body).toMatchObject({ balance: 500, held: 500 });
  });

  it("open one checkout for one Idempotency-Key, under all three names", async () => {
    const person = await newPerson();
    const headers = { "Idempotency-Key": "one-purchase" };
    const answers = [];
    for (const path of ["/v1/tokens/purchase", "/api/tokens/checkout", "/api/tokens/purchase"])
      answers.push((await call("POST", path, person.token, { tokenAmount: 700 }, headers)).body);
    expect(new Set(answers.map((body) => body.orderId)).size).toBe(1);
  });

  it("keep a person signed in by the same cookie", async () => {
    const given = { email: `${crypto.randomUUID()}@example.com`, password: "password123" };
    const registered = await call("POST", "/api/auth/register", null, given);
    const cookie = registered.headers.get("Set-Cookie")!.split(";")[0]!;
    const headers = { Cookie: cookie, Origin: env.WEB_ORIGIN };
    const refreshed = await call("POST", "/api/auth/refresh", null, undefined, headers);
    expect([refreshed.status, refreshed.body.token]).toEqual([200, expect.stringMatching(JWT)]);
    const next = { ...headers, Cookie: refreshed.headers.get("Set-Cookie")!.split(";")[0]! };
    expect((await call("POST", "/api/auth/logout", null, undefined, next)).status).toBe(204);
    expect(await call("POST", "/api/auth/refresh", null, undefined, next)).toMatchObject({
      status: 401,
      body: errors[401],
    });
  });
});
