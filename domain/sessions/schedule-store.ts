// SQL of planned sessions. That one plan makes one session, inside its window, is held by the triggers of
// migrations/0039_scheduled_sessions.sql.

import type { Millis } from "../clock.ts";

export type ScheduledStatus = "planned" | "started" | "cancelled" | "missed";
export interface ScheduledSession {
  id: string;
  userId: string;
  walletId: string;
  providerId: string;
  providerName: string;
  durationSeconds: number;
  autoExtendSeconds: number;
  startsAt: Millis;
  opensAt: Millis;
  closesAt: Millis;
  status: ScheduledStatus;
  sessionId: string | null;
}

const COLUMNS = `id, user_id AS userId, wallet_id AS walletId, provider_id AS providerId, provider_name AS providerName,
  duration_seconds AS durationSeconds, auto_extend_seconds AS autoExtendSeconds, starts_at AS startsAt, opens_at AS opensAt,
  closes_at AS closesAt, status, session_id AS sessionId`;

export const insertScheduled = (db: D1Database, plan: ScheduledSession, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO scheduled_sessions (id, user_id, wallet_id, provider_id, provider_name, duration_seconds,
         auto_extend_seconds, starts_at, opens_at, closes_at, status, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?12, ?12)`,
    )
    .bind(
      plan.id,
      plan.userId,
      plan.walletId,
      plan.providerId,
      plan.providerName,
      plan.durationSeconds,
      plan.autoExtendSeconds,
      plan.startsAt,
      plan.opensAt,
      plan.closesAt,
      plan.status,
      now,
    );

export const findScheduled = (db: D1Database, id: string): Promise<ScheduledSession | null> =>
  db.prepare(`SELECT ${COLUMNS} FROM scheduled_sessions WHERE id = ?`).bind(id).first<ScheduledSession>();

/** Those still to come, and those missed since `missedSince`, the next one first. */
export async function listScheduled(db: D1Database, userId: string, missedSince: Millis): Promise<ScheduledSession[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM scheduled_sessions WHERE user_id = ?1
         AND (status = 'planned' OR (status = 'missed' AND starts_at >= ?2)) ORDER BY starts_at, id LIMIT 100`,
    )
    .bind(userId, missedSince)
    .all<ScheduledSession>();
  return results;
}

/** Take a plan back. Nothing changes where it is not planned any more. */
export const cancelScheduled = (db: D1Database, id: string, now: Millis): D1PreparedStatement =>
  db
    .prepare("UPDATE scheduled_sessions SET status = 'cancelled', updated_at = ?2 WHERE id = ?1 AND status = 'planned'")
    .bind(id, now);

/** Plans whose window is open and whose person has not been reminded. */
export async function listUnreminded(db: D1Database, now: Millis, limit: number): Promise<ScheduledSession[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM scheduled_sessions
       WHERE status = 'planned' AND opens_at <= ?1 AND closes_at >= ?1 AND reminder IS NULL ORDER BY opens_at LIMIT ?2`,
    )
    .bind(now, limit)
    .all<ScheduledSession>();
  return results;
}

/** Remind once: the trigger tells the person where no reminder was there. */
export const remindStatement = (db: D1Database, id: string, reminder: object, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE scheduled_sessions SET reminder = ?2, updated_at = ?3 WHERE id = ?1 AND status = 'planned' AND reminder IS NULL",
    )
    .bind(id, JSON.stringify(reminder), now);

export const missPassed = (db: D1Database, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE scheduled_sessions SET status = 'missed', updated_at = ?1 WHERE status = 'planned' AND closes_at < ?1",
    )
    .bind(now);

/** What lies back so far is nobody's plan any more. */
export const purgeScheduled = (db: D1Database, before: Millis): D1PreparedStatement =>
  db.prepare("DELETE FROM scheduled_sessions WHERE starts_at < ? AND status <> 'planned'").bind(before);
