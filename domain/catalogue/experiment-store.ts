// SQL of price tests: start, stop, and what each price brought in.

import type { Millis } from "../clock.ts";

export const insertExperiment = (
  db: D1Database,
  it: {
    id: string;
    providerId: string;
    baseVersionId: string;
    testVersionId: string;
    testShareBasisPoints: number;
    startedAt: Millis;
  },
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO price_experiments (id, provider_id, base_version_id, test_version_id, test_share_basis_points, started_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    .bind(it.id, it.providerId, it.baseVersionId, it.testVersionId, it.testShareBasisPoints, it.startedAt);

export const stopExperimentStatement = (
  db: D1Database,
  providerId: string,
  reason: "stopped" | "price_changed",
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE price_experiments SET stopped_at = max(?3, started_at), stop_reason = ?2 WHERE provider_id = ?1 AND stopped_at IS NULL",
    )
    .bind(providerId, reason, now);

/** One price of one test, with what sessions started in the test were settled for. */
export interface ArmRow {
  id: string;
  testShareBasisPoints: number;
  startedAt: Millis;
  stoppedAt: Millis | null;
  stopReason: "stopped" | "price_changed" | null;
  arm: "base" | "test";
  priceVersionId: string;
  components: string;
  /** People who started at least one session in the test. */
  people: number;
  sessions: number;
  settledSessions: number;
  activeSeconds: number;
  grossTokens: number;
  feeTokens: number;
  shareTokens: number;
}

/** Both prices of the latest tests of an app, newest test first, the base price before the test price. */
export async function experimentArms(db: D1Database, providerId: string, limit: number): Promise<ArmRow[]> {
  const { results } = await db
    .prepare(
      `SELECT e.id, e.test_share_basis_points AS testShareBasisPoints, e.started_at AS startedAt, e.stopped_at AS stoppedAt,
         e.stop_reason AS stopReason, arm.value AS arm, v.id AS priceVersionId, v.components,
         count(DISTINCT s.user_id) AS people, count(s.id) AS sessions, count(s.settled_at) AS settledSessions,
         coalesce(sum(s.active_seconds), 0) AS activeSeconds, coalesce(sum(t.used_tokens), 0) + coalesce(sum(y.used_tokens), 0) AS grossTokens,
         coalesce(sum(t.fee_tokens), 0) + coalesce(sum(y.fee_tokens), 0) AS feeTokens,
         coalesce(sum(t.share_tokens), 0) + coalesce(sum(y.share_tokens), 0) AS shareTokens
       FROM (SELECT * FROM price_experiments WHERE provider_id = ?1 ORDER BY started_at DESC LIMIT ?2) e
       JOIN json_each('["base", "test"]') arm
       JOIN price_versions v ON v.id = CASE arm.value WHEN 'base' THEN e.base_version_id ELSE e.test_version_id END
       LEFT JOIN sessions s ON s.experiment_id = e.id AND s.price_version_id = v.id AND s.mode = 'live' AND s.payable = 1
       LEFT JOIN settlements t ON t.session_id = s.id LEFT JOIN settlements y ON y.session_id = s.id || ':slice'
       GROUP BY e.id, arm.value ORDER BY e.started_at DESC, arm.value`,
    )
    .bind(providerId, limit)
    .all<ArmRow>();
  return results;
}
