// What becomes of the purchases of a person who deletes their account: docs/decisions/0074-money-of-a-buyer-who-left.md.

import type { Millis } from "../clock.ts";

/** Unspent tokens of a purchase, and what was paid for them with its part of the tax. */
const UNSPENT_CENTS = `(l.basis_cents * (l.spent + l.remaining) / l.issued - l.basis_cents * l.spent / l.issued)
  * (o.amount_cents + o.tax_cents) / o.amount_cents`;

/**
 * Sets what is unspent of purchases aside to be given back, where their buyer was gone when they turned paid. Once an order:
 * the request has the order's id. What cannot be given back now (it is disputed, or was given back already) is left.
 */
const giveBack = (db: D1Database, of: "o.id" | "o.user_id", id: string, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO refund_requests (id, order_id, lot_id, wallet_id, user_id, tokens, reason, next_try_at, created_at)
       SELECT o.id, o.id, o.id, o.wallet_id, o.user_id, l.remaining, 'the buyer deleted the account', ?2, ?2
       FROM orders o JOIN erased_buyers e ON e.order_id = o.id JOIN lots l ON l.id = o.id
       WHERE ${of} = ?1 AND o.paid_at IS NOT NULL AND l.remaining > 0
         AND ${UNSPENT_CENTS} BETWEEN 1 AND o.amount_cents + o.tax_cents - o.refunded_cents
         AND NOT EXISTS (SELECT 1 FROM refund_requests r WHERE r.order_id = o.id)
         AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.order_id = o.id AND d.status IN ('open', 'lost'))`,
    )
    .bind(id, now);

/** Belongs in the batch in which an order of somebody who is gone turns paid. */
export const giveBackOrder = (db: D1Database, orderId: string, now: Millis): D1PreparedStatement =>
  giveBack(db, "o.id", orderId, now);

/**
 * Note which purchases the person leaves behind: those that are not paid, and those that were paid while the account was being
 * deleted, about which nobody was asked. Cron looks at the open ones within a minute.
 * @param since When the deletion began.
 */
export const leaveOrders = (db: D1Database, userId: string, since: Millis): D1PreparedStatement[] => [
  db
    .prepare(
      `INSERT INTO erased_buyers (order_id, at)
       SELECT id, ?2 FROM orders WHERE user_id = ?1 AND (paid_at IS NULL OR paid_at >= ?2) ON CONFLICT (order_id) DO NOTHING`,
    )
    .bind(userId, since),
  db.prepare("UPDATE orders SET next_check_at = ?2 WHERE user_id = ?1 AND status = 'open'").bind(userId, since),
  giveBack(db, "o.user_id", userId, since),
];
