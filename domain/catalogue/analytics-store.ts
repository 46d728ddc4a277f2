// SQL of what an app's owner sees of its sessions: the way from a look to an end, days, who comes back, what was counted.
// Each statement reads one app's sessions of a bounded time by the index (provider_id, created_at).

import type { Millis } from "../clock.ts";
import { DAY_MS } from "./day-counts-store.ts";

export interface FunnelRow {
  created: number;
  /** The app redeemed the launch. */
  started: number;
  /** Ended as meant: by the person, by the app, or because the time or the hold was over. */
  finished: number;
  abandoned: number;
  failed: number;
  neverStarted: number;
  /** Not over yet. */
  open: number;
  people: number;
}
const FINISHED = "('user_ended', 'provider_ended', 'time_expired', 'tokens_depleted')";

/** One app's real sessions of a time, created in `from <= at < to`. */
interface Range {
  providerId: string;
  from: Millis;
  to: Millis;
}

export const funnelStatement = (db: D1Database, it: Range): D1PreparedStatement =>
  db
    .prepare(
      `SELECT count(*) AS created, count(started_at) AS started,
         coalesce(sum(end_reason IN ${FINISHED}), 0) AS finished, coalesce(sum(end_reason = 'abandoned'), 0) AS abandoned,
         coalesce(sum(end_reason = 'provider_error'), 0) AS failed,
         coalesce(sum(end_reason IN ('never_started') OR (started_at IS NULL AND end_reason IS NOT NULL)), 0) AS neverStarted,
         coalesce(sum(end_reason IS NULL), 0) AS open, count(DISTINCT user_id) AS people
       FROM sessions WHERE provider_id = ?1 AND created_at >= ?2 AND created_at < ?3 AND mode = 'live'`,
    )
    .bind(it.providerId, it.from, it.to);

export interface DayRow {
  day: number;
  started: number;
  finished: number;
  activeSeconds: number;
  /** Charged, of a disputed slice what was decided. */
  grossTokens: number;
  /** The provider's. */
  netTokens: number;
}
/** By the day on which the sessions were created. */
export const daysStatement = (db: D1Database, it: Range): D1PreparedStatement =>
  db
    .prepare(
      `SELECT s.created_at / ${DAY_MS} AS day, count(s.started_at) AS started,
         coalesce(sum(s.end_reason IN ${FINISHED}), 0) AS finished, coalesce(sum(s.active_seconds), 0) AS activeSeconds,
         coalesce(sum(t.used_tokens), 0) + coalesce(sum(y.used_tokens), 0) AS grossTokens,
         coalesce(sum(t.share_tokens), 0) + coalesce(sum(y.share_tokens), 0) AS netTokens
       FROM sessions s LEFT JOIN settlements t ON t.session_id = s.id LEFT JOIN settlements y ON y.session_id = s.id || ':slice'
       WHERE s.provider_id = ?1 AND s.created_at >= ?2 AND s.created_at < ?3 AND s.mode = 'live'
       GROUP BY 1 ORDER BY 1`,
    )
    .bind(it.providerId, it.from, it.to);

export interface MeterRow {
  meter: string;
  sessions: number;
  units: number;
}
/** Reported units of sessions that were created in the range, by meter. */
export const metersStatement = (db: D1Database, it: Range): D1PreparedStatement =>
  db
    .prepare(
      `SELECT m.meter, count(*) AS sessions, sum(m.used_micro) / 1000000.0 AS units
       FROM sessions s JOIN session_meters m ON m.session_id = s.id
       WHERE s.provider_id = ?1 AND s.created_at >= ?2 AND s.created_at < ?3 AND s.mode = 'live' AND m.used_micro > 0
       GROUP BY m.meter ORDER BY m.meter`,
    )
    .bind(it.providerId, it.from, it.to);

export interface CohortRow {
  /** Whole weeks since Monday, 5 January 1970. */
  cohort: number;
  /** Weeks later; 0 is the first week itself. */
  later: number;
  people: number;
}
/** 5 January 1970, the first Monday. */
export const FIRST_MONDAY = 4 * DAY_MS;
export const WEEK_MS = 7 * DAY_MS;
const week = (at: string): string => `(${at} - ${FIRST_MONDAY}) / ${WEEK_MS}`;

/**
 * Of the people who first used the app in some week since `from`, how many started a session how many weeks later. Who
 * was erased is in neither figure: nothing says any more that they were the same person.
 */
export const cohortsStatement = (db: D1Database, it: Range): D1PreparedStatement =>
  db
    .prepare(
      `SELECT cohort, later, count(*) AS people FROM (
         SELECT DISTINCT s.user_id, ${week("u.created_at")} AS cohort, ${week("s.created_at")} - ${week("u.created_at")} AS later
         FROM sessions s JOIN subjects u ON u.user_id = s.user_id AND u.provider_id = s.provider_id
         WHERE s.provider_id = ?1 AND s.created_at >= ?2 AND s.created_at < ?3 AND s.mode = 'live'
           AND s.started_at IS NOT NULL AND u.created_at >= ?2)
       WHERE later >= 0 GROUP BY cohort, later ORDER BY cohort, later`,
    )
    .bind(it.providerId, it.from, it.to);
