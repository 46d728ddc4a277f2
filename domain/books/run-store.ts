// SQL of the runs of the check.

import type { Millis } from "../clock.ts";

export interface RunRow {
  id: string;
  at: Millis;
  cause: "cron" | "operator";
  findings: number;
}

/** Keep a run; runs from before `keptSince` go. */
export const runStatements = (
  db: D1Database,
  run: RunRow & { report: string },
  keptSince: Millis,
): D1PreparedStatement[] => [
  db
    .prepare("INSERT INTO book_checks (id, at, cause, findings, report) VALUES (?, ?, ?, ?, ?)")
    .bind(run.id, run.at, run.cause, run.findings, run.report),
  db.prepare("DELETE FROM book_checks WHERE at < ?").bind(keptSince),
];

/** The last run with its report, and the runs before it, newest first. */
export async function readRuns(db: D1Database, limit: number): Promise<{ report: string | null; runs: RunRow[] }> {
  const [last, runs] = (await db.batch([
    db.prepare("SELECT report FROM book_checks ORDER BY id DESC LIMIT 1"),
    db.prepare("SELECT id, at, cause, findings FROM book_checks ORDER BY id DESC LIMIT ?").bind(limit),
  ])) as [D1Result<{ report: string }>, D1Result<RunRow>];
  return { report: last.results[0]?.report ?? null, runs: runs.results };
}
