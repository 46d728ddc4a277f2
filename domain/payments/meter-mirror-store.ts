// SQL of what Stripe's billing meter is told.

import type { Millis } from "../clock.ts";
import type { Use } from "../gateways/stripe-meter.ts";

/** A row for each session settled since `since` by somebody Stripe knows, unless it has one. */
export const collectStatement = (db: D1Database, since: Millis, limit: number, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO meter_events (session_id, tokens, at, next_at)
       SELECT s.id, s.consumed_tokens, s.settled_at, ?3 FROM sessions s JOIN users u ON u.id = s.user_id
       WHERE s.settled_at > ?1 AND s.settled_at <= ?3 AND s.mode = 'live' AND s.consumed_tokens > 0
         AND u.stripe_customer_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM meter_events m WHERE m.session_id = s.id)
       ORDER BY s.settled_at LIMIT ?2`,
    )
    .bind(since, limit, now);

/** What may no longer be told, because Stripe would not know a repeat by its name any more. */
export const giveUpStatement = (db: D1Database, before: Millis): D1PreparedStatement =>
  db
    .prepare("UPDATE meter_events SET refused = 'too_late' WHERE told_at IS NULL AND refused IS NULL AND at <= ?")
    .bind(before);

/** The rows that are due, taken until `nextAt`. */
export async function takeDue(
  db: D1Database,
  take: { limit: number; nextAt: Millis; now: Millis },
): Promise<{ sessionId: string }[]> {
  const { results } = await db
    .prepare(
      `UPDATE meter_events SET next_at = ?2 WHERE session_id IN (SELECT session_id FROM meter_events
         WHERE told_at IS NULL AND refused IS NULL AND next_at <= ?3 ORDER BY next_at LIMIT ?1)
       RETURNING session_id AS sessionId`,
    )
    .bind(take.limit, take.nextAt, take.now)
    .all<{ sessionId: string }>();
  return results;
}

/** What is still to be told of these sessions; those told or given up, and people who are gone, are left out. */
export async function readUntold(db: D1Database, sessionIds: readonly string[]): Promise<Use[]> {
  const { results } = await db
    .prepare(
      `SELECT m.session_id AS sessionId, m.tokens, m.at, u.stripe_customer_id AS customerId
       FROM json_each(?1) wanted JOIN meter_events m ON m.session_id = wanted.value
       JOIN sessions s ON s.id = m.session_id JOIN users u ON u.id = s.user_id
       WHERE m.told_at IS NULL AND m.refused IS NULL AND u.stripe_customer_id IS NOT NULL`,
    )
    .bind(JSON.stringify(sessionIds))
    .all<Use>();
  return results;
}

export const markTold = (db: D1Database, sessionId: string, now: Millis): D1PreparedStatement =>
  db
    .prepare("UPDATE meter_events SET told_at = ?2 WHERE session_id = ?1 AND told_at IS NULL AND refused IS NULL")
    .bind(sessionId, now);

export const markRefused = (db: D1Database, sessionId: string, code: string): D1PreparedStatement =>
  db
    .prepare("UPDATE meter_events SET refused = ?2 WHERE session_id = ?1 AND told_at IS NULL AND refused IS NULL")
    .bind(sessionId, code);
