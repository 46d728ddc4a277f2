// Bad input, everywhere: each operation of the API's own description hears hostile bodies, other people's ids and wrong
// tokens. It must answer in the contract's words, never fail, and never say what is somebody else's.

import { env, SELF } from "cloudflare:test";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ERROR_STATUS } from "../../sdk/src/protocol/errors.ts";
import { createApp } from "../../workers/app.ts";
import { bodySchema } from "../../workers/docs/curl.ts";
import { apiDocument, operationsOf, type DescribedOperation } from "../../workers/docs/document.ts";
import { exampleOf } from "../../workers/docs/schema-text.ts";
import { newApp, type TestApp } from "../support/apps.ts";
import { BODY_MAX_BYTES, hostileRequest, wrongTokens, type HostileRequest } from "../support/hostile.ts";
import { API, booksAreSound, call, create, launchTokenOf, sync } from "../support/market.ts";
import { newPerson, type TestPerson } from "../support/people.ts";
import { installStripe } from "../support/stripe.ts";

const SEED = 20260101;
const REQUESTS_PER_OPERATION = 32;
/** Routes that read less than the Worker would. */
const OWN_BODY_MAX: Record<string, number> = { "/v1/chat/discovery": 2_048 };
/** A balance nobody else has: where it shows up, something leaked. */
const VICTIM_TOKENS = 7_654_321;

installStripe();
const document = apiDocument(createApp(), env.API_ORIGIN);
const operations = operationsOf(document).map((described): [string, DescribedOperation] => [
  `${described.method.toUpperCase()} ${described.path}`,
  described,
]);

/** A person and a provider with things of their own, started and not started. */
async function aVictim() {
  const person = await newPerson({ tokens: VICTIM_TOKENS });
  const app = await newApp({ description: "Public words." });
  const sessions = [await startSession(person, app, false), await startSession(person, app, true)];
  const webhook = await call<{ webhook: { id: string; secret: string; url: string } }>(
    "POST",
    "/v1/provider/webhooks",
    app.apiKey,
    { url: `https://hooks-${crypto.randomUUID()}.example.com/in`, events: ["*"] },
  );
  const order = await call<{ orderId: string }>("POST", "/v1/tokens/purchase", person.token, { tokenAmount: 4321 });
  const { id, secret, url } = webhook.body.webhook;
  return {
    person,
    app,
    ids: [
      ...sessions.map((session) => session.id),
      id,
      order.body.orderId,
      app.provider.id,
      person.userId,
      person.walletId,
    ],
    secrets: [
      person.email,
      person.userId,
      person.walletId,
      person.signInId,
      String(VICTIM_TOKENS),
      app.owner.email,
      app.owner.userId,
      app.apiKey,
      app.testApiKey,
      secret,
      url,
      ...sessions.flatMap(({ launchToken, token }) => [launchToken, ...(token ? [token] : [])]),
    ],
    sessions,
  };
}

async function startSession(person: TestPerson, app: TestApp, isOpened: boolean) {
  const { body } = await create(person, { id: app.provider.id, key: "", testKey: "", ownerUserId: "" }, 60);
  const launchToken = launchTokenOf(body.session.redirectUrl);
  const start = isOpened ? await sync(launchToken, { action: "start", nonce: `nonce-${body.session.id}` }) : null;
  return { id: body.session.id, launchToken, token: start?.body.sessionToken ?? null };
}

let victim: Awaited<ReturnType<typeof aVictim>>;
let forged: Record<string, string>;
let before: Awaited<ReturnType<typeof stateOf>>;
beforeAll(async () => {
  victim = await aVictim();
  const { userId, signInId, walletId } = victim.person;
  forged = await wrongTokens({ sub: userId, sid: signInId, wid: walletId, role: "user" });
  before = await stateOf();
});

/** All that an attack could have changed. */
async function stateOf() {
  const shown = async (path: string, bearer: string) =>
    (await call(path.split(" ")[0]!, path.split(" ")[1]!, bearer)).body;
  const { token } = victim.person;
  const sessions = (await shown("GET /v1/sessions", token)) as { sessions: Record<string, unknown>[] };
  return {
    balance: await shown("GET /v1/tokens/balance", token),
    transactions: await shown("GET /v1/tokens/transactions", token),
    sessions: sessions.sessions.map(({ id, status, endReason, durationSeconds, tokensAllocated }) => ({
      id,
      status,
      endReason,
      durationSeconds,
      tokensAllocated,
    })),
    apps: await shown("GET /v1/provider/apps", victim.app.owner.token),
    webhooks: await shown("GET /v1/provider/webhooks", victim.app.apiKey),
  };
}

/** Everything an attacker can lawfully hold, so that hostile requests get past the door. */
async function anAttacker(): Promise<Record<string, string[]>> {
  const person = await newPerson({ tokens: 30_000 });
  const own = await newApp({}, person);
  const session = await startSession(person, own, true);
  return {
    accessToken: [person.token],
    apiKey: [own.apiKey, own.testApiKey],
    launch: [session.launchToken],
    sessionToken: [session.token!],
    refreshCookie: [person.token],
  };
}

let attacker: Awaited<ReturnType<typeof anAttacker>> | null = null;
async function credentialsFor({ operation }: DescribedOperation): Promise<string[]> {
  const schemes = (operation.security ?? []).flatMap((entry) => Object.keys(entry));
  // These end what the sender needs to go on.
  const isSpent = schemes.some((scheme) => ["sessionToken", "refreshCookie"].includes(scheme));
  const held = isSpent ? await anAttacker() : (attacker ??= await anAttacker());
  return schemes.length === 0 ? [""] : schemes.flatMap((scheme) => held[scheme] ?? []);
}

/** Nothing an attacker can hold opens these. */
const isClosed = ({ path }: DescribedOperation) => path.startsWith("/v1/operator/") || path.endsWith("/auth/refresh");

const sendTo = ({ method }: DescribedOperation, request: HostileRequest, bearer: string): Promise<Response> =>
  SELF.fetch(`${API}${request.path}`, {
    method: method.toUpperCase(),
    headers: { ...request.headers, ...(bearer && { Authorization: `Bearer ${bearer}` }) },
    redirect: "manual",
    ...(request.body !== undefined && { body: request.body }),
  });

/** The contract's answer, whatever was asked. @returns its status. */
async function expectLawful(described: DescribedOperation, answer: Response, what: string): Promise<number> {
  const text = await answer.text();
  const { status } = answer;
  expect(status, `${what}\n${text}`).toBeLessThan(500);
  // What the sender brought may come back to them.
  const leaked = victim.secrets.filter((secret) => text.includes(secret) && !what.includes(secret));
  expect(leaked, `${what}\n${text}`).toEqual([]);
  expect(text, what).not.toMatch(/\n\s+at |SQLITE_|D1_ERROR|constraint failed|node_modules/i);
  if (status < 400) {
    expect(Object.keys(described.operation.responses ?? {}), what).toContain(String(status));
    return status;
  }
  const body = JSON.parse(text) as { code: keyof typeof ERROR_STATUS };
  expect(ERROR_STATUS[body.code], `${what}\n${text}`).toBe(status);
  expect(answer.headers.get("X-Request-Id"), what).toBeTruthy();
  if (described.path.startsWith("/api/")) {
    expect(body).toEqual({ error: expect.any(String), code: body.code });
  } else {
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(body).toMatchObject({ type: `/docs/errors#${body.code}`, title: expect.any(String), status });
    expect(body).toMatchObject({ detail: expect.any(String), requestId: answer.headers.get("X-Request-Id") });
  }
  return status;
}

describe("hostile bodies, parameters and ids", () => {
  it.each(operations)("%s answers each in the contract's words", async (_name, described) => {
    const bearers = await credentialsFor(described);
    const requests = fc.sample(hostileRequest(document, described, victim.ids), {
      seed: SEED,
      numRuns: REQUESTS_PER_OPERATION,
    });
    const statuses: number[] = [];
    for (const [index, request] of requests.entries()) {
      const answer = await sendTo(described, request, bearers[index % bearers.length]!);
      statuses.push(await expectLawful(described, answer, JSON.stringify(request).slice(0, 2_000)));
    }
    // Otherwise the door was all that was tried.
    expect(statuses.every((status) => status === 401 || status === 403) && bearers[0] !== "").toBe(isClosed(described));
  });

  it.each(operations.filter(([, { method }]) => method !== "get"))(
    "%s takes a body as long as the limit and refuses a longer one",
    async (_name, described) => {
      const [bearer = ""] = await credentialsFor(described);
      const path = described.path.replaceAll(/\{\w+\}/g, crypto.randomUUID());
      const headers = { "Content-Type": "application/json" };
      const bodyOf = (bytes: number) => JSON.stringify({ x: "x".repeat(bytes - '{"x":""}'.length) });
      const max = OWN_BODY_MAX[path] ?? BODY_MAX_BYTES;
      const longest = await sendTo(described, { path, headers, body: bodyOf(max) }, bearer);
      expect(await expectLawful(described, longest, "the longest body")).not.toBe(413);
      const longer = await sendTo(described, { path, headers, body: bodyOf(max + 1) }, bearer);
      expect(await expectLawful(described, longer, "a longer body")).toBe(413);
    },
  );
});

describe("wrong tokens", () => {
  const isGuarded = ({ operation }: DescribedOperation) =>
    (operation.security ?? []).length > 0 && !JSON.stringify(operation.security).match(/\{\}|refreshCookie/);

  it.each(operations.filter(([, described]) => isGuarded(described)))(
    "%s lets none of them in",
    async (_name, described) => {
      const { person, app, sessions } = victim;
      const schemes = (described.operation.security ?? []).flatMap((entry) => Object.keys(entry));
      // What is right somewhere else: never here.
      const others = {
        ...(!schemes.includes("accessToken") && { "an access token": person.token }),
        ...(!schemes.includes("apiKey") && { "an API key": app.apiKey }),
        ...(!schemes.includes("sessionToken") && { "a session token": sessions[1]!.token! }),
        ...(!schemes.includes("launch") && { "a launch token": sessions[0]!.launchToken }),
      };
      const path = described.path.replaceAll(/\{\w+\}/g, sessions[1]!.id);
      const request = { path, headers: { "Content-Type": "application/json" }, body: "{}" };
      for (const [wrong, bearer] of Object.entries({ ...forged, ...others, none: "" })) {
        const answer = await sendTo(
          described,
          described.method === "get" ? { ...request, body: undefined } : request,
          bearer,
        );
        const status = await expectLawful(described, answer, wrong);
        // The shared endpoint of page and server reads its body first, because the action says which token is meant.
        expect(described.path.endsWith("/sync") && status === 400 ? 401 : status, wrong).toBe(401);
      }
    },
  );

  it.each(["heartbeat", "pause", "resume", "complete", "start"])(
    "sync refuses to %s with any of them",
    async (action) => {
      const { person, sessions } = victim;
      const others = { "an access token": person.token, "a used launch token": sessions[1]!.launchToken };
      const described = operations.find(([, { path }]) => path === "/v1/provider/sessions/sync")![1];
      for (const [wrong, bearer] of Object.entries({ ...forged, ...others })) {
        const body = JSON.stringify({ action, nonce: "nonce-of-an-attacker", sessionId: sessions[1]!.id });
        const request = { path: described.path, headers: { "Content-Type": "application/json" }, body };
        const status = await expectLawful(described, await sendTo(described, request, bearer), wrong);
        expect(status, wrong).toBe(wrong === "a used launch token" && action === "start" ? 409 : 401);
      }
    },
  );
});

describe("somebody whose account is deleted, while their access token lives on", () => {
  let planId: string;
  let left: TestPerson;
  beforeAll(async () => {
    const { id } = victim.app.provider;
    const offered = { name: "Regular", monthCents: 900, includedTokens: 500 };
    const made = await call<{ plan: { id: string } }>(
      "POST",
      `/v1/provider/apps/${id}/plans`,
      victim.app.owner.token,
      offered,
    );
    planId = made.body.plan.id;
  });
  // Some of what is asked would make an account of theirs live again, so each is asked by somebody new.
  beforeEach(async () => {
    left = await newPerson({ tokens: 1_000 });
    await call("POST", "/v1/me/erase", left.token, { email: left.email, giveUpTokens: true });
  });
  const isTheirs = ({ operation }: DescribedOperation) =>
    JSON.stringify(operation.security ?? []).includes("accessToken");

  it.each(operations.filter(([, described]) => isTheirs(described)))(
    "%s answers it in the contract's words",
    async (_name, described) => {
      const isGone = (await env.DB.prepare("SELECT 1 FROM users WHERE id = ?").bind(left.userId).first()) === null;
      expect(isGone).toBe(true);
      const schema = bodySchema(described.operation);
      const known = { planId, providerId: victim.app.provider.id };
      const example = schema && { ...(exampleOf(document, schema) as Record<string, unknown>) };
      for (const [name, id] of Object.entries(known)) if (example && name in example) example[name] = id;
      const path = described.path.replaceAll(/\{\w+\}/g, victim.app.provider.id);
      const headers = { "Content-Type": "application/json" };
      const body = described.method === "get" ? undefined : JSON.stringify(example ?? {});
      const status = await expectLawful(
        described,
        await sendTo(described, { path, headers, body }, left.token),
        `${path} ${body}`,
      );
      if (path === "/v1/subscriptions" && described.method === "post") expect(status).toBe(401);
    },
  );
});

describe("after all of it", () => {
  it("has changed nothing that is the victim's, and the books are sound", async () => {
    expect(await stateOf()).toEqual(before);
    await booksAreSound();
  });
});
