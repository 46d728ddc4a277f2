// SQL of checking apps: which are due, what was seen of them, and what it made of their health. Opening and closing tells
// everybody concerned by itself (migrations/0043_availability.sql).

import type { Millis } from "../clock.ts";
import type { Health } from "./breaker.ts";

/** Apps that get their first row in one round. */
const NEW_MAX = 200;
/** A launch that is not redeemed by its deadline is lost; no session begins earlier before it than this. */
const LAUNCH_SPAN_MS = 6 * 60 * 1000;
/** No session lives longer (12 h), so none that is open was made earlier. */
const SESSION_SPAN_MS = 13 * 60 * 60 * 1000;

/** An app that is ours to check until the lease runs out. */
export interface DueApp {
  providerId: string;
  appUrl: string;
  appOrigin: string;
  health: Health;
  arrived: number;
  lost: number;
  isWatched: boolean;
}

type DueRow = Omit<DueApp, "health" | "isWatched"> & Health & { isWatched: 0 | 1 };

/**
 * Take the apps that are due, those that wait longest first, and what people saw of them since the last check.
 * @param claim.token Nobody else takes them before `claim.until`.
 */
export async function claimDue(
  db: D1Database,
  claim: { token: string; until: Millis; limit: number },
  now: Millis,
): Promise<DueApp[]> {
  const [, , read] = await db.batch<DueRow>([
    db
      .prepare(
        `INSERT INTO app_health (provider_id, created_at, next_check_at)
         SELECT p.id, ?1, ?1 FROM providers p WHERE p.review = 'approved' AND p.status = 'active'
           AND NOT EXISTS (SELECT 1 FROM app_health h WHERE h.provider_id = p.id) LIMIT ${NEW_MAX} ON CONFLICT DO NOTHING`,
      )
      .bind(now),
    db
      .prepare(
        `UPDATE app_health SET lease = ?2, next_check_at = ?3 WHERE provider_id IN (
           SELECT h.provider_id FROM app_health h CROSS JOIN providers p ON p.id = h.provider_id
           WHERE h.next_check_at <= ?1 AND p.status = 'active' AND p.review = 'approved' ORDER BY h.next_check_at LIMIT ?4)`,
      )
      .bind(now, claim.token, claim.until, claim.limit),
    db
      .prepare(
        `SELECT h.provider_id AS providerId, p.app_url AS appUrl, p.app_origin AS appOrigin, h.created_at AS createdAt,
           h.first_ok_at AS firstOkAt, h.last_ok_at AS lastOkAt, h.failing_since AS failingSince, h.window_at AS windowAt,
           h.window_seen AS windowSeen, h.window_failed AS windowFailed, h.open_since AS openSince,
           (SELECT count(DISTINCT s.user_id) FROM sessions s WHERE s.provider_id = h.provider_id AND s.mode = 'live'
              AND s.created_at > coalesce(h.checked_at, ?1) - ${LAUNCH_SPAN_MS}
              AND s.started_at > coalesce(h.checked_at, ?1) AND s.started_at <= ?1) AS arrived,
           (SELECT count(DISTINCT s.user_id) FROM sessions s WHERE s.provider_id = h.provider_id AND s.mode = 'live'
              AND s.created_at > coalesce(h.checked_at, ?1) - ${LAUNCH_SPAN_MS} AND s.started_at IS NULL
              AND s.launch_deadline > coalesce(h.checked_at, ?1) AND s.launch_deadline <= ?1) AS lost,
           EXISTS (SELECT 1 FROM sessions s WHERE s.provider_id = h.provider_id AND s.mode = 'live'
              AND s.created_at > ?1 - ${SESSION_SPAN_MS} AND s.settled_at IS NULL) AS isWatched
         FROM app_health h JOIN providers p ON p.id = h.provider_id WHERE h.lease = ?2 AND h.next_check_at = ?3`,
      )
      .bind(now, claim.token, claim.until),
  ]);
  return read!.results.map(({ providerId, appUrl, appOrigin, arrived, lost, isWatched, ...health }) => ({
    providerId,
    appUrl,
    appOrigin,
    arrived,
    lost,
    isWatched: isWatched === 1,
    health,
  }));
}

/** When the next app that fails is due; null: none does. */
export const nextSuspectAt = async (db: D1Database): Promise<Millis | null> =>
  (await db
    .prepare(
      `SELECT min(h.next_check_at) AS at FROM app_health h JOIN providers p ON p.id = h.provider_id
       WHERE h.failing_since IS NOT NULL AND p.status = 'active' AND p.review = 'approved'`,
    )
    .first<Millis>("at")) ?? null;

export interface CheckRecord {
  providerId: string;
  health: Health;
  code: number | null;
  error: string | null;
  nextCheckAt: Millis;
  /** Null: the check is not to be believed; only the next one is set. */
  checkedAt: Millis | null;
}

/** Write down what checks made of apps. The lease is the fence: who slept past it overwrites nothing. */
export const recordChecks = (db: D1Database, token: string, records: CheckRecord[]): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE app_health SET lease = NULL, next_check_at = r.value->>'nextCheckAt',
         checked_at = coalesce(r.value->>'checkedAt', checked_at),
         last_code = CASE WHEN r.value->>'checkedAt' IS NULL THEN last_code ELSE r.value->>'code' END,
         last_error = CASE WHEN r.value->>'checkedAt' IS NULL THEN last_error ELSE r.value->>'error' END,
         first_ok_at = r.value->>'$.health.firstOkAt', last_ok_at = r.value->>'$.health.lastOkAt',
         failing_since = r.value->>'$.health.failingSince', window_at = r.value->>'$.health.windowAt',
         window_seen = r.value->>'$.health.windowSeen', window_failed = r.value->>'$.health.windowFailed',
         open_since = r.value->>'$.health.openSince'
       FROM json_each(?1) r WHERE app_health.provider_id = r.value->>'providerId' AND app_health.lease = ?2`,
    )
    .bind(JSON.stringify(records), token);

/**
 * Live sessions that run in an app which has not answered since a moment; none where a sign of life says otherwise: its
 * server reported use, or its page redeemed a launch, since then. A beat is no such sign: it comes from a page that was
 * loaded before, straight to us.
 */
export const sessionsInSilence = async (
  db: D1Database,
  app: { providerId: string; failingSince: Millis; limit: number },
  now: Millis,
): Promise<string[]> =>
  (
    await db
      .prepare(
        `WITH running AS MATERIALIZED (SELECT id, started_at, ended_at FROM sessions
           WHERE provider_id = ?1 AND mode = 'live' AND created_at > ?3 - ${SESSION_SPAN_MS} AND started_at IS NOT NULL
             AND (settled_at IS NULL OR settled_at >= ?2))
         SELECT id FROM running WHERE ended_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM running r WHERE r.started_at >= ?2)
           AND NOT EXISTS (SELECT 1 FROM running r JOIN usage_reports u ON u.session_id = r.id WHERE u.received_at >= ?2)
         ORDER BY id LIMIT ?4`,
      )
      .bind(app.providerId, app.failingSince, now, app.limit)
      .all<{ id: string }>()
  ).results.map(({ id }) => id);

export const countEnded = (db: D1Database, providerId: string, ended: number): D1PreparedStatement =>
  db
    .prepare("UPDATE outages SET sessions_ended = sessions_ended + ?2 WHERE provider_id = ?1 AND closed_at IS NULL")
    .bind(providerId, ended);

// What is shown ----------------------------------------------------------------------------------------------------

export interface HealthRow {
  checkedAt: Millis | null;
  lastOkAt: Millis | null;
  lastCode: number | null;
  lastError: string | null;
  failingSince: Millis | null;
  openSince: Millis | null;
}
export interface OutageRow {
  openedAt: Millis;
  failingSince: Millis;
  error: string | null;
  closedAt: Millis | null;
  sessionsEnded: number;
}

/** How an app is doing, and its last outages, newest first. */
export async function readHealth(
  db: D1Database,
  providerId: string,
  outagesMax: number,
): Promise<{ health: HealthRow | null; outages: OutageRow[] }> {
  const [health, outages] = await db.batch([
    db
      .prepare(
        `SELECT checked_at AS checkedAt, last_ok_at AS lastOkAt, last_code AS lastCode, last_error AS lastError,
           failing_since AS failingSince, open_since AS openSince FROM app_health WHERE provider_id = ?`,
      )
      .bind(providerId),
    db
      .prepare(
        `SELECT opened_at AS openedAt, failing_since AS failingSince, error, closed_at AS closedAt, sessions_ended AS sessionsEnded
         FROM outages WHERE provider_id = ? ORDER BY opened_at DESC LIMIT ?`,
      )
      .bind(providerId, outagesMax),
  ]);
  return { health: (health!.results[0] as HealthRow | undefined) ?? null, outages: outages!.results as OutageRow[] };
}
