import { env, SELF } from "cloudflare:test";
import { expect, it } from "vitest";
import { newId } from "../../domain/ids.ts";
import { launchUrl } from "../../domain/sessions/tokens.ts";
import { DEFAULT_API_ORIGIN } from "../../sdk/src/protocol/origins.ts";
import { Marketplace } from "../../sdk/src/server/marketplace.ts";

const get = (path: string, headers: Record<string, string> = {}) =>
  SELF.fetch(`${env.API_ORIGIN}${path}`, { headers: { Origin: "https://any-app.example", ...headers } });

interface Manifest {
  version: string;
  files: Record<string, { url: string; integrity: string; bytes: number }>;
}
const manifest = async () => (await (await get("/sdk/v1/manifest.json")).json()) as Manifest;

it("serves /sdk.js to any page, with this marketplace's origins in it", async () => {
  const answer = await get("/sdk.js");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  expect(answer.headers.get("cache-control")).toContain("max-age=300");
  const text = await answer.text();
  expect(text).toContain(env.API_ORIGIN);
  expect(text).toContain(env.WEB_ORIGIN);
  expect(text).not.toContain(DEFAULT_API_ORIGIN);
});

it("answers 304 to a page that has this build already", async () => {
  const first = await get("/sdk.js");
  const etag = first.headers.get("etag")!;
  await first.text();
  const again = await get("/sdk.js", { "If-None-Match": `W/${etag}, "other"` });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe("");
});

it("lists names that never change, whose text matches the integrity they are listed with", async () => {
  const { files } = await manifest();
  expect(Object.keys(files).sort()).toEqual(["live.js", "sdk-core.js", "sdk.js", "texts.js"]);
  for (const { url, integrity, bytes } of Object.values(files)) {
    const answer = await get(new URL(url).pathname);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    const body = await answer.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-384", body));
    expect(`sha384-${btoa(String.fromCharCode(...digest))}`).toBe(integrity);
    expect(body.byteLength).toBe(bytes);
  }
});

it("serves the names without a hash too, but for minutes only", async () => {
  const answer = await get("/sdk/v1/sdk-core.js");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).not.toContain("immutable");
  await answer.text();
});

it("has nothing under a hash it never had", async () => {
  const answer = await get("/sdk/v1/sdk.000000000000.js");
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  await answer.text();
});

it("has a server client that runs in a Worker: it checks our own launch tokens against our own keys", async () => {
  const app = { id: newId(0), providerId: newId(0), appUrl: "https://app.example:8443/tool?tab=2" };
  const session = {
    ...app,
    mode: "test" as const,
    subject: "s",
    priceVersionId: "p",
    durationSeconds: 3600,
    heldTokens: 500,
  };
  const redirect = new URL(await launchUrl(env, { ...session, state: "state", jti: "jti", createdAt: Date.now() }));
  const marketplace = new Marketplace({
    apiKey: "mk_test_none",
    baseUrl: env.API_ORIGIN,
    issuer: env.WEB_ORIGIN,
    providerId: app.providerId,
    fetch: (url, init) => SELF.fetch(String(url), init as RequestInit),
  });
  const token = redirect.searchParams.get("marketplace_session")!;
  const claims = await marketplace.verifyLaunchToken(token, { audience: "app.example:8443" });
  expect(claims).toMatchObject({ session_id: app.id, mode: "test", duration_limit: 3600, tokens_allocated: 500 });
  await expect(marketplace.verifyLaunchToken(token, { audience: "app.example" })).rejects.toMatchObject({
    reason: "aud",
  });
  // And it speaks the API's errors.
  await expect(marketplace.sessions.get(app.id)).rejects.toMatchObject({ code: "api_key_invalid", status: 401 });
});
