// Connections through the real Worker: an owner sets them up, people connect in all three ways and take it back, and nobody
// finishes what somebody else began. The app's server is played at `fetch`; test/peers holds us against a real one.

import { env } from "cloudflare:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetConnections } from "../../domain/connections/store.ts";
import { freshToken as tokenOf } from "../../domain/connections/tokens.ts";
import { newApp, type TestApp } from "../support/apps.ts";
import { call } from "../support/market.ts";
import { newPerson, type TestPerson } from "../support/people.ts";

const ISSUER = "https://accounts.app.example.com";
const KEY = await generateKeyPair("ES256");

/** The app's authorization server. */
const server = {
  /** What it was sent, by path. */
  asked: [] as { path: string; body: URLSearchParams; headers: Headers }[],
  nonce: "",
  issuer: ISSUER,
  refuses: false,
  refreshes: 0,
};
const tokens = async () => ({
  access_token: `access-${server.refreshes}`,
  refresh_token: `refresh-${server.refreshes}`,
  token_type: "bearer",
  expires_in: 3_600,
  scope: "openid profile",
});

async function answer(url: URL, request: Request): Promise<Response> {
  if (url.origin !== ISSUER) return new Response(null, { status: 404 });
  const body = new URLSearchParams(request.method === "POST" ? await request.text() : "");
  server.asked.push({ path: url.pathname, body, headers: request.headers });
  switch (url.pathname) {
    case "/.well-known/openid-configuration":
      return Response.json({
        issuer: server.issuer,
        authorization_endpoint: `${ISSUER}/authorize`,
        token_endpoint: `${ISSUER}/token`,
        revocation_endpoint: `${ISSUER}/revoke`,
        userinfo_endpoint: `${ISSUER}/me`,
        jwks_uri: `${ISSUER}/keys`,
        response_types_supported: ["code"],
        id_token_signing_alg_values_supported: ["ES256"],
        authorization_response_iss_parameter_supported: true,
      });
    case "/keys":
      return Response.json({ keys: [{ ...(await exportJWK(KEY.publicKey)), kid: "k", alg: "ES256", use: "sig" }] });
    case "/token": {
      if (server.refuses) return Response.json({ error: "invalid_grant" }, { status: 400 });
      if (body.get("grant_type") === "refresh_token") {
        server.refreshes += 1;
        return Response.json(await tokens());
      }
      const idToken = await new SignJWT({ nonce: server.nonce })
        .setProtectedHeader({ alg: "ES256", kid: "k" })
        .setIssuer(ISSUER)
        .setAudience("client1")
        .setSubject("ana-there")
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(KEY.privateKey);
      return Response.json({ ...(await tokens()), ...(server.nonce && { id_token: idToken }) });
    }
    case "/revoke":
      return new Response(null);
    case "/me": {
      const isKnown = /^(Bearer access-\d|Key k-ana)$/.test(request.headers.get("Authorization") ?? "");
      return isKnown ? Response.json({ id: 4711, sub: "ana-there" }) : new Response(null, { status: 401 });
    }
    default:
      return new Response(null, { status: 404 });
  }
}

const OIDC = { protocol: "oidc", issuer: ISSUER, clientId: "client1", clientSecret: "s3cret", scopes: ["profile"] };
let [app, ana]: [TestApp, TestPerson] = [undefined as never, undefined as never];

beforeAll(async () => {
  [app, ana] = [await newApp(), await newPerson()];
});
beforeEach(async () => {
  Object.assign(server, { asked: [], nonce: "", issuer: ISSUER, refuses: false, refreshes: 0 });
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    const request = new Request(input as string, init);
    return answer(new URL(request.url), request);
  });
  await env.DB.batch(forgetConnections(env.DB, ana.userId));
});
afterEach(() => vi.restoreAllMocks());

const setUp = (body: unknown = OIDC, by = app.owner) =>
  call<{ settings: Record<string, unknown>; code: string }>(
    "PUT",
    `/v1/provider/apps/${app.provider.id}/connections`,
    by.token,
    body,
  );
const at = (person: TestPerson, what: string, body?: unknown, method = "POST") =>
  call<Record<string, unknown> & { code: string; connection: Record<string, unknown>; url: string }>(
    method,
    `/v1/connections/${app.provider.id}${what}`,
    person.token,
    body,
  );
async function begun(person = ana): Promise<URLSearchParams> {
  const { body } = await at(person, "/start");
  const asked = new URL(body.url).searchParams;
  server.nonce = asked.get("nonce") ?? "";
  return asked;
}
const back = (asked: URLSearchParams, changes: Record<string, string> = {}) => ({
  query: new URLSearchParams({ code: "c", state: asked.get("state")!, iss: ISSUER, ...changes }).toString(),
});
async function connected(person = ana) {
  return (await at(person, "/callback", back(await begun(person)))).body.connection;
}
const eventsOf = async (type: string) =>
  (
    await env.DB.prepare("SELECT data FROM outbox WHERE type = ? AND provider_id = ? ORDER BY id DESC")
      .bind(type, app.provider.id)
      .all<{ data: string }>()
  ).results.map(({ data }) => JSON.parse(data) as Record<string, unknown>);

describe("an owner", () => {
  it("sets up connections with a server that is read at once; the secret never comes out again", async () => {
    const { status, body } = await setUp();
    expect([status, body.settings]).toMatchObject([
      200,
      {
        tokenEndpoint: `${ISSUER}/token`,
        scopes: ["openid", "profile"],
        hasClientSecret: true,
        redirectUri: `http://localhost:5173/connect/${app.provider.id}/callback`,
      },
    ]);
    const row = await env.DB.prepare("SELECT * FROM provider_auth WHERE provider_id = ?").bind(app.provider.id).first();
    expect(JSON.stringify([body, row])).not.toContain("s3cret");
    expect((await setUp(OIDC, await newPerson())).status).toBe(404);
    const { clientSecret: _, ...withoutSecret } = OIDC;
    expect((await setUp(withoutSecret)).body.settings).toMatchObject({ hasClientSecret: true });
    expect((await setUp({ ...withoutSecret, clientId: "other" })).body.settings).toMatchObject({
      hasClientSecret: false,
    });
  });

  it("is refused a server that says it is another one, and addresses that are not public", async () => {
    server.issuer = "https://attacker.example.com";
    expect((await setUp()).body).toMatchObject({ code: "connection_refused", reason: "untrusted" });
    for (const issuer of ["https://10.0.0.1", "https://metadata.internal", "ftp://app.example.com"])
      expect((await setUp({ ...OIDC, issuer })).body.code).toBe("url_not_allowed");
  });
});

describe("a person", () => {
  beforeEach(async () => void (await setUp()));

  it("connects by signing in there: PKCE, sealed tokens, an event with the pairwise id, one identity", async () => {
    const asked = await begun();
    expect(asked.get("code_challenge_method")).toBe("S256");
    const { status, body } = await at(ana, "/callback", back(asked));
    expect([status, body.connection]).toMatchObject([200, { providerUserId: "ana-there", authMethod: "oidc" }]);
    const exchange = server.asked.find(({ path }) => path === "/token")!;
    expect(exchange.body.get("code_verifier")).toMatch(/^[\w-]{43,128}$/);
    expect(exchange.headers.get("Authorization")).toBe(`Basic ${btoa("client1:s3cret")}`);
    const row = await env.DB.prepare("SELECT * FROM provider_connections WHERE user_id = ?").bind(ana.userId).first();
    expect(JSON.stringify(row)).not.toMatch(/access-0|refresh-0/);

    const [event] = await eventsOf("user.connected");
    expect(event).toMatchObject({ providerUserId: "ana-there", authMethod: "oidc" });
    expect(event!.userId).not.toBe(ana.userId);
    const path = `/v1/provider/connections/${String(event!.userId)}`;
    const identity = await call<{ identity: unknown; token: string }>("GET", path, app.apiKey);
    expect(identity.body.identity).toEqual({
      user_id: event!.userId,
      provider: app.provider.id,
      provider_user_id: "ana-there",
      auth_method: "oidc",
      tenant_id: null,
    });
    expect(identity.body.token.split(".")).toHaveLength(3);
    expect((await call("GET", path, (await newApp()).apiKey)).status).toBe(404);
    const list = await call<{ connections: unknown[] }>("GET", "/v1/connections", ana.token);
    expect(list.body.connections).toHaveLength(1);
  });

  it("cannot finish twice, late, with a forged state, of another person, of another app or from another server", async () => {
    const refused = async (person: TestPerson, body: unknown) => (await at(person, "/callback", body)).body.code;
    const mine = await begun();
    const stranger = await newPerson();
    expect(await refused(stranger, back(mine))).toBe("connection_state_invalid");
    expect(await refused(ana, back(mine, { state: "forged" }))).toBe("connection_state_invalid");
    const elsewhere = await newApp();
    const other = await call<{ code: string }>(
      "POST",
      `/v1/connections/${elsewhere.provider.id}/callback`,
      ana.token,
      back(mine),
    );
    expect(other.body.code).toBe("connection_state_invalid");
    // A wrong issuer uses the attempt up: the right answer after it comes too late.
    expect(await refused(ana, back(mine, { iss: "https://attacker.example.com" }))).toBe("connection_refused");
    expect(await refused(ana, back(mine))).toBe("connection_state_invalid");

    const once = await begun();
    expect((await at(ana, "/callback", back(once))).status).toBe(200);
    expect(await refused(ana, back(once))).toBe("connection_state_invalid");

    const late = await begun();
    await env.DB.prepare("UPDATE connection_attempts SET expires_at = 1").run();
    expect(await refused(ana, back(late))).toBe("connection_state_invalid");

    const swapped = await begun();
    server.nonce = "somebody else's";
    expect(await refused(ana, back(swapped))).toBe("connection_refused");
    const no = await begun();
    const denied = await at(ana, "/callback", {
      query: `error=access_denied&state=${no.get("state")}&iss=${encodeURIComponent(ISSUER)}`,
    });
    expect(denied.body).toMatchObject({ code: "connection_refused", reason: "denied" });
  });

  it("has a token that ran out renewed once, however many ask for it", async () => {
    await connected();
    const whose = { userId: ana.userId, providerId: app.provider.id };
    await env.DB.prepare("UPDATE provider_connections SET token_expires_at = 1 WHERE user_id = ?")
      .bind(ana.userId)
      .run();
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => tokenOf(env, whose, Date.now())));
    expect(server.refreshes).toBe(1);
    const got = asked.flatMap((it) => (it.status === "fulfilled" ? [it.value] : []));
    expect(got.length).toBeGreaterThan(0);
    expect(new Set(got)).toEqual(new Set(["access-1"]));
    for (const it of asked)
      if (it.status === "rejected") expect((it.reason as { code: string }).code).toBe("temporarily_unavailable");
    expect(await tokenOf(env, whose, Date.now())).toBe("access-1");

    server.refuses = true;
    await env.DB.prepare("UPDATE provider_connections SET token_expires_at = 1 WHERE user_id = ?")
      .bind(ana.userId)
      .run();
    expect((await at(ana, "/check")).body).toMatchObject({ code: "connection_refused" });
    expect((await at(ana, "", undefined, "GET")).body).toMatchObject({ offer: { connection: { status: "broken" } } });
  });

  it("takes it back here and there, and is told where that did not work", async () => {
    await connected();
    const gone = await at(ana, "", undefined, "DELETE");
    expect([gone.status, gone.body]).toEqual([200, { isRevokedThere: true }]);
    expect(server.asked.at(-1)).toMatchObject({ path: "/revoke" });
    expect(server.asked.at(-1)!.body.get("token")).toBe("refresh-0");
    expect(await eventsOf("user.disconnected")).toHaveLength(1);
    expect(await eventsOf("user.consent_withdrawn")).toHaveLength(1);
    expect((await at(ana, "", undefined, "DELETE")).body).toEqual({ isRevokedThere: false });
    expect(await eventsOf("user.disconnected")).toHaveLength(1);
    expect(await eventsOf("user.consent_withdrawn")).toHaveLength(1);
    expect((await at(ana, "/check")).body.code).toBe("connection_not_found");
  });

  it("is forgotten with the account", async () => {
    const person = await newPerson();
    await connected(person);
    await at(person, "/start");
    const erased = await call("POST", "/v1/me/erase", person.token, { email: person.email });
    expect(erased.status).toBe(204);
    for (const table of ["provider_connections", "connection_attempts"])
      expect(
        await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE user_id = ?`).bind(person.userId).first("n"),
      ).toBe(0);
  });
});

describe("other protocols come to the same identity", () => {
  it("OAuth 2 without OpenID: who it is stands in the profile", async () => {
    await setUp({
      protocol: "oauth2",
      issuer: ISSUER,
      authorizationEndpoint: `${ISSUER}/authorize`,
      tokenEndpoint: `${ISSUER}/token`,
      profileEndpoint: `${ISSUER}/me`,
      clientId: "client1",
      clientSecret: "s3cret",
      secretIn: "body",
      scopes: ["read"],
      sendsIssuer: true,
    });
    const asked = await begun();
    expect(asked.get("nonce")).toBeNull();
    expect((await at(ana, "/callback", back(asked))).body.connection).toMatchObject({
      providerUserId: "4711",
      authMethod: "oauth2",
    });
    expect(server.asked.find(({ path }) => path === "/token")!.body.get("client_secret")).toBe("s3cret");
  });

  it("an API key: tried at once, and refused when the app does not know it", async () => {
    const settings = { protocol: "api_key", profileEndpoint: `${ISSUER}/me`, headerPrefix: "Key " };
    await setUp(settings);
    expect((await at(ana, "/start")).body.code).toBe("connections_not_offered");
    expect((await at(ana, "", { apiKey: "wrong" }, "PUT")).body).toMatchObject({ reason: "refused" });
    const { body } = await at(ana, "", { apiKey: "k-ana" }, "PUT");
    expect(body.connection).toMatchObject({ providerUserId: "4711", authMethod: "api_key", tokenExpiresAt: null });
    expect((await at(ana, "/check")).status).toBe(200);
    expect((await at(ana, "", undefined, "DELETE")).body).toEqual({ isRevokedThere: false });
  });
});
