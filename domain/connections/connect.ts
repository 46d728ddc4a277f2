// A person connects their account at an app: off to its server, back with a code, and a sealed token set here. Whatever the
// protocol, it comes to one identity (identity.ts). Contract section 1; RFC 9700; docs/connections.md.

import type { Millis } from "../clock.ts";
import { isPublic } from "../catalogue/app.ts";
import { findApp } from "../catalogue/store.ts";
import { DomainError } from "../errors.ts";
import {
  beginAuthorization,
  finishAuthorization,
  readProfile,
  revokeToken,
  type Attempt,
  type OauthClient,
  type TokenSet,
} from "../gateways/provider-oauth.ts";
import { newId, sha256Hex } from "../ids.ts";
import { subjectFor } from "../sessions/store.ts";
import { asRefusal, openFor, outsideOf, redirectUriOf, sealFor, type ConnectionsEnv } from "./settings.ts";
import {
  connectionsOf,
  dropConnection,
  findAuth,
  findConnection,
  keepAttempt,
  saveConnection,
  takeAttempt,
  type Connection,
  type ProviderAuth,
} from "./store.ts";
import { connectionView, type ConnectionView } from "./identity.ts";

/** Long enough to sign in there, short enough for a link that leaked. */
const ATTEMPT_MS = 10 * 60 * 1000;
const PROVIDER_USER_ID_MAX = 255;
/** A person has few connections; a list need not be paged. */
export const CONNECTIONS_MAX = 200;

interface Whose {
  userId: string;
  providerId: string;
}

/** What a person is about to allow. @throws DomainError `provider_not_found`, `connections_not_offered`. */
export async function connectionOffer(env: ConnectionsEnv, whose: Whose) {
  const { app, auth } = await offered(env, whose.providerId);
  const connection = await findConnection(env.DB, whose);
  return {
    providerId: app.id,
    providerName: app.name,
    protocol: auth.protocol,
    scopes: auth.config.scopes ?? [],
    server: hostOf(auth),
    connection: connection && connectionView(connection),
  };
}

/** @returns where the person goes. @throws DomainError `provider_not_found`, `connections_not_offered`. */
export async function startConnection(env: ConnectionsEnv, whose: Whose, now: Millis): Promise<{ url: string }> {
  const { auth } = await offered(env, whose.providerId);
  if (auth.protocol === "api_key")
    throw new DomainError("connections_not_offered", "This app is connected with an API key. Send the key instead.");
  const { attempt, url } = await beginAuthorization(
    outsideOf(env),
    await clientOf(env, auth),
    (auth.config.scopes ?? []).join(" "),
  );
  const secrets = await sealFor(env, JSON.stringify(attempt));
  const stateHash = await sha256Hex(attempt.state);
  await keepAttempt(env.DB, { ...whose, stateHash, secrets, expiresAt: now + ATTEMPT_MS }, now);
  return { url };
}

/**
 * The person is back. The attempt is used up whatever comes of it, so a callback cannot be replayed, and only the person
 * who began it can finish it.
 * @throws DomainError `connection_state_invalid`, `connection_refused`, `connection_server_unavailable`.
 */
export async function finishConnection(
  env: ConnectionsEnv,
  it: Whose & { query: string },
  now: Millis,
): Promise<{ connection: ConnectionView }> {
  const query = new URLSearchParams(it.query);
  const states = query.getAll("state");
  const taken =
    states.length === 1 ? await takeAttempt(env.DB, { ...it, stateHash: await sha256Hex(states[0]!) }, now) : null;
  if (!taken)
    throw new DomainError(
      "connection_state_invalid",
      "This answer does not belong to a connection you began here, or it was used before. Connect again.",
    );
  const { auth } = await offered(env, it.providerId);
  const attempt = JSON.parse(await openFor(env, taken.secrets)) as Attempt;
  try {
    const tokens = await finishAuthorization(outsideOf(env), await clientOf(env, auth), query, attempt);
    return await connectWith(env, it, auth, tokens, now);
  } catch (error) {
    throw asRefusal(error);
  }
}

/** Connect with a key the person has at the app. @throws DomainError as above. */
export async function connectWithKey(
  env: ConnectionsEnv,
  it: Whose & { apiKey: string },
  now: Millis,
): Promise<{ connection: ConnectionView }> {
  const { auth } = await offered(env, it.providerId);
  if (auth.protocol !== "api_key")
    throw new DomainError("connections_not_offered", "This app is connected by signing in there, not with a key.");
  const tokens = { accessToken: it.apiKey, refreshToken: null, expiresInSeconds: null, scope: null, subject: null };
  try {
    return await connectWith(env, it, auth, tokens, now);
  } catch (error) {
    throw asRefusal(error);
  }
}

/**
 * Disconnect here at once, and then there, as far as its server can.
 * @returns `isRevokedThere`: its server confirmed it; always false where there was no connection.
 */
export async function disconnect(env: ConnectionsEnv, whose: Whose, now: Millis): Promise<{ isRevokedThere: boolean }> {
  const connection = await findConnection(env.DB, whose);
  if (!connection) return { isRevokedThere: false };
  const { subject } = await subjectFor(env.DB, whose, crypto.randomUUID(), now);
  await dropConnection(env.DB, connection, { id: newId(now), subject }, now);
  return { isRevokedThere: await revokeThere(env, connection) };
}

/** Of a person who is being forgotten: their connections, to be revoked once they are gone here. */
export const connectionsToRevoke = (env: ConnectionsEnv, userId: string): Promise<Connection[]> =>
  connectionsOf(env.DB, userId, CONNECTIONS_MAX);

/** The refresh token first: with it, most servers take back everything made from it. Never throws. */
export async function revokeThere(env: ConnectionsEnv, connection: Connection): Promise<boolean> {
  try {
    const auth = await findAuth(env.DB, connection.providerId);
    if (!auth || auth.protocol === "api_key") return false;
    const token = await openFor(env, connection.refreshToken ?? connection.accessToken);
    return await revokeToken(outsideOf(env), await clientOf(env, auth), token);
  } catch {
    return false;
  }
}

export async function clientOf(env: ConnectionsEnv, auth: ProviderAuth): Promise<OauthClient> {
  return {
    server: auth.config.server!,
    clientId: auth.clientId!,
    clientSecret: auth.clientSecret && (await openFor(env, auth.clientSecret)),
    secretIn: auth.config.secretIn ?? "header",
    redirectUri: redirectUriOf(env, auth.providerId),
    isOidc: auth.protocol === "oidc",
  };
}

async function offered(env: ConnectionsEnv, providerId: string) {
  const app = await findApp(env.DB, providerId);
  if (!app || !isPublic(app)) throw new DomainError("provider_not_found", "There is no such app.");
  const auth = await findAuth(env.DB, providerId);
  if (!auth) throw new DomainError("connections_not_offered", "This app has no accounts to connect.");
  return { app, auth };
}

async function connectWith(
  env: ConnectionsEnv,
  whose: Whose,
  auth: ProviderAuth,
  tokens: TokenSet,
  now: Millis,
): Promise<{ connection: ConnectionView }> {
  const { userId, providerId } = whose;
  const providerUserId = await whoIsIt(env, auth, tokens);
  const { subject } = await subjectFor(env.DB, { userId, providerId }, crypto.randomUUID(), now);
  const isSaved = await saveConnection(
    env.DB,
    {
      id: newId(now),
      userId,
      providerId,
      providerUserId,
      authMethod: auth.protocol,
      accessToken: await sealFor(env, tokens.accessToken),
      refreshToken: tokens.refreshToken && (await sealFor(env, tokens.refreshToken)),
      tokenExpiresAt: tokens.expiresInSeconds === null ? null : now + tokens.expiresInSeconds * 1000,
      scope: tokens.scope,
    },
    { id: newId(now), subject },
    now,
  );
  if (!isSaved) throw new DomainError("unauthenticated", "This account is gone.");
  return { connection: connectionView((await findConnection(env.DB, whose))!) };
}

/** The protocol adapters: from an ID token, from a profile read with the access token, or from one read with the key. */
async function whoIsIt(env: ConnectionsEnv, auth: ProviderAuth, { accessToken, subject }: TokenSet): Promise<string> {
  const { config, protocol } = auth;
  const found =
    protocol === "oidc"
      ? subject
      : (
          await readProfile(outsideOf(env), config.profileEndpoint!, {
            name: protocol === "api_key" ? config.headerName! : "Authorization",
            value: protocol === "api_key" ? `${config.headerPrefix}${accessToken}` : `Bearer ${accessToken}`,
          })
        )[config.subjectField!];
  const id = typeof found === "number" ? String(found) : found;
  if (typeof id !== "string" || id === "" || id.length > PROVIDER_USER_ID_MAX)
    throw new DomainError("connection_refused", "The app's server does not say who you are there.", {
      reason: "untrusted",
    });
  return id;
}

/** Where the person will be sent, for their eyes. */
const hostOf = ({ config }: ProviderAuth): string =>
  new URL(config.server?.authorization_endpoint ?? config.profileEndpoint!).host;
