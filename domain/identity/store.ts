// Every statement about people, their sign-ins and their keys.

import type { Millis } from "../clock.ts";
import type { UserRole } from "./access-token.ts";
import type { KeyMode, NewApiKey } from "./new-key.ts";

// People and their sign-ins (sign-up and sign-in themselves are the engine's) ------------------------------------------

export interface PersonRow {
  id: string;
  email: string;
  name: string;
  role: UserRole;
  wallet_id: string;
  created_at: Millis;
  /** Spendable tokens. */
  available: number;
}
const PERSON = "u.id, u.email, u.name, u.role, u.wallet_id, u.created_at, w.available";

export const personStatement = (db: D1Database, userId: string): D1PreparedStatement =>
  db.prepare(`SELECT ${PERSON} FROM users u JOIN wallets w ON w.id = u.wallet_id WHERE u.id = ?`).bind(userId);

export const findUserIdByEmail = (db: D1Database, email: string): Promise<string | null> =>
  db.prepare("SELECT id FROM users WHERE email = ?").bind(email).first<string>("id");

/** Operators are made by other operators or by the seed, never by a form. */
export const setRole = (db: D1Database, userId: string, role: UserRole, now: Millis): D1PreparedStatement =>
  db.prepare("UPDATE users SET role = ?, updated_at = ? WHERE id = ?").bind(role, now, userId);

/** Ends a sign-in; its refresh tokens go with it (ON DELETE CASCADE). */
export const deleteSignIn = async (db: D1Database, signInId: string): Promise<void> => {
  await db.prepare("DELETE FROM sign_ins WHERE id = ?").bind(signInId).run();
};

/** Housekeeping: sign-ins nobody can renew any more, with their refresh tokens. */
export const purgeExpiredSignIns = (db: D1Database, now: Millis): D1PreparedStatement =>
  db.prepare("DELETE FROM sign_ins WHERE expires_at <= ?").bind(now);

// Refresh tokens ----------------------------------------------------------------------------------------------------

export interface NewRefreshToken {
  hash: string;
  signInId: string;
  userId: string;
  createdAt: Millis;
  expiresAt: Millis;
}

export const insertRefreshToken = (db: D1Database, it: NewRefreshToken): D1PreparedStatement =>
  db
    .prepare("INSERT INTO refresh_tokens (hash, sign_in_id, user_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?)")
    .bind(it.hash, it.signInId, it.userId, it.createdAt, it.expiresAt);

export interface RotatedRow extends PersonRow {
  sign_in_id: string;
  expires_at: Millis;
  used_at: Millis | null;
  successor: string | null;
  /** When the successor itself was used. */
  successor_used_at: Millis | null;
}

/**
 * Marks a living, unused token as used and stores its successor with the same expiry; says what is there afterwards.
 * One batch, so that of parallel callers one changes the row and all read the same state.
 */
export async function rotateRefreshToken(
  db: D1Database,
  { hash, successor, now }: { hash: string; successor: string; now: Millis },
): Promise<RotatedRow | null> {
  const answers = await db.batch<RotatedRow>([
    db
      .prepare(
        "UPDATE refresh_tokens SET used_at = ?1, successor = ?2 WHERE hash = ?3 AND used_at IS NULL AND expires_at > ?1",
      )
      .bind(now, successor, hash),
    db
      .prepare(
        `INSERT OR IGNORE INTO refresh_tokens (hash, sign_in_id, user_id, created_at, expires_at)
         SELECT successor, sign_in_id, user_id, used_at, expires_at FROM refresh_tokens WHERE hash = ? AND successor = ?`,
      )
      .bind(hash, successor),
    db
      .prepare(
        `SELECT t.sign_in_id, t.expires_at, t.used_at, t.successor, n.used_at AS successor_used_at, ${PERSON}
         FROM refresh_tokens t LEFT JOIN refresh_tokens n ON n.hash = t.successor
           JOIN users u ON u.id = t.user_id JOIN wallets w ON w.id = u.wallet_id
         WHERE t.hash = ?`,
      )
      .bind(hash),
  ]);
  return answers[2]!.results[0] ?? null;
}

export const findSignInOfRefreshToken = (db: D1Database, hash: string): Promise<string | null> =>
  db.prepare("SELECT sign_in_id FROM refresh_tokens WHERE hash = ?").bind(hash).first<string>("sign_in_id");

// API keys ----------------------------------------------------------------------------------------------------------

export interface ApiKeyRow {
  id: string;
  provider_id: string;
  mode: KeyMode;
  prefix: string;
  name: string;
  /** JSON; null: everything. */
  scopes: string | null;
  created_at: Millis;
  last_used_at: Millis | null;
  /** From then on it is refused; may lie ahead. */
  revoked_at: Millis | null;
  replaced_by: string | null;
}

export const insertApiKey = (db: D1Database, providerId: string, key: NewApiKey, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      "INSERT INTO api_keys (id, provider_id, mode, hash, prefix, name, scopes, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(
      key.id,
      providerId,
      key.mode,
      key.hash,
      key.prefix,
      key.name ?? "",
      key.scopes ? JSON.stringify(key.scopes) : null,
      now,
    );

const API_KEY_COLUMNS =
  "id, provider_id, mode, prefix, name, scopes, created_at, last_used_at, revoked_at, replaced_by";

export const findApiKey = (db: D1Database, hash: string): Promise<ApiKeyRow | null> =>
  db.prepare(`SELECT ${API_KEY_COLUMNS} FROM api_keys WHERE hash = ?`).bind(hash).first<ApiKeyRow>();

/** A key of one of this person's apps. */
export const findOwnedKey = (db: D1Database, userId: string, keyId: string): Promise<ApiKeyRow | null> =>
  db
    .prepare(
      `SELECT ${API_KEY_COLUMNS.replaceAll(/\w+/g, "k.$&")} FROM api_keys k JOIN providers p ON p.id = k.provider_id
       WHERE k.id = ? AND p.owner_user_id = ?`,
    )
    .bind(keyId, userId)
    .first<ApiKeyRow>();

export const listApiKeys = async (db: D1Database, providerId: string): Promise<ApiKeyRow[]> =>
  (
    await db
      .prepare(`SELECT ${API_KEY_COLUMNS} FROM api_keys WHERE provider_id = ? ORDER BY id DESC`)
      .bind(providerId)
      .all<ApiKeyRow>()
  ).results;

/** Repeating it changes nothing, but a key that works until a later moment may be stopped earlier. */
export const revokeApiKey = (db: D1Database, providerId: string, keyId: string, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE api_keys SET revoked_at = ?1 WHERE id = ?2 AND provider_id = ?3 AND (revoked_at IS NULL OR revoked_at > ?1)",
    )
    .bind(now, keyId, providerId);

/** The key works until `until`, and then its successor alone. */
export const replaceApiKey = (
  db: D1Database,
  it: { providerId: string; keyId: string; successorId: string; until: Millis },
): D1PreparedStatement =>
  db
    .prepare("UPDATE api_keys SET revoked_at = ?, replaced_by = ? WHERE id = ? AND provider_id = ?")
    .bind(it.until, it.successorId, it.keyId, it.providerId);

/** Off every caller's way (workers/middleware/authenticate.ts). */
export const noteKeyUse = (db: D1Database, keyId: string, now: Millis): Promise<unknown> =>
  db.prepare("UPDATE api_keys SET last_used_at = ? WHERE id = ?").bind(now, keyId).run();

// Origins of apps ---------------------------------------------------------------------------------------------------

/** Whether some app that was not rejected lives at this origin. */
export const hasAppOrigin = async (db: D1Database, origin: string): Promise<boolean> =>
  (await db
    .prepare("SELECT 1 FROM providers WHERE app_origin = ? AND review <> 'rejected' LIMIT 1")
    .bind(origin)
    .first()) !== null;
