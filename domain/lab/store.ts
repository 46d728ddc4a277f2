// SQL of the lab: its runs, the endpoints it asks, and what of sandbox sessions it looks at.

import type { Millis } from "../clock.ts";
import type { Finding } from "./checks.ts";
import type { VirtualHour } from "./virtual-hour.ts";
import type { LabEndpoint } from "./webhook-checks.ts";

export interface LabRun {
  id: string;
  providerId: string;
  appOrigin: string;
  version: number;
  passed: boolean;
  checks: Finding[];
  hour: VirtualHour;
  badge: string | null;
  at: Millis;
}
/** Runs kept of one app. */
export const RUNS_KEPT = 20;

export const insertRun = (db: D1Database, run: LabRun): D1PreparedStatement[] => [
  db
    .prepare(
      "INSERT INTO lab_runs (id, provider_id, app_origin, version, passed, checks, hour, badge, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(
      run.id,
      run.providerId,
      run.appOrigin,
      run.version,
      run.passed ? 1 : 0,
      JSON.stringify(run.checks),
      JSON.stringify(run.hour),
      run.badge,
      run.at,
    ),
  // The last passed one stays, however many came after it.
  db
    .prepare(
      `DELETE FROM lab_runs WHERE provider_id = ?1
         AND id NOT IN (SELECT id FROM lab_runs WHERE provider_id = ?1 ORDER BY at DESC, id DESC LIMIT ?2)
         AND id IS NOT (SELECT id FROM lab_runs WHERE provider_id = ?1 AND passed = 1 ORDER BY at DESC, id DESC LIMIT 1)`,
    )
    .bind(run.providerId, RUNS_KEPT),
];

interface RunRow {
  id: string;
  provider_id: string;
  app_origin: string;
  version: number;
  passed: 0 | 1;
  checks: string;
  hour: string;
  badge: string | null;
  at: Millis;
}
const runFromRow = (row: RunRow): LabRun => ({
  id: row.id,
  providerId: row.provider_id,
  appOrigin: row.app_origin,
  version: row.version,
  passed: row.passed === 1,
  checks: JSON.parse(row.checks) as Finding[],
  hour: JSON.parse(row.hour) as VirtualHour,
  badge: row.badge,
  at: row.at,
});

/** Newest first. */
export async function listRuns(db: D1Database, providerId: string): Promise<LabRun[]> {
  const { results } = await db
    .prepare("SELECT * FROM lab_runs WHERE provider_id = ? ORDER BY at DESC, id DESC LIMIT ?")
    .bind(providerId, RUNS_KEPT)
    .all<RunRow>();
  return results.map(runFromRow);
}

/** The badge of the last run, if that passed: a later failure takes it away. */
export async function lastBadge(db: D1Database, providerId: string): Promise<string | null> {
  const row = await db
    .prepare("SELECT badge FROM lab_runs WHERE provider_id = ? ORDER BY at DESC, id DESC LIMIT 1")
    .bind(providerId)
    .first<{ badge: string | null }>();
  return row?.badge ?? null;
}

export async function lastRunAt(db: D1Database, providerId: string): Promise<Millis | null> {
  const row = await db
    .prepare("SELECT max(at) AS at FROM lab_runs WHERE provider_id = ?")
    .bind(providerId)
    .first<{ at: Millis | null }>();
  return row?.at ?? null;
}

/** The endpoints of the app's sandbox that are switched on, with their secrets. */
export async function sandboxEndpoints(
  db: D1Database,
  providerId: string,
  limit: number,
  now: Millis,
): Promise<LabEndpoint[]> {
  const { results } = await db
    .prepare(
      `SELECT w.url, w.events, (SELECT json_group_array(s.sealed ORDER BY s.created_at DESC) FROM webhook_secrets s
           WHERE s.webhook_id = w.id AND (s.expires_at IS NULL OR s.expires_at > ?2)) AS secrets
       FROM webhooks w WHERE w.provider_id = ?1 AND w.mode = 'test' AND w.enabled = 1 AND w.deleted_at IS NULL
       ORDER BY w.id LIMIT ?3`,
    )
    .bind(providerId, now, limit)
    .all<{ url: string; events: string; secrets: string }>();
  return results.map(({ url, events, secrets }) => ({
    url,
    events: JSON.parse(events) as string[],
    secrets: JSON.parse(secrets) as string[],
  }));
}

/** Reports an app's server made in sandbox sessions since a moment, and the meters among them that no price has. */
export async function countSandboxReports(
  db: D1Database,
  providerId: string,
  since: Millis,
): Promise<{ reports: number; unpriced: string[] }> {
  const row = await db
    .prepare(
      `SELECT count(*) AS reports, json_group_array(DISTINCT r.meter) FILTER (WHERE m.meter IS NULL) AS unpriced
       FROM sessions s JOIN usage_reports r ON r.session_id = s.id
       LEFT JOIN session_meters m ON m.session_id = s.id AND m.meter = r.meter
       WHERE s.provider_id = ?1 AND s.mode = 'test' AND s.created_at >= ?2`,
    )
    .bind(providerId, since)
    .first<{ reports: number; unpriced: string | null }>();
  return { reports: row?.reports ?? 0, unpriced: JSON.parse(row?.unpriced ?? "[]") as string[] };
}

/** Reports of sandbox sessions that came after the end, or more than six hours late, since a day. */
export async function countLateReports(db: D1Database, providerId: string, sinceDay: number): Promise<number> {
  const row = await db
    .prepare(
      `SELECT coalesce(sum(count), 0) AS n FROM app_day_counts
       WHERE provider_id = ? AND day >= ? AND mode = 'test' AND kind IN ('report:too_late', 'report:session_closed')`,
    )
    .bind(providerId, sinceDay)
    .first<{ n: number }>();
  return row?.n ?? 0;
}
