// SQL of the truth card: counted off the hot path, from what really happened.

import type { Millis } from "../clock.ts";

export interface TruthCounts {
  since: Millis;
  at: Millis;
  /** Sessions people opened, and those whose launch was redeemed in time. */
  opened: number;
  started: number;
  /** Between the click and the running meter, for 95 of 100 starts. */
  handshakeP95Ms: number | null;
  settled: number;
  /** Ended by the person, the app, or the time bought: neither failed nor left behind. */
  completed: number;
  /** Ended by a fault of the app. */
  failed: number;
  complaints: number;
  /** Sessions of which tokens were given back after a complaint. */
  returned: number;
  priceChanges: number;
  priceChangedAt: Millis | null;
}

/** Apps with something new since a moment, or whose card is older than `staleBefore`. */
export async function appsToMeasure(
  db: D1Database,
  it: { since: Millis; staleBefore: Millis; limit: number },
): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT p.id FROM providers p LEFT JOIN truth_cards t ON t.provider_id = p.id
       WHERE t.at IS NULL OR t.at < ?2
         OR EXISTS (SELECT 1 FROM sessions s WHERE s.provider_id = p.id AND s.created_at >= ?1)
       ORDER BY coalesce(t.at, 0) LIMIT ?3`,
    )
    .bind(it.since, it.staleBefore, it.limit)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** Works one app's card out anew. Sessions of its owner are not counted, nor those that may still be started. */
export const measureTruth = (
  db: D1Database,
  it: { providerId: string; since: Millis; startedBefore: Millis },
  now: Millis,
): Promise<unknown> =>
  db
    .prepare(
      `INSERT INTO truth_cards (provider_id, since, at, opened, started, handshake_p95_ms, settled, completed, failed,
         complaints, returned, price_changes, price_changed_at)
       SELECT ?1, ?2, ?4, count(*), count(started_at),
         (SELECT took FROM (SELECT started_at - created_at AS took, row_number() OVER (ORDER BY started_at - created_at) AS rank,
              count(*) OVER () AS n FROM sessions
            WHERE provider_id = ?1 AND created_at >= ?2 AND created_at < ?3 AND mode = 'live' AND payable = 1
              AND started_at IS NOT NULL)
          WHERE rank = (95 * n + 99) / 100),
         count(CASE WHEN started_at IS NOT NULL THEN settled_at END),
         count(CASE WHEN started_at IS NOT NULL AND settled_at IS NOT NULL AND status = 'completed' AND end_reason <> 'abandoned' THEN 1 END),
         count(CASE WHEN settled_at IS NOT NULL AND end_reason = 'provider_error' THEN 1 END),
         (SELECT count(DISTINCT c.session_id) FROM complaints c WHERE c.provider_id = ?1 AND c.created_at >= ?2),
         (SELECT count(DISTINCT c.session_id) FROM complaints c
          WHERE c.provider_id = ?1 AND c.created_at >= ?2 AND c.status = 'granted'),
         (SELECT count(*) - 1 FROM price_versions v WHERE v.provider_id = ?1 AND v.purpose = 'list' AND v.withdrawn_at IS NULL
            AND v.effective_at <= ?4 AND (v.effective_at >= ?2 OR v.effective_at = (SELECT max(w.effective_at) FROM price_versions w
              WHERE w.provider_id = ?1 AND w.purpose = 'list' AND w.withdrawn_at IS NULL AND w.effective_at < ?2))),
         (SELECT max(v.effective_at) FROM price_versions v WHERE v.provider_id = ?1 AND v.purpose = 'list' AND v.withdrawn_at IS NULL
            AND v.effective_at <= ?4 AND EXISTS (SELECT 1 FROM price_versions w WHERE w.provider_id = ?1 AND w.purpose = 'list'
              AND w.withdrawn_at IS NULL AND w.effective_at < v.effective_at))
       FROM sessions WHERE provider_id = ?1 AND created_at >= ?2 AND created_at < ?3 AND mode = 'live' AND payable = 1
       ON CONFLICT (provider_id) DO UPDATE SET since = excluded.since, at = excluded.at, opened = excluded.opened,
         started = excluded.started, handshake_p95_ms = excluded.handshake_p95_ms, settled = excluded.settled,
         completed = excluded.completed, failed = excluded.failed, complaints = excluded.complaints,
         returned = excluded.returned, price_changes = excluded.price_changes, price_changed_at = excluded.price_changed_at`,
    )
    .bind(it.providerId, it.since, it.startedBefore, now)
    .run();

export const readTruthCounts = (db: D1Database, providerId: string): Promise<TruthCounts | null> =>
  db
    .prepare(
      `SELECT since, at, opened, started, handshake_p95_ms AS handshakeP95Ms, settled, completed, failed, complaints, returned,
         price_changes AS priceChanges, price_changed_at AS priceChangedAt FROM truth_cards WHERE provider_id = ?`,
    )
    .bind(providerId)
    .first<TruthCounts>();
