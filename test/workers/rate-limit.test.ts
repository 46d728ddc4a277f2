import { env } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { newApiKey } from "../../domain/identity/api-keys.ts";
import { wallClock } from "../../domain/clock.ts";
import { insertApiKey } from "../../domain/identity/store.ts";
import { countAttempt } from "../../domain/limits/attempts.ts";
import { REQUEST_TIERS } from "../../domain/limits/tiers.ts";
import type { Env } from "../../workers/env.ts";
import { fetchLimited } from "../support/limited-app.ts";
import { newPerson } from "../support/people.ts";
import { fetchProbe } from "../support/probes.ts";

const view = (headers: Record<string, string>, change: Partial<Env> = {}) =>
  fetchProbe("/v1/viewer", headers, { RATE_LIMITS: "on", ...change });
/** A loop takes a few milliseconds, in which a few requests drip in: run a little past the capacity. */
const untilRefused = async (capacity: number, request: () => Promise<Response>): Promise<Response> => {
  for (let i = 0; i < capacity * 3; i++) {
    const answer = await request();
    if (answer.status === 429) return answer;
  }
  throw new Error("never refused");
};

describe("a signed-in person", () => {
  it("is told what is left, and refused with the time to wait when nothing is", async () => {
    const { headers } = await newPerson();
    const first = await view(headers);
    const { capacity } = REQUEST_TIERS.user;
    expect(first.headers.get("RateLimit-Policy")).toBe(`"user";q=${capacity};w=60`);
    expect(first.headers.get("RateLimit")).toBe(`"user";r=${capacity - 1};t=0`);
    const refused = await untilRefused(capacity, () => view(headers));
    expect(refused.headers.get("Content-Type")).toBe("application/problem+json");
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(refused.headers.get("RateLimit")).toBe('"user";r=0;t=1');
    expect(await refused.json()).toMatchObject({ status: 429, code: "rate_limited", retryAfterSeconds: 1 });
  });

  it("does not feel another person's 429, even on the same address", async () => {
    const [loud, quiet] = [await newPerson(), await newPerson()];
    const from = { "CF-Connecting-IP": "203.0.113.9" };
    await untilRefused(REQUEST_TIERS.user.capacity, () => view({ ...loud.headers, ...from }));
    const answer = await view({ ...quiet.headers, ...from });
    expect(answer.status).toBe(200);
  });
});

describe("without a credential", () => {
  it("counts refused credentials against the address they came from", async () => {
    const guess = (address: string) => view({ Authorization: "Bearer a.b.c", "CF-Connecting-IP": address });
    expect((await guess("203.0.113.20")).status).toBe(401);
    await untilRefused(REQUEST_TIERS.anonymous.capacity, () => guess("203.0.113.20"));
    expect((await guess("203.0.113.21")).status).toBe(401);
  });

  it("takes all addresses of one IPv6 network for one caller", async () => {
    let host = 1;
    const guess = () => view({ "CF-Connecting-IP": `2001:db8:1:2::${(host++).toString(16)}` });
    await untilRefused(REQUEST_TIERS.anonymous.capacity, guess);
    expect((await view({ "CF-Connecting-IP": "2001:db8:1:3::1" })).status).toBe(200);
  });
});

describe("signing in", () => {
  const send = (path: string, email: string, address: string) =>
    fetchLimited(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "CF-Connecting-IP": address },
      body: JSON.stringify({ email, password: "password123" }),
    });
  /** What eight wrong guesses leave behind, without hashing eight passwords. */
  const guessEightTimes = async (email: string, address: string) => {
    for (let i = 0; i < 8; i++) await countAttempt(env, { address, email }, wallClock());
  };

  it("counts registrations, sign-ins and all spellings of an e-mail together, and says how long to wait", async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const address = "203.0.113.30";
    await guessEightTimes(email, address);
    expect((await send("/v1/auth/register", email, address)).status).toBe(201);
    const last = await send("/v1/auth/register", email.toUpperCase(), address);
    expect(last.status).toBe(409);
    expect(last.headers.get("RateLimit")).toMatch(/^"accountFromAddress";r=0;t=\d+$/);
    const refused = await send("/v1/auth/login", ` ${email}`, address);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(50);
    expect(refused.headers.get("RateLimit-Policy")).toBe('"accountFromAddress";q=10;w=600');
    // Another account on the same address, and the same account elsewhere, are not touched.
    expect((await send("/v1/auth/login", `${crypto.randomUUID()}@example.com`, address)).status).toBe(401);
    expect((await send("/v1/auth/login", email, "203.0.113.31")).status).toBe(200);
  });

  it("starts the account's count anew after the right password", async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const address = "203.0.113.32";
    await send("/v1/auth/register", email, address);
    await guessEightTimes(email, address);
    expect((await send("/v1/auth/login", email, address)).status).toBe(200);
    await guessEightTimes(email, address);
    expect((await send("/v1/auth/login", email, address)).status).toBe(200);
  });
});

describe("the discovery chat", () => {
  /** The answer is read to its end, so that no turn outlives its test. */
  const hello = async (headers: Record<string, string>) => {
    const answer = await fetchLimited("/v1/chat/discovery", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify({ message: "hello" }),
    });
    const text = await answer.text();
    return new Response(text, answer);
  };

  it("has a limit of its own, by address for a stranger and by account for a person", async () => {
    const from = { "CF-Connecting-IP": "203.0.113.40" };
    const { capacity } = REQUEST_TIERS.chat;
    expect((await hello(from)).headers.get("RateLimit-Policy")).toBe(`"chat";q=${capacity};w=60`);
    const refused = await untilRefused(capacity, () => hello(from));
    expect(refused.headers.get("RateLimit-Policy")).toBe(`"chat";q=${capacity};w=60`);
    expect(refused.headers.get("Retry-After")).toMatch(/^[12]$/);
    expect(await refused.json()).toMatchObject({ status: 429, code: "rate_limited" });
    // Another address, and a person on the same one, still talk; and whoever talked too much still searches.
    expect((await hello({ "CF-Connecting-IP": "203.0.113.41" })).status).toBe(200);
    expect((await hello({ ...from, ...(await newPerson()).headers })).status).toBe(200);
    const search = {
      method: "POST",
      headers: { "Content-Type": "application/json", ...from },
      body: '{"query":"kite"}',
    };
    expect((await fetchLimited("/v1/providers/search", search)).status).toBe(200);
  });
});

describe("RATE_LIMITS=off", () => {
  const flood = async (environment: "local" | "production") => {
    const { headers } = await newPerson();
    const request = () => view(headers, { RATE_LIMITS: "off", ENVIRONMENT: environment });
    const answers = await Promise.all(Array.from({ length: REQUEST_TIERS.user.capacity + 100 }, request));
    return answers.some((answer) => answer.status === 429);
  };
  it("switches limits off locally", async () => expect(await flood("local")).toBe(false));
  it("is ignored in production", async () => expect(await flood("production")).toBe(true));
});

it("gives each API key its own bucket by its kind", async () => {
  const key = await newApiKey("test", 0);
  await env.DB.prepare(
    `INSERT INTO providers (id, owner_user_id, name, description, category, app_url, app_origin, logo_url, status, review, price_version_id, created_at, updated_at)
     VALUES ('p', 'o', 'n', 'd', 'c', 'https://a.test', 'https://a.test', 'https://a.test/l.png', 'active', 'approved', 'v', 0, 0)`,
  ).run();
  await insertApiKey(env.DB, "p", key, 0).run();
  const answer = await fetchProbe("/v1/provider", { Authorization: `Bearer ${key.key}` }, { RATE_LIMITS: "on" });
  expect(answer.headers.get("RateLimit-Policy")).toBe('"providerTest";q=200;w=20');
});
