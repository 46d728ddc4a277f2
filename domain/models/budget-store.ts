// What models used on a day, in thousandths of a neuron, and whose use it was: `everyone`, `visitors` (all who are not signed
// in), and each person or visitor.

import type { Millis } from "../clock.ts";

/** At most `milliNeurons` a day for `who`. */
export interface Allowance {
  who: string;
  milliNeurons: number;
}

/**
 * Add a use to all of them if it is within all of them; nothing otherwise. One statement, so that calls at once cannot
 * overdraw together.
 */
export async function reserveUse(
  db: D1Database,
  day: string,
  allowances: readonly Allowance[],
  milliNeurons: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO model_use (day, who, milli_neurons, calls)
       SELECT ?1, value->>'who', ?2, 1 FROM json_each(?3)
       WHERE NOT EXISTS (
         SELECT 1 FROM json_each(?3) a LEFT JOIN model_use u ON u.day = ?1 AND u.who = a.value->>'who'
         WHERE coalesce(u.milli_neurons, 0) + ?2 > a.value->>'milliNeurons')
       ON CONFLICT (day, who) DO UPDATE SET milli_neurons = milli_neurons + excluded.milli_neurons, calls = calls + 1`,
    )
    .bind(day, milliNeurons, JSON.stringify(allowances))
    .run();
  return meta.changes > 0;
}

/** What a reserved use was more or less in the end. */
export const settleUse = (
  db: D1Database,
  day: string,
  allowances: readonly Allowance[],
  difference: number,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE model_use SET milli_neurons = max(0, milli_neurons + ?2)
       WHERE day = ?1 AND who IN (SELECT value->>'who' FROM json_each(?3))`,
    )
    .bind(day, difference, JSON.stringify(allowances));

export interface DayOfUse {
  day: string;
  milliNeurons: number;
  calls: number;
  /** People and visitors whose need a model was asked about. */
  askers: number;
}
/** The last days, newest first. */
export const selectUse = async (db: D1Database, days: number): Promise<DayOfUse[]> =>
  (
    await db
      .prepare(
        `SELECT e.day, e.milli_neurons AS milliNeurons, e.calls,
           (SELECT count(*) FROM model_use p WHERE p.day = e.day AND (p.who LIKE 'user:%' OR p.who LIKE 'visitor:%')) AS askers
         FROM model_use e WHERE e.who = 'everyone' ORDER BY e.day DESC LIMIT ?`,
      )
      .bind(days)
      .all<DayOfUse>()
  ).results;

const DAY_MS = 86_400_000;
/** Who asked is of use on that day only; the sums stay for a while. */
const PEOPLE_KEPT_DAYS = 2;
const SUMS_KEPT_DAYS = 90;
export const purgeModelUse = (db: D1Database, now: Millis): D1PreparedStatement =>
  db
    .prepare("DELETE FROM model_use WHERE (day < ?1 AND who NOT IN ('everyone', 'visitors')) OR day < ?2")
    .bind(dayOf(now - PEOPLE_KEPT_DAYS * DAY_MS), dayOf(now - SUMS_KEPT_DAYS * DAY_MS));

/** The UTC day, as Workers AI's own allowance counts. */
export const dayOf = (now: Millis): string => new Date(now).toISOString().slice(0, 10);
