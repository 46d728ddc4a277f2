// The tokens of a connection: fresh when they are needed, refreshed once however many ask at the same time. Servers rotate
// refresh tokens and take a second use for theft, so a second refresh would cost the person the connection.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { ProviderRefusal, readProfile, refreshTokens } from "../gateways/provider-oauth.ts";
import { clientOf } from "./connect.ts";
import { connectionView, type ConnectionView } from "./identity.ts";
import { asRefusal, openFor, outsideOf, sealFor, type ConnectionsEnv } from "./settings.ts";
import {
  endRefresh,
  findAuth,
  findConnection,
  leaseRefresh,
  saveTokens,
  type Connection,
  type ProviderAuth,
} from "./store.ts";

/** A token that ends within this is as good as over. */
const FRESH_FOR_MS = 30_000;
/** Longer than a refresh can take; a process that died lets go after it. */
const LEASE_MS = 30_000;

interface Whose {
  userId: string;
  providerId: string;
}

/**
 * A token that is good for now.
 * @throws DomainError `connection_not_found`, `connection_refused` when the person must connect again,
 *   `temporarily_unavailable` while somebody else refreshes, `connection_server_unavailable`.
 */
export async function freshToken(env: ConnectionsEnv, whose: Whose, now: Millis): Promise<string> {
  const connection = await active(env, whose);
  const isFresh = connection.tokenExpiresAt === null || connection.tokenExpiresAt - now > FRESH_FOR_MS;
  if (isFresh || connection.refreshToken === null) return openFor(env, connection.accessToken);
  const auth = await findAuth(env.DB, whose.providerId);
  if (!auth) throw broken();
  if (await leaseRefresh(env.DB, connection, LEASE_MS, now)) return refresh(env, connection, auth, now);
  // Somebody else has it: done by now, or in a moment.
  const later = await active(env, whose);
  if (later.generation > connection.generation) return openFor(env, later.accessToken);
  throw new DomainError("temporarily_unavailable", "This connection is being renewed. Try again in a second.");
}

/** Look whether a connection still works there. */
export async function checkConnection(
  env: ConnectionsEnv,
  whose: Whose,
  now: Millis,
): Promise<{ connection: ConnectionView }> {
  const token = await freshToken(env, whose, now);
  const auth = await findAuth(env.DB, whose.providerId);
  const connection = (await findConnection(env.DB, whose))!;
  const { profileEndpoint, headerName, headerPrefix, server } = auth?.config ?? {};
  const url = profileEndpoint ?? server?.userinfo_endpoint;
  if (url)
    try {
      await readProfile(outsideOf(env), url, {
        name: auth!.protocol === "api_key" ? headerName! : "Authorization",
        value: auth!.protocol === "api_key" ? `${headerPrefix}${token}` : `Bearer ${token}`,
      });
    } catch (error) {
      if (error instanceof ProviderRefusal && error.reason === "refused")
        await endRefresh(env.DB, { ...connection, isBroken: true }, now);
      throw asRefusal(error);
    }
  return { connection: connectionView(connection) };
}

async function active(env: ConnectionsEnv, whose: Whose): Promise<Connection> {
  const connection = await findConnection(env.DB, whose);
  if (!connection) throw new DomainError("connection_not_found", "You have not connected an account of this app.");
  if (connection.status === "broken") throw broken();
  return connection;
}

async function refresh(env: ConnectionsEnv, it: Connection, auth: ProviderAuth, now: Millis): Promise<string> {
  try {
    const tokens = await refreshTokens(outsideOf(env), await clientOf(env, auth), await openFor(env, it.refreshToken!));
    await saveTokens(
      env.DB,
      {
        id: it.id,
        generation: it.generation,
        accessToken: await sealFor(env, tokens.accessToken),
        refreshToken: tokens.refreshToken && (await sealFor(env, tokens.refreshToken)),
        tokenExpiresAt: tokens.expiresInSeconds === null ? null : now + tokens.expiresInSeconds * 1000,
      },
      now,
    );
    return tokens.accessToken;
  } catch (error) {
    const isBroken = error instanceof ProviderRefusal && error.reason === "refused";
    await endRefresh(env.DB, { id: it.id, generation: it.generation, isBroken }, now);
    throw isBroken ? broken() : asRefusal(error);
  }
}

const broken = () =>
  new DomainError("connection_refused", "The app does not honour this connection any more. Connect again.", {
    reason: "refused",
  });
