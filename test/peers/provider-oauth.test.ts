// Our side of OAuth against an OpenID provider we did not write: what works, and every answer that must not be believed.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  beginAuthorization,
  discoverServer,
  finishAuthorization,
  ProviderRefusal,
  readProfile,
  refreshTokens,
  revokeToken,
  type OauthClient,
  type Outside,
} from "../../domain/gateways/provider-oauth.ts";
import { CLIENT, startPeer, type Peer } from "./oidc-server.ts";

const REDIRECT = "http://localhost:5173/connect/app-1/callback";
const OTHER_REDIRECT = "http://localhost:5173/connect/app-2/callback";
const outside: Outside = { environment: "local", send: fetch };
let peer: Peer;
let oauth: OauthClient;

beforeAll(async () => {
  peer = await startPeer([REDIRECT, OTHER_REDIRECT]);
  oauth = {
    server: await discoverServer(outside, peer.issuer),
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    secretIn: "header",
    redirectUri: REDIRECT,
    isOidc: true,
  };
});
afterAll(() => peer.stop());

const authorized = async (client = oauth) => {
  const { attempt, url } = await beginAuthorization(outside, client, "openid offline_access");
  return { attempt, callback: await peer.authorize(url) };
};
const reasonOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "accepted",
    (error: unknown) => (error instanceof ProviderRefusal ? error.reason : String(error)),
  );
const finish = (callback: URL, attempt: Parameters<typeof finishAuthorization>[3], client = oauth) =>
  finishAuthorization(outside, client, callback.searchParams, attempt);

describe("connecting", () => {
  it("exchanges the code for tokens and says who it is; the tokens work, renew and are revoked", async () => {
    const { attempt, callback } = await authorized();
    expect(`${callback.origin}${callback.pathname}`).toBe(REDIRECT);
    const tokens = await finish(callback, attempt);
    expect(tokens.subject).toBe("ana-at-the-app");
    // The server counts from the whole second it was asked in to the one it answers in.
    expect(tokens.expiresInSeconds).toBeGreaterThan(3_590);
    expect(tokens.expiresInSeconds).toBeLessThanOrEqual(3_600);
    const bearer = (token: string) => ({ name: "Authorization", value: `Bearer ${token}` });
    const profile = `${peer.issuer}/me`;
    expect(await readProfile(outside, profile, bearer(tokens.accessToken))).toEqual({ sub: "ana-at-the-app" });

    const renewed = await refreshTokens(outside, oauth, tokens.refreshToken!);
    expect(renewed.accessToken).not.toBe(tokens.accessToken);
    expect(renewed.refreshToken).not.toBe(tokens.refreshToken);
    expect(await revokeToken(outside, oauth, renewed.refreshToken!)).toBe(true);
    expect(await reasonOf(refreshTokens(outside, oauth, renewed.refreshToken!))).toBe("refused");
    expect(await reasonOf(readProfile(outside, profile, bearer(renewed.accessToken)))).toBe("refused");
  });

  it("asks with PKCE S256, a state and a nonce that are new every time", async () => {
    const [first, second] = await Promise.all([1, 2].map(() => beginAuthorization(outside, oauth, "openid")));
    const query = new URL(first!.url).searchParams;
    expect(query.get("code_challenge_method")).toBe("S256");
    expect(query.get("redirect_uri")).toBe(REDIRECT);
    expect(first!.attempt.verifier).toMatch(/^[\w-]{43,128}$/);
    for (const secret of ["state", "nonce", "verifier"] as const)
      expect(first!.attempt[secret]).not.toBe(second!.attempt[secret]);
    expect(first!.url).not.toContain(first!.attempt.verifier);
  });

  it("uses up a refresh token: of two refreshes at once one fails, and its reuse ends the grant", async () => {
    const { attempt, callback } = await authorized();
    const tokens = await finish(callback, attempt);
    const renewed = await refreshTokens(outside, oauth, tokens.refreshToken!);
    expect(await reasonOf(refreshTokens(outside, oauth, tokens.refreshToken!))).toBe("refused");
    expect(await reasonOf(refreshTokens(outside, oauth, renewed.refreshToken!))).toBe("refused");
  });
});

describe("an answer that must not be believed", () => {
  it("is one with a forged state, or with the state twice", async () => {
    const { attempt, callback } = await authorized();
    const forged = new URL(callback);
    forged.searchParams.set("state", "forged");
    expect(await reasonOf(finish(forged, attempt))).toBe("untrusted");
    const doubled = new URL(callback);
    doubled.searchParams.append("state", attempt.state);
    expect(await reasonOf(finish(doubled, attempt))).toBe("untrusted");
  });

  it("is one of another server (mix-up), or of one that does not say which it is though it always does", async () => {
    const { attempt, callback } = await authorized();
    const foreign = new URL(callback);
    foreign.searchParams.set("iss", "https://attacker.example.com");
    expect(await reasonOf(finish(foreign, attempt))).toBe("untrusted");
    const silent = new URL(callback);
    silent.searchParams.delete("iss");
    expect(await reasonOf(finish(silent, attempt))).toBe("untrusted");
    // Refused before anything was sent: the code is still good.
    expect(await reasonOf(finish(callback, attempt))).toBe("accepted");
  });

  it("is one that is replayed, comes with a wrong verifier, for another nonce, or for another redirect address", async () => {
    const replayed = await authorized();
    await finish(replayed.callback, replayed.attempt);
    expect(await reasonOf(finish(replayed.callback, replayed.attempt))).toBe("refused");

    const guessed = await authorized();
    const verifier = "a".repeat(64);
    expect(await reasonOf(finish(guessed.callback, { ...guessed.attempt, verifier }))).toBe("refused");

    const swapped = await authorized();
    expect(await reasonOf(finish(swapped.callback, { ...swapped.attempt, nonce: "another" }))).toBe("untrusted");

    const moved = await authorized();
    expect(await reasonOf(finish(moved.callback, moved.attempt, { ...oauth, redirectUri: OTHER_REDIRECT }))).toBe(
      "refused",
    );
  });

  it("is a no, a wrong secret, or nothing at all", async () => {
    const { attempt } = await beginAuthorization(outside, oauth, "openid");
    const no = new URL(`${REDIRECT}?error=access_denied&state=${attempt.state}&iss=${peer.issuer}`);
    expect(await reasonOf(finish(no, attempt))).toBe("denied");
    const { attempt: made, callback } = await authorized();
    expect(await reasonOf(finish(callback, made, { ...oauth, clientSecret: "wrong" }))).toBe("refused");
    const silent: Outside = { environment: "local", send: () => Promise.reject(new TypeError("no network")) };
    expect(await reasonOf(refreshTokens(silent, oauth, "x"))).toBe("unavailable");
  });

  it("is metadata of another issuer, a redirect, an address that is not public, or one that does not end", async () => {
    const pretending: Outside = {
      environment: "local",
      send: async (...request) => {
        const answer = await fetch(...request);
        return Response.json({ ...((await answer.json()) as object), issuer: "https://attacker.example.com" });
      },
    };
    expect(await reasonOf(discoverServer(pretending, peer.issuer))).toBe("untrusted");
    const moving: Outside = { environment: "local", send: async () => Response.redirect("https://example.com/", 302) };
    expect(await reasonOf(discoverServer(moving, peer.issuer))).toBe("untrusted");
    const strict: Outside = { environment: "production", send: fetch };
    expect(await reasonOf(discoverServer(strict, "https://10.0.0.1"))).toContain("cannot be used");
    const endless: Outside = {
      environment: "local",
      send: async () =>
        new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) })),
    };
    expect(await reasonOf(discoverServer(endless, peer.issuer))).toBe("untrusted");
  });
});
