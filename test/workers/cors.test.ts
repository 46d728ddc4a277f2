import { env, SELF } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { newApp } from "../support/apps.ts";
import { fetchLimited } from "../support/limited-app.ts";
import { aPerson } from "../support/market.ts";

const api = "http://localhost:3000";
const pwa = "http://localhost:5173";
const app = "https://writer.example.com";
const rejected = "https://rejected.example.com";
const stranger = "https://attacker.test";
const sync = "/v1/provider/sessions/sync";

const insertApp = (id: string, origin: string, review: string) =>
  env.DB.prepare(
    `INSERT INTO providers (id, owner_user_id, name, description, category, app_url, app_origin, logo_url, status, review, price_version_id, created_at, updated_at)
     VALUES (?1, 'o', 'n', 'd', 'c', ?2, ?2, ?2, 'active', ?3, 'v', 0, 0)`,
  ).bind(id, origin, review);
beforeAll(async () => {
  await env.DB.batch([insertApp("a1", app, "approved"), insertApp("a2", rejected, "rejected")]);
});

const preflight = (path: string, origin: string) =>
  SELF.fetch(api + path, {
    method: "OPTIONS",
    headers: {
      Origin: origin,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    },
  });
const get = (path: string, origin?: string) =>
  SELF.fetch(api + path, { headers: origin === undefined ? {} : { Origin: origin } });
const corsOf = (answer: Response) => ({
  origin: answer.headers.get("Access-Control-Allow-Origin"),
  credentials: answer.headers.get("Access-Control-Allow-Credentials"),
});
const nothing = { origin: null, credentials: null };

describe("the PWA", () => {
  it("may call everything with its sign-in, and read what a client needs", async () => {
    for (const path of ["/v1/me", sync, "/api/providers"]) {
      const before = await preflight(path, pwa);
      expect(before.status).toBe(204);
      expect(corsOf(before)).toEqual({ origin: pwa, credentials: "true" });
      expect(before.headers.get("Access-Control-Allow-Headers")).toContain("Idempotency-Key");
    }
    // Refusals too: the page must be able to read why.
    const refused = await get("/v1/me", pwa);
    expect(refused.status).toBe(401);
    expect(corsOf(refused)).toEqual({ origin: pwa, credentials: "true" });
    expect(refused.headers.get("Access-Control-Expose-Headers")).toContain("Retry-After");
  });
});

describe("a registered app", () => {
  it("may call the sync endpoint, without cookies", async () => {
    expect(corsOf(await preflight(sync, app))).toEqual({ origin: app, credentials: null });
    const answer = await SELF.fetch(api + sync, { method: "POST", headers: { Origin: app } });
    expect(corsOf(answer)).toEqual({ origin: app, credentials: null });
  });

  it("may call nothing else", async () => {
    for (const path of ["/v1/me", "/v1/auth/refresh", "/v1/sessions/create", `${sync}/`, `/v1/provider/../me`])
      expect(corsOf(await preflight(path, app))).toEqual(nothing);
  });
});

describe("anyone else", () => {
  it("may call nothing, not even with an origin that looks like ours", async () => {
    const origins = [stranger, rejected, "null", "", `${pwa}.attacker.test`, `${app}.attacker.test`, `${app}:8443`];
    for (const origin of [...origins, "http://writer.example.com", app.toUpperCase(), "x".repeat(5000)])
      for (const path of ["/v1/me", sync]) expect(corsOf(await preflight(path, origin))).toEqual(nothing);
  });

  it("gets an answer that no cache gives to another origin", async () => {
    for (const origin of [stranger, pwa, undefined])
      expect((await get("/v1/me", origin)).headers.get("Vary")).toBe("Origin");
  });

  it("may read what is public, without cookies", async () => {
    expect(corsOf(await get("/.well-known/jwks.json", stranger))).toEqual({ origin: "*", credentials: null });
  });
});

describe("every answer", () => {
  it("tells browsers not to guess, frame, run, refer or keep", async () => {
    for (const answer of [await get("/v1/me"), await get("/v1/nothing"), await get("/healthz")]) {
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
      });
    }
  });

  it("says the same whichever way it was made, a balance as its history, the catalogue as an app of it", async () => {
    const { token } = await aPerson(100);
    const { provider } = await newApp();
    const headersOf = async (path: string, origin: string) => {
      const answer = await SELF.fetch(api + path, { headers: { Authorization: `Bearer ${token}`, Origin: origin } });
      expect(answer.status).toBe(200);
      const { "x-request-id": id, "content-length": _, ratelimit: __, ...rest } = Object.fromEntries(answer.headers);
      expect(id).toBeTruthy();
      return rest;
    };
    for (const origin of [pwa, stranger]) {
      expect(await headersOf("/v1/tokens/balance", origin)).toEqual(await headersOf("/v1/tokens/transactions", origin));
      const { etag, ...page } = await headersOf("/v1/providers", origin);
      expect(etag).toBeTruthy();
      expect({ ...page, "cache-control": "no-store" }).toEqual(await headersOf(`/v1/providers/${provider.id}`, origin));
    }
  });

  it("insists on https in production only", async () => {
    expect((await get("/healthz")).headers.get("Strict-Transport-Security")).toBeNull();
    const production = await fetchLimited("/healthz", {}, { ENVIRONMENT: "production" });
    expect(production.headers.get("Strict-Transport-Security")).toMatch(/^max-age=\d{8}/);
  });
});
