// SQL of the keys apps sign their quotes with.

import type { Millis } from "../clock.ts";

export const readQuoteKey = async (db: D1Database, providerId: string): Promise<string | null> =>
  (await db.prepare("SELECT jwk FROM quote_keys WHERE provider_id = ?").bind(providerId).first<{ jwk: string }>())
    ?.jwk ?? null;

/** The one key of an app; the one before it no longer counts. */
export const setQuoteKey = (db: D1Database, providerId: string, jwk: string, now: Millis): Promise<unknown> =>
  db
    .prepare("INSERT OR REPLACE INTO quote_keys (provider_id, jwk, set_at) VALUES (?, ?, ?)")
    .bind(providerId, jwk, now)
    .run();
