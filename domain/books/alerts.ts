// Alerts as an operator sees and acknowledges them. Any part of the marketplace may raise one (`raiseStatement`).

import { iso, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { acknowledgeStatement, readAlert, readAlerts, type AlertRow } from "./alert-store.ts";

export interface AlertView {
  id: string;
  area: string;
  title: string;
  /** What shows it; what a row holds depends on the area. */
  rows: Record<string, unknown>[];
  rowCount: number;
  firstAt: string;
  lastAt: string;
  acknowledged: { at: string; by: string; reason: string } | null;
}

/** One page, newest first. */
export async function listAlerts(
  db: D1Database,
  query: { openOnly: boolean; limit: number; cursor: string | null },
): Promise<{ alerts: AlertView[]; nextCursor: string | null }> {
  const rows = await readAlerts(db, { openOnly: query.openOnly, limit: query.limit + 1, before: query.cursor });
  const page = rows.slice(0, query.limit);
  return { alerts: page.map(viewOf), nextCursor: rows.length > query.limit ? page.at(-1)!.id : null };
}

/**
 * Say that somebody has seen an alert, and what it was. The first to say so counts: whoever comes later hears of the first.
 * Idempotent by `claim`.
 * @throws DomainError `not_found`
 */
export async function acknowledgeAlert(
  db: D1Database,
  it: { id: string; userId: string; reason: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ alert: AlertView }> {
  const known = await readAlert(db, it.id);
  if (!known) throw new DomainError("not_found", "There is no such alert.");
  if (known.acknowledgedAt !== null) return { alert: viewOf(known) };
  const answer = {
    alert: viewOf({ ...known, acknowledgedAt: now, acknowledgedBy: it.userId, reason: it.reason }),
  };
  try {
    await db.batch([
      acknowledgeStatement(db, { ...it, at: now }),
      ...(await recordAnswer(db, it.claim, { status: 200, body: answer }, now)),
    ]);
    return answer;
  } catch (error) {
    if (!String(error).includes("alert_immutable")) throw error;
    return { alert: viewOf((await readAlert(db, it.id))!) };
  }
}

const viewOf = (row: AlertRow): AlertView => ({
  id: row.id,
  area: row.area,
  title: row.title,
  rows: JSON.parse(row.rows) as Record<string, unknown>[],
  rowCount: row.rowCount,
  firstAt: iso(row.firstAt),
  lastAt: iso(row.lastAt),
  acknowledged:
    row.acknowledgedAt === null ? null : { at: iso(row.acknowledgedAt), by: row.acknowledgedBy!, reason: row.reason! },
});
