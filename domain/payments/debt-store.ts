// SQL of what people owe after a lost dispute, and of paying it back with the next purchase (migrations/0069_grants_and_debts.sql).

import type { Millis } from "../clock.ts";

export interface Debt {
  orderId: string;
  /** What the bank took back, and what of it is still owed. */
  disputedCents: number;
  owedCents: number;
  since: Millis;
}
export const listDebts = async (db: D1Database, walletId: string): Promise<Debt[]> =>
  (
    await db
      .prepare(
        `SELECT order_id AS orderId, amount_cents AS disputedCents, owed_cents AS owedCents, since FROM debts
         WHERE wallet_id = ? ORDER BY since, dispute_id`,
      )
      .bind(walletId)
      .all<Debt>()
  ).results;

/**
 * Of an order that turned paid in this very batch, give back as many tokens as pay what its buyer owes, the oldest debt first.
 * So many that their cost is the debt, to the cent; a purchase that is smaller pays with all of it.
 */
export const repayDebts = (db: D1Database, orderId: string, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO debt_repayments (id, dispute_id, lot_id, tokens, at)
       SELECT 'dispute:' || dispute_id || ':repaid:' || lot, dispute_id, lot, upto - past, ?2 FROM (
         SELECT d.dispute_id, l.id AS lot,
           min(l.remaining, (min(l.basis_cents, d.before) * l.issued + l.basis_cents - 1) / l.basis_cents) AS past,
           min(l.remaining, (min(l.basis_cents, d.before + d.owed_cents) * l.issued + l.basis_cents - 1) / l.basis_cents) AS upto
         FROM orders o JOIN lots l ON l.id = o.id AND l.remaining > 0 AND l.basis_cents > 0
           JOIN (SELECT dispute_id, wallet_id, owed_cents, sum(owed_cents) OVER (PARTITION BY wallet_id ORDER BY since, dispute_id
               ROWS UNBOUNDED PRECEDING) - owed_cents AS before FROM debts) d ON d.wallet_id = o.wallet_id
         WHERE o.id = ?1 AND o.paid_at = ?2)
       WHERE upto > past`,
    )
    .bind(orderId, now);
