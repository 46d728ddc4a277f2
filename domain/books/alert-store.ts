// SQL of alerts: what an operator has to look at, found by the machine and put away by a person with a reason.

import type { Millis } from "../clock.ts";

export interface Alert {
  id: string;
  /** What it is about; the same thing found again is the same alert. */
  key: string;
  /** `books`, ...: which part of the operators' pages it belongs to. */
  area: string;
  title: string;
  rows: object[];
  /** How many rows there are; `rows` are the first of them. */
  rowCount: number;
  at: Millis;
}

/** Raise an alert, or note that it was found again. One that is acknowledged stays so. */
export const raiseStatement = (db: D1Database, alert: Alert): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO alerts (id, key, area, title, rows, row_count, first_at, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
       ON CONFLICT (key) DO UPDATE SET last_at = max(last_at, excluded.last_at)`,
    )
    .bind(alert.id, alert.key, alert.area, alert.title, JSON.stringify(alert.rows), alert.rowCount, alert.at);

export interface AlertRow {
  id: string;
  area: string;
  title: string;
  rows: string;
  rowCount: number;
  firstAt: Millis;
  lastAt: Millis;
  acknowledgedAt: Millis | null;
  acknowledgedBy: string | null;
  reason: string | null;
}
const COLUMNS = `id, area, title, rows, row_count AS rowCount, first_at AS firstAt, last_at AS lastAt,
  acknowledged_at AS acknowledgedAt, acknowledged_by AS acknowledgedBy, reason`;

/** Newest first. */
export async function readAlerts(
  db: D1Database,
  query: { openOnly: boolean; limit: number; before: string | null },
): Promise<AlertRow[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM alerts WHERE (?1 = 0 OR acknowledged_at IS NULL) AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3`,
    )
    .bind(query.openOnly ? 1 : 0, query.before, query.limit)
    .all<AlertRow>();
  return results;
}

export const readAlert = (db: D1Database, id: string): Promise<AlertRow | null> =>
  db.prepare(`SELECT ${COLUMNS} FROM alerts WHERE id = ?`).bind(id).first<AlertRow>();

/** Aborts (`alert_immutable`) when somebody acknowledged it before. */
export const acknowledgeStatement = (
  db: D1Database,
  it: { id: string; userId: string; reason: string; at: Millis },
): D1PreparedStatement =>
  db
    .prepare("UPDATE alerts SET acknowledged_at = ?2, acknowledged_by = ?3, reason = ?4 WHERE id = ?1")
    .bind(it.id, it.at, it.userId, it.reason);
