// SQL of connections: how apps are spoken to, who is connected, and connections on their way.

import { iso, type Millis } from "../clock.ts";
import type { AuthorizationServer } from "../gateways/provider-oauth.ts";
import { newId } from "../ids.ts";

export type AuthProtocol = "oidc" | "oauth2" | "api_key";

/** What is kept of it, beside client id and secret. */
export interface AuthConfig {
  server?: AuthorizationServer;
  scopes?: string[];
  secretIn?: "header" | "body";
  profileEndpoint?: string;
  subjectField?: string;
  headerName?: string;
  headerPrefix?: string;
}

export interface ProviderAuth {
  providerId: string;
  protocol: AuthProtocol;
  config: AuthConfig;
  clientId: string | null;
  /** Sealed. */
  clientSecret: string | null;
  updatedAt: Millis;
}

export async function findAuth(db: D1Database, providerId: string): Promise<ProviderAuth | null> {
  const row = await db
    .prepare(
      `SELECT provider_id AS providerId, protocol, config, client_id AS clientId, client_secret AS clientSecret,
         updated_at AS updatedAt FROM provider_auth WHERE provider_id = ?`,
    )
    .bind(providerId)
    .first<Omit<ProviderAuth, "config"> & { config: string }>();
  return row && { ...row, config: JSON.parse(row.config) as AuthConfig };
}

export async function saveAuth(db: D1Database, it: ProviderAuth, isAnother: boolean, now: Millis): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT INTO provider_auth (provider_id, protocol, config, client_id, client_secret, updated_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (provider_id) DO UPDATE SET protocol = excluded.protocol, config = excluded.config,
           client_id = excluded.client_id, client_secret = excluded.client_secret, updated_at = excluded.updated_at`,
      )
      .bind(it.providerId, it.protocol, JSON.stringify(it.config), it.clientId, it.clientSecret, now),
    db
      .prepare(
        "UPDATE providers SET auth_type = CASE ? WHEN 'api_key' THEN 'api_key' ELSE 'oauth' END, updated_at = ? WHERE id = ?",
      )
      .bind(it.protocol, now, it.providerId),
    ...(isAnother
      ? [db.prepare("UPDATE provider_connections SET status = 'broken' WHERE provider_id = ?").bind(it.providerId)]
      : []),
  ]);
}

export const deleteAuth = async (db: D1Database, providerId: string): Promise<void> =>
  void (await db.prepare("DELETE FROM provider_auth WHERE provider_id = ?").bind(providerId).run());

// Attempts ---------------------------------------------------------------------------------------------------------

export interface StoredAttempt {
  userId: string;
  providerId: string;
  stateHash: string;
  /** Sealed. */
  secrets: string;
  expiresAt: Millis;
}

/** The newest start of a person and app counts; what has expired anywhere is swept away with it. */
export async function keepAttempt(db: D1Database, it: StoredAttempt, now: Millis): Promise<void> {
  await db.batch([
    db.prepare("DELETE FROM connection_attempts WHERE expires_at < ?").bind(now),
    db
      .prepare(
        `INSERT INTO connection_attempts (user_id, provider_id, state_hash, secrets, expires_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (user_id, provider_id) DO UPDATE SET state_hash = excluded.state_hash, secrets = excluded.secrets,
           expires_at = excluded.expires_at`,
      )
      .bind(it.userId, it.providerId, it.stateHash, it.secrets, it.expiresAt),
  ]);
}

/** Takes an attempt away, so that it can be used once: only its own person's, for its own app. */
export async function takeAttempt(
  db: D1Database,
  it: { userId: string; providerId: string; stateHash: string },
  now: Millis,
): Promise<{ secrets: string } | null> {
  const row = await db
    .prepare(
      `DELETE FROM connection_attempts WHERE user_id = ? AND provider_id = ? AND state_hash = ?
       RETURNING secrets, expires_at AS expiresAt`,
    )
    .bind(it.userId, it.providerId, it.stateHash)
    .first<{ secrets: string; expiresAt: Millis }>();
  return row && row.expiresAt > now ? row : null;
}

// Connections ------------------------------------------------------------------------------------------------------

export interface Connection {
  id: string;
  userId: string;
  providerId: string;
  providerName: string;
  providerUserId: string;
  authMethod: AuthProtocol;
  /** Sealed. */
  accessToken: string;
  refreshToken: string | null;
  tokenExpiresAt: Millis | null;
  scope: string | null;
  status: "active" | "broken";
  generation: number;
  createdAt: Millis;
  updatedAt: Millis;
}
const CONNECTION = `SELECT c.id, c.user_id AS userId, c.provider_id AS providerId, p.name AS providerName,
    c.provider_user_id AS providerUserId, c.auth_method AS authMethod, c.access_token AS accessToken, c.refresh_token AS refreshToken,
    c.token_expires_at AS tokenExpiresAt, c.scope, c.status, c.generation, c.created_at AS createdAt, c.updated_at AS updatedAt
  FROM provider_connections c JOIN providers p ON p.id = c.provider_id`;

export const findConnection = (
  db: D1Database,
  it: { userId: string; providerId: string },
): Promise<Connection | null> =>
  db
    .prepare(`${CONNECTION} WHERE c.user_id = ? AND c.provider_id = ?`)
    .bind(it.userId, it.providerId)
    .first<Connection>();

export const connectionsOf = async (db: D1Database, userId: string, limit: number): Promise<Connection[]> =>
  (
    await db
      .prepare(`${CONNECTION} WHERE c.user_id = ? ORDER BY p.name, c.id LIMIT ?`)
      .bind(userId, limit)
      .all<Connection>()
  ).results;

/** The connection of whom a provider knows by this pairwise id. */
export const connectionOfSubject = (
  db: D1Database,
  it: { providerId: string; subject: string },
): Promise<Connection | null> =>
  db
    .prepare(
      `${CONNECTION} JOIN subjects u ON u.user_id = c.user_id AND u.provider_id = c.provider_id
       WHERE u.provider_id = ? AND u.subject = ?`,
    )
    .bind(it.providerId, it.subject)
    .first<Connection>();

export interface NewConnection {
  id: string;
  userId: string;
  providerId: string;
  providerUserId: string;
  authMethod: AuthProtocol;
  accessToken: string;
  refreshToken: string | null;
  tokenExpiresAt: Millis | null;
  scope: string | null;
}

/** Connect, or connect again, and tell the provider; an account that is gone meanwhile gets nothing. @returns whether it did. */
export async function saveConnection(
  db: D1Database,
  it: NewConnection,
  event: { id: string; subject: string },
  now: Millis,
): Promise<boolean> {
  const [saved] = await db.batch<{ id: string }>([
    db
      .prepare(
        `INSERT INTO provider_connections (id, user_id, provider_id, provider_user_id, auth_method, access_token, refresh_token,
           token_expires_at, scope, created_at, updated_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10 WHERE EXISTS (SELECT 1 FROM users WHERE id = ?2)
         ON CONFLICT (user_id, provider_id) DO UPDATE SET provider_user_id = excluded.provider_user_id,
           auth_method = excluded.auth_method, access_token = excluded.access_token, refresh_token = excluded.refresh_token,
           token_expires_at = excluded.token_expires_at, scope = excluded.scope, status = 'active',
           generation = generation + 1, lease_until = 0, updated_at = excluded.updated_at
         RETURNING id`,
      )
      .bind(
        it.id,
        it.userId,
        it.providerId,
        it.providerUserId,
        it.authMethod,
        it.accessToken,
        it.refreshToken,
        it.tokenExpiresAt,
        it.scope,
        now,
      ),
    outboxRow(db, "user.connected", it, event, { providerUserId: it.providerUserId, authMethod: it.authMethod }, now),
  ]);
  return saved!.results.length === 1;
}

/** Forget a connection and tell the provider, in one transaction; a second time changes nothing. */
export async function dropConnection(
  db: D1Database,
  it: Pick<Connection, "id" | "userId" | "providerId">,
  event: { id: string; subject: string },
  now: Millis,
): Promise<void> {
  await db.batch([
    outboxRow(db, "user.disconnected", it, event, {}, now),
    // Connecting was the consent to what the app hands over; this takes it back.
    outboxRow(db, "user.consent_withdrawn", it, { ...event, id: newId(now) }, {}, now),
    db.prepare("DELETE FROM provider_connections WHERE user_id = ? AND provider_id = ?").bind(it.userId, it.providerId),
  ]);
}

const outboxRow = (
  db: D1Database,
  type: "user.connected" | "user.disconnected" | "user.consent_withdrawn",
  it: { userId: string; providerId: string },
  event: { id: string; subject: string },
  facts: Record<string, unknown>,
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO outbox (id, type, provider_id, data, at) SELECT ?1, ?2, ?3, ?4, ?5
       WHERE EXISTS (SELECT 1 FROM provider_connections WHERE user_id = ?6 AND provider_id = ?3)`,
    )
    .bind(
      event.id,
      type,
      it.providerId,
      JSON.stringify({ userId: event.subject, providerId: it.providerId, ...facts, at: iso(now) }),
      now,
      it.userId,
    );

// Tokens -----------------------------------------------------------------------------------------------------------

/** One refresh at a time, whichever isolate asks. @returns false while another has it, or the tokens are newer already. */
export async function leaseRefresh(
  db: D1Database,
  it: Pick<Connection, "id" | "generation">,
  leaseMs: number,
  now: Millis,
): Promise<boolean> {
  const { results } = await db
    .prepare(
      `UPDATE provider_connections SET lease_until = ?3 WHERE id = ?1 AND generation = ?2 AND lease_until <= ?4 RETURNING id`,
    )
    .bind(it.id, it.generation, now + leaseMs, now)
    .all();
  return results.length === 1;
}

/** The new token set, over the one it came from and no other. */
export const saveTokens = async (
  db: D1Database,
  it: {
    id: string;
    generation: number;
    accessToken: string;
    refreshToken: string | null;
    tokenExpiresAt: Millis | null;
  },
  now: Millis,
): Promise<void> =>
  void (await db
    .prepare(
      `UPDATE provider_connections SET access_token = ?3, refresh_token = coalesce(?4, refresh_token), token_expires_at = ?5,
         generation = generation + 1, lease_until = 0, updated_at = ?6 WHERE id = ?1 AND generation = ?2`,
    )
    .bind(it.id, it.generation, it.accessToken, it.refreshToken, it.tokenExpiresAt, now)
    .run());

/** The provider does not honour it any more, or could not be asked: nobody waits for this refresh. */
export const endRefresh = async (
  db: D1Database,
  it: { id: string; generation: number; isBroken: boolean },
  now: Millis,
): Promise<void> =>
  void (await db
    .prepare(
      `UPDATE provider_connections SET lease_until = 0, status = CASE ?3 WHEN 1 THEN 'broken' ELSE status END, updated_at = ?4
       WHERE id = ?1 AND generation = ?2`,
    )
    .bind(it.id, it.generation, it.isBroken ? 1 : 0, now)
    .run());

/** Everything of a person goes with the person. */
export const forgetConnections = (db: D1Database, userId: string): D1PreparedStatement[] =>
  ["DELETE FROM provider_connections WHERE user_id = ?", "DELETE FROM connection_attempts WHERE user_id = ?"].map(
    (sql) => db.prepare(sql).bind(userId),
  );
