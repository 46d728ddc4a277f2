// SQL of the operators' list of debts: what lost disputes cost, who owes it, what of it came back, and how the rest was settled.

import type { Millis } from "../clock.ts";

export interface Repayment {
  /** The purchase that paid. */
  orderId: string;
  tokens: number;
  cents: number;
  at: Millis;
}
export interface ListedDebt {
  disputeId: string;
  orderId: string;
  userId: string;
  /** Null: the account was deleted. */
  email: string | null;
  disputedCents: number;
  /** What had been spent when the dispute was lost. */
  lostCents: number;
  /** What of it came back: by purchases, and by sessions that ran on and gave tokens back. */
  caughtCents: number;
  owedCents: number;
  since: Millis;
  /** Oldest first. */
  repayments: Repayment[];
  settledAt: Millis | null;
  /** An operator's user id, or `repaid`. */
  settledBy: string | null;
  settledByEmail: string | null;
  settleReason: string | null;
}
export const DEBT_STATES = ["owed", "settled"] as const;
export interface DebtQuery {
  state: (typeof DEBT_STATES)[number];
  /** Of the last one of the page before: when it began or was settled, and its dispute. */
  after: { at: Millis; id: string } | null;
  limit: number;
}

const COLUMNS = `d.id AS disputeId, d.order_id AS orderId, d.user_id AS userId, u.email, d.amount_cents AS disputedCents,
  (SELECT coalesce(sum(CASE t.dr WHEN 'dispute_loss' THEN t.amount ELSE -t.amount END), 0) FROM transfers t
    WHERE t.tx = 'dispute:' || d.id || ':lost' AND 'dispute_loss' IN (t.dr, t.cr)) AS lostCents,
  (SELECT coalesce(sum(t.amount), 0) FROM dispute_catches c JOIN transfers t ON t.tx = c.id
    WHERE c.dispute_id = d.id AND t.cr = 'dispute_loss') AS caughtCents,
  (SELECT json_group_array(json_object('orderId', r.lot_id, 'tokens', r.tokens, 'at', r.at,
      'cents', (SELECT coalesce(sum(t.amount), 0) FROM transfers t WHERE t.tx = r.id AND t.cr = 'dispute_loss')) ORDER BY r.at, r.id)
    FROM debt_repayments r WHERE r.dispute_id = d.id) AS repayments, d.closed_at AS since`;
const FROM = {
  owed: `SELECT ${COLUMNS}, o.owed_cents AS owedCents, NULL AS settledAt, NULL AS settledBy, NULL AS settledByEmail,
      NULL AS settleReason
    FROM debts o JOIN disputes d ON d.id = o.dispute_id LEFT JOIN users u ON u.id = d.user_id
    WHERE (?1 IS NULL OR (o.since, d.id) > (?1, ?2)) ORDER BY o.since, d.id LIMIT ?3`,
  settled: `SELECT * FROM (SELECT ${COLUMNS}, 0 AS owedCents, b.lifted_at AS settledAt, b.lifted_by AS settledBy,
      s.email AS settledByEmail, b.lift_reason AS settleReason
    FROM disputes d JOIN wallet_blocks b ON b.id = 'dispute:' || d.id AND b.lifted_at IS NOT NULL
      LEFT JOIN users u ON u.id = d.user_id LEFT JOIN users s ON s.id = b.lifted_by
    WHERE d.status = 'lost' AND (?1 IS NULL OR (b.lifted_at, d.id) < (?1, ?2))) WHERE lostCents > 0
    ORDER BY settledAt DESC, disputeId DESC LIMIT ?3`,
} as const;

/** What is owed comes oldest first, what is settled newest first; and what everybody owes together. */
export async function listAllDebts(
  db: D1Database,
  { state, after, limit }: DebtQuery,
): Promise<{ debts: ListedDebt[]; owedCents: number }> {
  const [rows, sum] = await db.batch([
    db.prepare(FROM[state]).bind(after?.at ?? null, after?.id ?? null, limit),
    db.prepare("SELECT coalesce(sum(owed_cents), 0) AS owedCents FROM debts"),
  ]);
  const debts = (rows!.results as (Omit<ListedDebt, "repayments"> & { repayments: string })[]).map((row) => ({
    ...row,
    repayments: JSON.parse(row.repayments) as Repayment[],
  }));
  return { debts, owedCents: (sum!.results[0] as { owedCents: number }).owedCents };
}
