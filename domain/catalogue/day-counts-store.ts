// Things of an app that are only counted, by day: looks at its page, reports and launches that were refused. Nobody's id is
// kept; kinds are a closed list, so that an app has a bounded number of rows however often it is asked.

import type { Millis } from "../clock.ts";
import type { KeyMode } from "../identity/new-key.ts";

export const DAY_MS = 24 * 60 * 60 * 1000;
/** Kept for a year and a month, so that a month can be set beside the same one a year before. */
const KEPT_DAYS = 400;

export const REFUSED_REPORTS = ["conflict", "session_closed", "tokens_depleted", "too_late", "invalid"] as const;
export const REFUSED_LAUNCHES = [
  "launch_token_used",
  "launch_token_expired",
  "session_closed",
  "session_not_found",
] as const;
export type DayCountKind =
  | "view"
  | `report:${(typeof REFUSED_REPORTS)[number]}`
  | `launch:${(typeof REFUSED_LAUNCHES)[number]}`;

export const dayOf = (at: Millis): number => Math.floor(at / DAY_MS);

export interface DayCount {
  providerId: string;
  mode: KeyMode;
  kind: DayCountKind;
  count: number;
}

/** Add to today's counts. Of apps that do not exist nothing is kept. */
export const addDayCounts = (db: D1Database, counts: readonly DayCount[], now: Millis): Promise<unknown> =>
  db
    .prepare(
      `INSERT INTO app_day_counts (provider_id, day, mode, kind, count, last_at)
       SELECT c.value->>'providerId', ?2, c.value->>'mode', c.value->>'kind', c.value->>'count', ?3
       FROM json_each(?1) c JOIN providers p ON p.id = c.value->>'providerId' WHERE true
       ON CONFLICT (provider_id, day, mode, kind) DO UPDATE SET count = count + excluded.count, last_at = excluded.last_at`,
    )
    .bind(JSON.stringify(counts), dayOf(now), now)
    .run();

export interface DayCountRow {
  day: number;
  kind: DayCountKind;
  count: number;
  lastAt: Millis;
}
/** The counts of one app since a day. */
export const readDayCounts = async (
  db: D1Database,
  it: { providerId: string; mode: KeyMode; sinceDay: number },
): Promise<DayCountRow[]> =>
  (
    await db
      .prepare(
        `SELECT day, kind, count, last_at AS lastAt FROM app_day_counts
         WHERE provider_id = ? AND day >= ? AND mode = ? ORDER BY day`,
      )
      .bind(it.providerId, it.sinceDay, it.mode)
      .all<DayCountRow>()
  ).results;

export const purgeDayCounts = (db: D1Database, now: Millis): D1PreparedStatement =>
  db.prepare("DELETE FROM app_day_counts WHERE day < ?").bind(dayOf(now) - KEPT_DAYS);
