// The door to the authorization servers of providers: authorization code with PKCE, refresh, revocation and who somebody is.
// openid-client does the protocol; every address it calls passes the URL policy first, redirects are not followed, answers
// are small and soon. Loaded when first used, so that no other request pays for it.

import type * as OpenidClient from "openid-client";
import { assertUrlAllowed } from "../webhooks/url-policy.ts";

/** What is known of a server: RFC 8414 members, discovered or as its owner wrote them. */
export interface AuthorizationServer {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  revocation_endpoint?: string;
  userinfo_endpoint?: string;
  jwks_uri?: string;
  authorization_response_iss_parameter_supported?: boolean;
  [member: string]: unknown;
}

export interface OauthClient {
  server: AuthorizationServer;
  clientId: string;
  /** Null: a public client. */
  clientSecret: string | null;
  secretIn: "header" | "body";
  redirectUri: string;
  /** An ID token must come, and says who the person is. */
  isOidc: boolean;
}

/** How the outside world is reached. */
export interface Outside {
  environment: "local" | "production";
  send: typeof fetch;
}

export interface TokenSet {
  accessToken: string;
  refreshToken: string | null;
  expiresInSeconds: number | null;
  scope: string | null;
  /** The ID token's subject; null without one. */
  subject: string | null;
}

/** What a code is exchanged with; made at the start, kept until the callback. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
}

/**
 * Why a provider's server did not help: `denied` the person said no there, `refused` it does not honour what we have,
 * `untrusted` its answer does not hold together, `unavailable` no answer came.
 */
export class ProviderRefusal extends Error {
  readonly reason: "denied" | "refused" | "untrusted" | "unavailable";
  constructor(reason: ProviderRefusal["reason"], cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

const TIMEOUT_SECONDS = 8;
/** Metadata, key sets and tokens are a few kB. */
const ANSWER_MAX_BYTES = 256 * 1024;
const library = (): Promise<typeof OpenidClient> => import("openid-client");

export async function discoverServer(outside: Outside, issuer: string): Promise<AuthorizationServer> {
  const client = await library();
  return asking(client, async () => {
    const found = await client.discovery(new URL(issuer), "discovery", undefined, client.None(), {
      [client.customFetch]: guarded(outside),
      timeout: TIMEOUT_SECONDS,
      ...(outside.environment === "local" && { execute: [client.allowInsecureRequests] }),
    });
    return found.serverMetadata() as unknown as AuthorizationServer;
  });
}

/** Fresh secrets of one authorization, and where the person goes with them. */
export async function beginAuthorization(
  outside: Outside,
  oauth: OauthClient,
  scope: string,
): Promise<{ attempt: Attempt; url: string }> {
  const client = await library();
  const attempt = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier(),
  };
  const url = client.buildAuthorizationUrl(configure(client, outside, oauth), {
    redirect_uri: oauth.redirectUri,
    response_type: "code",
    ...(scope !== "" && { scope }),
    state: attempt.state,
    code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: "S256",
    ...(oauth.isOidc && { nonce: attempt.nonce }),
  });
  return { attempt, url: url.href };
}

/**
 * Exchange the code of a callback. State, issuer (RFC 9207), nonce, signature and audience are checked by the library.
 * @param query What came back, as it came.
 */
export async function finishAuthorization(
  outside: Outside,
  oauth: OauthClient,
  query: URLSearchParams,
  attempt: Attempt,
): Promise<TokenSet> {
  const client = await library();
  return asking(client, async () => {
    const callback = new URL(oauth.redirectUri);
    callback.search = query.toString();
    const tokens = await client.authorizationCodeGrant(configure(client, outside, oauth), callback, {
      expectedState: attempt.state,
      pkceCodeVerifier: attempt.verifier,
      ...(oauth.isOidc && { expectedNonce: attempt.nonce, idTokenExpected: true }),
    });
    return tokenSet(tokens);
  });
}

export async function refreshTokens(outside: Outside, oauth: OauthClient, refreshToken: string): Promise<TokenSet> {
  const client = await library();
  return asking(client, async () =>
    tokenSet(await client.refreshTokenGrant(configure(client, outside, oauth), refreshToken)),
  );
}

/** RFC 7009. @returns false where the server has no way to revoke. */
export async function revokeToken(outside: Outside, oauth: OauthClient, token: string): Promise<boolean> {
  if (!oauth.server.revocation_endpoint) return false;
  const client = await library();
  await asking(client, () => client.tokenRevocation(configure(client, outside, oauth), token));
  return true;
}

/** A JSON document about the person, read with a credential of theirs. */
export async function readProfile(
  outside: Outside,
  url: string,
  header: { name: string; value: string },
): Promise<Record<string, unknown>> {
  const answer = await reach(outside, url, { headers: { [header.name]: header.value, Accept: "application/json" } });
  if (answer.status === 401 || answer.status === 403) throw new ProviderRefusal("refused");
  if (answer.status >= 500 || answer.status === 429) throw new ProviderRefusal("unavailable");
  const profile: unknown = answer.status === 200 ? await answer.json().catch(() => null) : null;
  if (typeof profile !== "object" || profile === null || Array.isArray(profile)) throw new ProviderRefusal("untrusted");
  return profile as Record<string, unknown>;
}

function configure(
  client: typeof OpenidClient,
  outside: Outside,
  { server, clientId, clientSecret, secretIn }: OauthClient,
): OpenidClient.Configuration {
  const proof =
    clientSecret === null
      ? client.None()
      : secretIn === "header"
        ? client.ClientSecretBasic(clientSecret)
        : client.ClientSecretPost(clientSecret);
  const config = new client.Configuration(server as OpenidClient.ServerMetadata, clientId, undefined, proof);
  config[client.customFetch] = guarded(outside);
  config.timeout = TIMEOUT_SECONDS;
  if (outside.environment === "local") client.allowInsecureRequests(config);
  return config;
}

const tokenSet = (
  tokens: OpenidClient.TokenEndpointResponse & OpenidClient.TokenEndpointResponseHelpers,
): TokenSet => ({
  accessToken: tokens.access_token,
  refreshToken: tokens.refresh_token ?? null,
  expiresInSeconds: tokens.expiresIn() ?? null,
  scope: tokens.scope ?? null,
  subject: tokens.claims()?.sub ?? null,
});

const guarded =
  (outside: Outside): OpenidClient.CustomFetch =>
  (url, options) =>
    reach(outside, url, options as RequestInit);

async function reach(outside: Outside, url: string, options: RequestInit): Promise<Response> {
  assertUrlAllowed(url, { environment: outside.environment, purpose: "metadata" });
  let answer: Response;
  try {
    const signal = options.signal ?? AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    answer = await outside.send(url, { ...options, redirect: "manual", signal });
  } catch (error) {
    throw new ProviderRefusal("unavailable", error);
  }
  // Read here, within bounds: whoever parses it then cannot be kept waiting or be given too much.
  const body = await readBounded(answer);
  return new Response(isBodyless(answer.status) ? null : body, { status: answer.status, headers: answer.headers });
}

const isBodyless = (status: number): boolean => status === 204 || status === 205 || status === 304;

async function readBounded(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  if (answer.body)
    for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
      size += part.byteLength;
      if (size > ANSWER_MAX_BYTES) throw new ProviderRefusal("untrusted");
      parts.push(part);
    }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

async function asking<Answer>(client: typeof OpenidClient, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw refusalOf(client, error);
  }
}

function refusalOf(client: typeof OpenidClient, error: unknown): unknown {
  const own = causes(error).find(
    (cause) => cause instanceof ProviderRefusal || (cause as Error)?.name === "DomainError",
  );
  if (own) return own;
  if (error instanceof client.AuthorizationResponseError) return new ProviderRefusal("denied", error);
  if (error instanceof client.ResponseBodyError)
    return new ProviderRefusal(error.status >= 500 ? "unavailable" : "refused", error);
  // A 401 with a challenge: our own client id or secret is not right there.
  if (error instanceof client.WWWAuthenticateChallengeError) return new ProviderRefusal("refused", error);
  return new ProviderRefusal("untrusted", error);
}

function causes(error: unknown): unknown[] {
  const found: unknown[] = [];
  for (let at = error; at !== undefined && at !== null && found.length < 5; at = (at as Error).cause) found.push(at);
  return found;
}
