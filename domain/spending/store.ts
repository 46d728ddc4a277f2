// SQL of limits and alerts. What may not be spent is refused by the triggers of migrations/0019_spending.sql; here rules
// are read, replaced, and held against what was used, to say why.

import type { Millis } from "../clock.ts";
import { periodAround, PERIODS, type Period } from "./periods.ts";

/** One line of what a person allows themselves, or wants to hear of. */
export interface SpendingRule {
  /** Null: all apps together. */
  providerId: string | null;
  period: Period;
  limitTokens: number | null;
  alertTokens: number | null;
}
export interface SpendingState extends SpendingRule {
  providerName: string | null;
  /** Charged in the running period: what ended in it, and slices that were decided in it. */
  spentTokens: number;
  /** Held by open sessions and undecided slices now; counts toward the limit until they settle. */
  heldTokens: number;
}

/** A settled session this long before a period cannot reach into it; the same as in the triggers. */
const LOOK_BACK_MS = 2 * 24 * 60 * 60 * 1000;

/** What disputed slices of the person hold, or cost, beyond what their plans cover. */
const SLICES = (tokens: "tokens" | "charged_tokens", status: string): string =>
  `(SELECT coalesce(sum(z.${tokens} - min(z.${tokens}, z.reserved_tokens)), 0) FROM slices z JOIN sessions y ON y.id = z.session_id
      WHERE z.wallet_id IN (SELECT wallet_id FROM users WHERE id = r.user_id) AND y.user_id = r.user_id AND z.status ${status} AND r.scope IN ('', z.provider_id))`;

/** The rules of a person with what counts toward each now. With `providerId`: only those that a start there would meet. */
export async function readSpending(
  db: D1Database,
  userId: string,
  now: Millis,
  providerId: string | null = null,
): Promise<SpendingState[]> {
  const starts = Object.fromEntries(PERIODS.map((period) => [period, periodAround(period, now).from]));
  const { results } = await db
    .prepare(
      `SELECT nullif(r.scope, '') AS providerId, r.period, r.limit_tokens AS limitTokens, r.alert_tokens AS alertTokens,
         (SELECT name FROM providers WHERE id = r.scope) AS providerName,
         coalesce(sum(CASE WHEN s.settled_at IS NOT NULL THEN t.used_tokens END), 0) + ${SLICES("charged_tokens", "= 'closed' AND z.closed_at >= starts.value")} AS spentTokens,
         coalesce(sum(CASE WHEN s.settled_at IS NULL THEN s.held_tokens - s.reserved_tokens END), 0) + ${SLICES("tokens", "<> 'closed'")} AS heldTokens
       FROM spending_rules r JOIN json_each(?2) starts ON starts.key = r.period
       LEFT JOIN sessions s ON s.user_id = r.user_id AND s.created_at >= starts.value - ?3 AND s.mode = 'live'
         AND (s.settled_at IS NULL OR s.settled_at >= starts.value) AND r.scope IN ('', s.provider_id)
       LEFT JOIN settlements t ON t.session_id = s.id
       WHERE r.user_id = ?1 AND (?4 IS NULL OR r.scope IN ('', ?4))
       GROUP BY r.scope, r.period ORDER BY r.scope, CASE r.period WHEN 'day' THEN 1 WHEN 'week' THEN 2 ELSE 3 END`,
    )
    .bind(userId, JSON.stringify(starts), LOOK_BACK_MS, providerId)
    .all<SpendingState>();
  return results;
}

export async function readBalanceAlerts(db: D1Database, walletId: string): Promise<number[]> {
  const { results } = await db
    .prepare("SELECT tokens FROM balance_alerts WHERE wallet_id = ? ORDER BY tokens DESC")
    .bind(walletId)
    .all<{ tokens: number }>();
  return results.map(({ tokens }) => tokens);
}

/** Put these rules in the place of all there were. */
export const replaceSpending = (
  db: D1Database,
  person: { userId: string; walletId: string },
  rules: SpendingRule[],
  balanceAlerts: number[],
  now: Millis,
): D1PreparedStatement[] => [
  db.prepare("DELETE FROM spending_rules WHERE user_id = ?").bind(person.userId),
  db.prepare("DELETE FROM balance_alerts WHERE wallet_id = ?").bind(person.walletId),
  db
    .prepare(
      `INSERT INTO spending_rules (user_id, scope, period, limit_tokens, alert_tokens, updated_at)
       SELECT ?1, coalesce(value->>'providerId', ''), value->>'period', value->>'limitTokens', value->>'alertTokens', ?3
       FROM json_each(?2)`,
    )
    .bind(person.userId, JSON.stringify(rules), now),
  db
    .prepare("INSERT INTO balance_alerts (wallet_id, tokens, user_id) SELECT ?1, value, ?2 FROM json_each(?3)")
    .bind(person.walletId, person.userId, JSON.stringify(balanceAlerts)),
];

/** Which of these apps there are. */
export async function knownApps(db: D1Database, ids: string[]): Promise<Set<string>> {
  const { results } = await db
    .prepare("SELECT id FROM providers WHERE id IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(ids))
    .all<{ id: string }>();
  return new Set(results.map(({ id }) => id));
}
