// SQL of what Stripe's billing meter is told.

import type { Millis } from "../clock.ts";
import type { Use } from "../gateways/stripe-meter.ts";

/**
 * A row for each session settled since `since` by somebody Stripe knows, and for what was charged of a disputed slice that
 * was decided since, unless it has one. What settled is the closing's figure: that of the session grows with the slice.
 */
export const collectStatement = (db: D1Database, since: Millis, limit: number, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO use_events (id, tokens, at, next_at)
       SELECT e.id, e.tokens, e.at, ?3 FROM (
         SELECT s.id, s.user_id, c.used_tokens AS tokens, s.settled_at AS at FROM sessions s JOIN closings c ON c.session_id = s.id
         WHERE s.settled_at > ?1 AND s.settled_at <= ?3 AND s.mode = 'live' AND c.used_tokens > 0
         UNION ALL
         SELECT z.session_id || ':slice', s.user_id, z.charged_tokens, z.closed_at FROM slices z JOIN sessions s ON s.id = z.session_id
         WHERE z.closed_at > ?1 AND z.closed_at <= ?3 AND z.charged_tokens > 0) e
       JOIN users u ON u.id = e.user_id
       WHERE u.stripe_customer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM use_events m WHERE m.id = e.id)
       ORDER BY e.at LIMIT ?2`,
    )
    .bind(since, limit, now);

/** What may no longer be told, because Stripe would not know a repeat by its name any more. */
export const giveUpStatement = (db: D1Database, before: Millis): D1PreparedStatement =>
  db
    .prepare("UPDATE use_events SET refused = 'too_late' WHERE told_at IS NULL AND refused IS NULL AND at <= ?")
    .bind(before);

/** The rows that are due, taken until `nextAt`; `sessionId` names the row, which a slice has one more of. */
export async function takeDue(
  db: D1Database,
  take: { limit: number; nextAt: Millis; now: Millis },
): Promise<{ sessionId: string }[]> {
  const { results } = await db
    .prepare(
      `UPDATE use_events SET next_at = ?2 WHERE id IN (SELECT id FROM use_events
         WHERE told_at IS NULL AND refused IS NULL AND next_at <= ?3 ORDER BY next_at LIMIT ?1)
       RETURNING id AS sessionId`,
    )
    .bind(take.limit, take.nextAt, take.now)
    .all<{ sessionId: string }>();
  return results;
}

/** What is still to be told of these sessions; those told or given up, and people who are gone, are left out. */
export async function readUntold(db: D1Database, sessionIds: readonly string[]): Promise<Use[]> {
  const { results } = await db
    .prepare(
      `SELECT m.id AS sessionId, m.tokens, m.at, u.stripe_customer_id AS customerId
       FROM json_each(?1) wanted JOIN use_events m ON m.id = wanted.value
       JOIN sessions s ON s.id = replace(m.id, ':slice', '') JOIN users u ON u.id = s.user_id
       WHERE m.told_at IS NULL AND m.refused IS NULL AND u.stripe_customer_id IS NOT NULL`,
    )
    .bind(JSON.stringify(sessionIds))
    .all<Use>();
  return results;
}

export const markTold = (db: D1Database, sessionId: string, now: Millis): D1PreparedStatement =>
  db
    .prepare("UPDATE use_events SET told_at = ?2 WHERE id = ?1 AND told_at IS NULL AND refused IS NULL")
    .bind(sessionId, now);

export const markRefused = (db: D1Database, sessionId: string, code: string): D1PreparedStatement =>
  db
    .prepare("UPDATE use_events SET refused = ?2 WHERE id = ?1 AND told_at IS NULL AND refused IS NULL")
    .bind(sessionId, code);
