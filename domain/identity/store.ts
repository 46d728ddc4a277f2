// Every statement about people, their sign-ins and their keys.

import type { Millis } from "../clock.ts";
import type { KeyMode, NewApiKey } from "./api-keys.ts";

// API keys ----------------------------------------------------------------------------------------------------------

export interface ApiKeyRow {
  id: string;
  provider_id: string;
  mode: KeyMode;
  prefix: string;
  created_at: Millis;
  revoked_at: Millis | null;
}

export const insertApiKey = (db: D1Database, providerId: string, key: NewApiKey, now: Millis): D1PreparedStatement =>
  db
    .prepare("INSERT INTO api_keys (id, provider_id, mode, hash, prefix, created_at) VALUES (?, ?, ?, ?, ?, ?)")
    .bind(key.id, providerId, key.mode, key.hash, key.prefix, now);

const API_KEY_COLUMNS = "id, provider_id, mode, prefix, created_at, revoked_at";

export const findApiKey = (db: D1Database, hash: string): Promise<ApiKeyRow | null> =>
  db.prepare(`SELECT ${API_KEY_COLUMNS} FROM api_keys WHERE hash = ?`).bind(hash).first<ApiKeyRow>();

export const listApiKeys = async (db: D1Database, providerId: string): Promise<ApiKeyRow[]> =>
  (
    await db
      .prepare(`SELECT ${API_KEY_COLUMNS} FROM api_keys WHERE provider_id = ? ORDER BY id DESC`)
      .bind(providerId)
      .all<ApiKeyRow>()
  ).results;

/** Repeating it changes nothing: the first moment of revocation stays. */
export const revokeApiKey = (db: D1Database, providerId: string, keyId: string, now: Millis): D1PreparedStatement =>
  db
    .prepare("UPDATE api_keys SET revoked_at = ? WHERE id = ? AND provider_id = ? AND revoked_at IS NULL")
    .bind(now, keyId, providerId);
