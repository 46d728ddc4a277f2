// Statements about refunds on request (migrations/0017_refunds_and_complaints.sql): a request sets tokens aside by being
// written, and ends when Stripe has made the refund or said no.

import type { Millis } from "../clock.ts";

export type RefundStatus = "on_its_way" | "done" | "refused" | "failed";
export interface RefundRequest {
  id: string;
  orderId: string;
  userId: string;
  tokens: number;
  amountCents: number;
  currency: string;
  paymentIntentId: string | null;
  operatorId: string | null;
  reason: string;
  status: RefundStatus;
  keyNumber: number;
  tries: number;
  createdAt: Millis;
  endedAt: Millis | null;
}

const REQUEST = `SELECT r.id, r.order_id AS orderId, r.user_id AS userId, r.tokens, r.amount_cents AS amountCents, o.currency,
    o.payment_intent_id AS paymentIntentId, r.operator_id AS operatorId, r.reason, r.status, r.key_number AS keyNumber, r.tries,
    r.created_at AS createdAt, r.ended_at AS endedAt
  FROM refund_requests r JOIN orders o ON o.id = r.order_id`;

export const readRequest = (db: D1Database, id: string): Promise<RefundRequest | null> =>
  db.prepare(`${REQUEST} WHERE r.id = ?`).bind(id).first<RefundRequest>();

export const requestsOfOrder = async (db: D1Database, orderId: string): Promise<RefundRequest[]> =>
  (await db.prepare(`${REQUEST} WHERE r.order_id = ? ORDER BY r.id`).bind(orderId).all<RefundRequest>()).results;

export interface NewRefundRequest {
  id: string;
  orderId: string;
  /** Where the tokens are taken; null: the order's own lot. */
  lotId: string | null;
  tokens: number;
  extraCents: number;
  /** What the caller was shown; null: whatever it comes to. */
  amountCents: number | null;
  operatorId: string | null;
  reason: string;
  nextTryAt: Millis;
  createdAt: Millis;
}

/** Sets the tokens aside. Aborts: `refund_not_possible`, `refund_in_progress`, `refund_changed`. */
export const insertRequest = (db: D1Database, it: NewRefundRequest): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO refund_requests (id, order_id, lot_id, wallet_id, user_id, tokens, extra_cents, amount_cents, operator_id, reason,
         next_try_at, created_at)
       SELECT ?1, id, coalesce(?3, id), wallet_id, user_id, ?4, ?5, coalesce(?6, 0), ?7, ?8, ?9, ?10 FROM orders WHERE id = ?2`,
    )
    .bind(
      it.id,
      it.orderId,
      it.lotId,
      it.tokens,
      it.extraCents,
      it.amountCents,
      it.operatorId,
      it.reason,
      it.nextTryAt,
      it.createdAt,
    );

export const noteTry = (db: D1Database, id: string, nextTryAt: Millis): D1PreparedStatement =>
  db
    .prepare("UPDATE refund_requests SET tries = tries + 1, next_try_at = ?2 WHERE id = ?1 AND status = 'on_its_way'")
    .bind(id, nextTryAt);

/** Stripe keeps its own failure as the answer to a key: the next try needs another one. */
export const takeNextKey = (db: D1Database, id: string): D1PreparedStatement =>
  db.prepare("UPDATE refund_requests SET key_number = key_number + 1 WHERE id = ? AND status = 'on_its_way'").bind(id);

/** The tokens go back. */
export const refuseRequest = (db: D1Database, id: string, code: string, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE refund_requests SET status = 'refused', refused_code = ?2, ended_at = ?3 WHERE id = ?1 AND status = 'on_its_way'",
    )
    .bind(id, code, now);

export const dueRequests = async (db: D1Database, now: Millis, limit: number): Promise<RefundRequest[]> =>
  (
    await db
      .prepare(`${REQUEST} WHERE r.status = 'on_its_way' AND r.next_try_at <= ? ORDER BY r.next_try_at LIMIT ?`)
      .bind(now, limit)
      .all<RefundRequest>()
  ).results;

/** What decides whether an order can be refunded, in one read. */
export interface Refundable {
  orderId: string;
  userId: string;
  status: string;
  currency: string;
  paidAt: Millis | null;
  /** Unspent tokens of the order, and what was paid for them, tax included. */
  tokens: number;
  amountCents: number;
  /** Held for review, not in `tokens`. */
  heldTokens: number;
  /** What of the price has not gone back yet. */
  leftCents: number;
  inProgress: 0 | 1;
  isDisputed: 0 | 1;
  isBlocked: 0 | 1;
  /** Refunds this person asked for themselves since `since`. */
  askedLately: number;
}
export const readRefundable = (db: D1Database, orderId: string, since: Millis): Promise<Refundable | null> =>
  db
    .prepare(
      `SELECT o.id AS orderId, o.user_id AS userId, o.status, o.currency, o.paid_at AS paidAt, coalesce(l.remaining, 0) AS tokens,
         coalesce((l.basis_cents * (l.spent + l.remaining) / l.issued - l.basis_cents * l.spent / l.issued)
           * (o.amount_cents + o.tax_cents) / o.amount_cents, 0) AS amountCents,
         o.amount_cents + o.tax_cents - o.refunded_cents AS leftCents,
         coalesce((SELECT v.tokens FROM purchase_reviews v WHERE v.order_id = o.id AND v.status = 'held'), 0) AS heldTokens,
         EXISTS (SELECT 1 FROM refund_requests r WHERE r.order_id = o.id AND r.status = 'on_its_way') AS inProgress,
         EXISTS (SELECT 1 FROM disputes d WHERE d.order_id = o.id AND d.status IN ('open', 'lost')) AS isDisputed,
         EXISTS (SELECT 1 FROM wallet_blocks b WHERE b.wallet_id = o.wallet_id AND b.lifted_at IS NULL) AS isBlocked,
         (SELECT count(*) FROM refund_requests r WHERE r.user_id = o.user_id AND r.created_at > ?2 AND r.operator_id IS NULL
            AND r.status <> 'refused') AS askedLately
       FROM orders o LEFT JOIN lots l ON l.id = o.id WHERE o.id = ?1 OR o.checkout_id = ?1`,
    )
    .bind(orderId, since)
    .first<Refundable>();
