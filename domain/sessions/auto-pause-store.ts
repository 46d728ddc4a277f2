// SQL of auto-pause rules. What they do to a session is in the triggers of migrations/0038_clock_rules.sql; here they are
// read, replaced, and held against the day so far, to say why.

import type { Millis } from "../clock.ts";

/** What a person wants of their clocks, for one app or for all. */
export interface AutoPauseRule {
  /** Null: all apps together. */
  providerId: string | null;
  /** Idle after this many seconds; null: the contract's two minutes. */
  idleSeconds: number | null;
  /** Minutes of active time a day (UTC); null: no limit. */
  dailyMinutes: number | null;
}
export interface AutoPauseState extends AutoPauseRule {
  providerName: string | null;
  /** Active seconds of today's sessions that count toward `dailyMinutes`. */
  usedSeconds: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
export const dayOf = (now: Millis): { from: Millis; until: Millis } => {
  const from = now - (now % DAY_MS);
  return { from, until: from + DAY_MS };
};

/** The rules of a person with what was used today. With `providerId`: only those that a start there would meet. */
export async function readAutoPause(
  db: D1Database,
  userId: string,
  now: Millis,
  providerId: string | null = null,
): Promise<AutoPauseState[]> {
  const { results } = await db
    .prepare(
      `SELECT nullif(r.scope, '') AS providerId, r.idle_seconds AS idleSeconds, r.daily_minutes AS dailyMinutes,
         (SELECT name FROM providers WHERE id = r.scope) AS providerName,
         (SELECT coalesce(sum(coalesce(s.active_seconds, min(s.duration_seconds, CAST((?2 - s.started_at) / 1000 AS INTEGER)))), 0)
            FROM sessions s WHERE s.user_id = r.user_id AND s.created_at >= ?3 AND s.mode = 'live'
              AND s.started_at IS NOT NULL AND r.scope IN ('', s.provider_id)) AS usedSeconds
       FROM auto_pause_rules r WHERE r.user_id = ?1 AND (?4 IS NULL OR r.scope IN ('', ?4)) ORDER BY r.scope`,
    )
    .bind(userId, now, dayOf(now).from, providerId)
    .all<AutoPauseState>();
  return results;
}

/** Put these rules in the place of all there were. */
export const replaceAutoPause = (
  db: D1Database,
  userId: string,
  rules: AutoPauseRule[],
  now: Millis,
): D1PreparedStatement[] => [
  db.prepare("DELETE FROM auto_pause_rules WHERE user_id = ?").bind(userId),
  db
    .prepare(
      `INSERT INTO auto_pause_rules (user_id, scope, idle_seconds, daily_minutes, updated_at)
       SELECT ?1, coalesce(value->>'providerId', ''), value->>'idleSeconds', value->>'dailyMinutes', ?3 FROM json_each(?2)`,
    )
    .bind(userId, JSON.stringify(rules), now),
];
