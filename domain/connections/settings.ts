// How an app's accounts are connected, as its owner sets it: the protocol, where its server is, and what we are known by
// there. Addresses are discovered or written down, and each passes the URL policy.

import type { Millis } from "../clock.ts";
import { ownedApp } from "../catalogue/change-app.ts";
import { DomainError } from "../errors.ts";
import { discoverServer, ProviderRefusal, type AuthorizationServer, type Outside } from "../gateways/provider-oauth.ts";
import { seal, sealingKey, unseal } from "../seal.ts";
import { assertUrlAllowed } from "../webhooks/url-policy.ts";
import { deleteAuth, findAuth, saveAuth, type AuthConfig, type ProviderAuth } from "./store.ts";

export interface ConnectionsEnv {
  DB: D1Database;
  DATA_KEY: string;
  WEB_ORIGIN: string;
  ENVIRONMENT: "local" | "production";
  EGRESS?: { fetch: typeof fetch };
}

/** What an owner writes. Secrets come in and never go out again. */
export type AuthInput =
  | {
      protocol: "oidc";
      issuer: string;
      clientId: string;
      clientSecret?: string;
      scopes: string[];
      secretIn: "header" | "body";
    }
  | {
      protocol: "oauth2";
      /** What `iss` must be where the server sends one (RFC 9207). */
      issuer: string;
      authorizationEndpoint: string;
      tokenEndpoint: string;
      revocationEndpoint?: string;
      profileEndpoint: string;
      subjectField: string;
      clientId: string;
      clientSecret?: string;
      scopes: string[];
      secretIn: "header" | "body";
      sendsIssuer: boolean;
    }
  | { protocol: "api_key"; profileEndpoint: string; subjectField: string; headerName: string; headerPrefix: string };

const PURPOSE = "provider-connection";
export const sealFor = async (env: ConnectionsEnv, text: string): Promise<string> =>
  seal(await sealingKey(env.DATA_KEY, PURPOSE), text);
export const openFor = async (env: ConnectionsEnv, sealed: string): Promise<string> =>
  unseal(await sealingKey(env.DATA_KEY, PURPOSE), sealed);

export const outsideOf = (env: ConnectionsEnv): Outside => ({
  environment: env.ENVIRONMENT,
  send: (...request) => (env.EGRESS ? env.EGRESS.fetch(...request) : fetch(...request)),
});

/** One address an app, so that an answer of one server can never be taken for another's (RFC 9700, section 4.4). */
export const redirectUriOf = (env: ConnectionsEnv, providerId: string): string =>
  `${env.WEB_ORIGIN}/connect/${providerId}/callback`;

/**
 * Set how an app's accounts are connected. Where it now is another server or client, people connect again.
 * @throws DomainError `provider_not_found`, `url_not_allowed`, `connection_refused`, `connection_server_unavailable`.
 */
export async function setAuth(
  env: ConnectionsEnv,
  owner: { userId: string; providerId: string },
  input: AuthInput,
  now: Millis,
): Promise<ReturnType<typeof authView>> {
  await ownedApp(env.DB, owner.userId, owner.providerId);
  const before = await findAuth(env.DB, owner.providerId);
  const config = await configOf(env, input);
  const clientId = input.protocol === "api_key" ? null : input.clientId;
  const secret = input.protocol === "api_key" ? undefined : input.clientSecret;
  // Left out, the secret stays: an owner who changes scopes need not have it at hand.
  const isSameClient = before?.clientId === clientId && before?.protocol === input.protocol;
  const clientSecret = secret === undefined ? (isSameClient ? before!.clientSecret : null) : await sealFor(env, secret);
  const auth: ProviderAuth = {
    providerId: owner.providerId,
    protocol: input.protocol,
    config,
    clientId,
    clientSecret,
    updatedAt: now,
  };
  await saveAuth(env.DB, auth, !isSameClient || before?.config.server?.issuer !== config.server?.issuer, now);
  return authView(env, auth);
}

export async function readAuth(
  env: ConnectionsEnv,
  owner: { userId: string; providerId: string },
): Promise<ReturnType<typeof authView> | null> {
  await ownedApp(env.DB, owner.userId, owner.providerId);
  const auth = await findAuth(env.DB, owner.providerId);
  return auth && authView(env, auth);
}

/** Nobody can connect any more; who is connected stays so until they disconnect. */
export async function removeAuth(env: ConnectionsEnv, owner: { userId: string; providerId: string }): Promise<void> {
  await ownedApp(env.DB, owner.userId, owner.providerId);
  await deleteAuth(env.DB, owner.providerId);
}

export const authView = (
  env: ConnectionsEnv,
  { providerId, protocol, config, clientId, clientSecret }: ProviderAuth,
) => ({
  providerId,
  protocol,
  issuer: config.server?.issuer ?? null,
  authorizationEndpoint: config.server?.authorization_endpoint ?? null,
  tokenEndpoint: config.server?.token_endpoint ?? null,
  revocationEndpoint: config.server?.revocation_endpoint ?? null,
  profileEndpoint: config.profileEndpoint ?? null,
  subjectField: config.subjectField ?? null,
  headerName: config.headerName ?? null,
  headerPrefix: config.headerPrefix ?? null,
  scopes: config.scopes ?? [],
  secretIn: config.secretIn ?? null,
  clientId,
  hasClientSecret: clientSecret !== null,
  redirectUri: protocol === "api_key" ? null : redirectUriOf(env, providerId),
});

async function configOf(env: ConnectionsEnv, input: AuthInput): Promise<AuthConfig> {
  const allowed = (url: string): string =>
    assertUrlAllowed(url, { environment: env.ENVIRONMENT, purpose: "metadata" }).href;
  switch (input.protocol) {
    case "oidc": {
      allowed(input.issuer);
      const server = await discovered(env, input.issuer);
      for (const url of [
        server.authorization_endpoint,
        server.token_endpoint,
        server.jwks_uri,
        server.revocation_endpoint,
      ])
        if (url) allowed(url);
      return { server, scopes: [...new Set(["openid", ...input.scopes])], secretIn: input.secretIn };
    }
    case "oauth2":
      return {
        server: {
          issuer: input.issuer,
          authorization_endpoint: allowed(input.authorizationEndpoint),
          token_endpoint: allowed(input.tokenEndpoint),
          ...(input.revocationEndpoint && { revocation_endpoint: allowed(input.revocationEndpoint) }),
          authorization_response_iss_parameter_supported: input.sendsIssuer,
        },
        scopes: input.scopes,
        secretIn: input.secretIn,
        profileEndpoint: allowed(input.profileEndpoint),
        subjectField: input.subjectField,
      };
    case "api_key":
      return {
        profileEndpoint: allowed(input.profileEndpoint),
        subjectField: input.subjectField,
        headerName: input.headerName,
        headerPrefix: input.headerPrefix,
      };
  }
}

async function discovered(env: ConnectionsEnv, issuer: string): Promise<AuthorizationServer> {
  try {
    const server = await discoverServer(outsideOf(env), issuer);
    if (!server.authorization_endpoint || !server.token_endpoint || !server.jwks_uri)
      throw new ProviderRefusal("untrusted");
    return server;
  } catch (error) {
    throw asRefusal(error);
  }
}

/** What a person or owner hears when a provider's server does not help. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof ProviderRefusal)) return error;
  if (error.reason === "unavailable")
    return new DomainError("connection_server_unavailable", "The app's server does not answer. Try again in a minute.");
  const why = {
    denied: "You did not allow it there. Nothing was connected.",
    refused: "The app's server does not accept it. Connect again, or check what you entered.",
    untrusted: "The app's server answered something that cannot be trusted. Nothing was connected.",
  }[error.reason];
  return new DomainError("connection_refused", why, { reason: error.reason });
}
