// SQL of what sessions really came to: rolled up off the hot path, read with the app.

import type { Millis } from "../clock.ts";
import { DURATION_BUCKETS, type SessionStats } from "../pricing/likely.ts";

/** Older sessions say little about the next one. */
export const STATS_DAYS = 90;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface VersionStats extends SessionStats {
  priceVersionId: string;
}
/** Subquery over `p` (a row of providers): its stats as JSON text. */
export const STATS_OF_P = `(SELECT json_group_array(json_object('priceVersionId', a.price_version_id, 'bucketSeconds', a.bucket_seconds,
  'sessions', a.sessions, 'lowTokens', a.low_tokens, 'medianTokens', a.median_tokens, 'highTokens', a.high_tokens))
  FROM app_usage_stats a WHERE a.provider_id = p.id)`;

/** A session lasts 12 h at most, and what settled since a moment began no more than this before it. */
const SESSION_MS = DAY_MS;

/** Apps of which something may have been settled since a moment. */
export async function settledSince(db: D1Database, since: Millis, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT p.id FROM providers p WHERE EXISTS (SELECT 1 FROM sessions s WHERE s.provider_id = p.id AND s.created_at >= ?1 AND s.mode = 'live') LIMIT ?2`,
    )
    .bind(since - SESSION_MS, limit)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

const BUCKET = `CASE ${DURATION_BUCKETS.slice(0, -1)
  .map((seconds) => `WHEN s.duration_seconds <= ${seconds} THEN ${seconds}`)
  .join(" ")} ELSE ${DURATION_BUCKETS.at(-1)} END`;

/**
 * Work the stats of one app out anew, from real sessions only: paid for with somebody else's tokens, not begun with free
 * minutes, and not spoilt by the provider. Low, median and high are the values at a quarter, half and three quarters of
 * the sessions in order (nearest rank, so each is what some session came to).
 */
export const rollUpStats = (db: D1Database, providerId: string, now: Millis): Promise<unknown> =>
  db.batch([
    db.prepare("DELETE FROM app_usage_stats WHERE provider_id = ?").bind(providerId),
    db
      .prepare(
        `INSERT INTO app_usage_stats (provider_id, price_version_id, bucket_seconds, sessions, low_tokens, median_tokens, high_tokens, at)
         SELECT ?1, version, bucket, n, max(CASE WHEN rank = (n + 3) / 4 THEN used END), max(CASE WHEN rank = (n + 1) / 2 THEN used END),
           max(CASE WHEN rank = (3 * n + 3) / 4 THEN used END), ?3
         FROM (SELECT version, bucket, used, row_number() OVER (PARTITION BY version, bucket ORDER BY used) AS rank,
             count(*) OVER (PARTITION BY version, bucket) AS n
           FROM (SELECT s.price_version_id AS version, ${BUCKET} AS bucket, s.consumed_tokens AS used
             FROM sessions s
             WHERE s.provider_id = ?1 AND s.created_at >= ?2 AND s.settled_at IS NOT NULL AND s.mode = 'live' AND s.held_tokens > 0
               AND s.payable = 1 AND s.trial_seconds = 0
               AND s.end_reason <> 'provider_error' AND s.started_at IS NOT NULL))
         GROUP BY version, bucket`,
      )
      .bind(providerId, now - STATS_DAYS * DAY_MS, now),
  ]);
