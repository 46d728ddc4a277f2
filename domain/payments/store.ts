// Every statement about orders, refunds and what Stripe told us. Paying and refunding post themselves
// (migrations/0005_payments.sql), so these statements are safe to run any number of times.

import type { Millis } from "../clock.ts";
import type { CheckoutFacts, RefundFacts } from "../gateways/stripe.ts";
import type { StripeHint } from "../gateways/stripe-hints.ts";
import type { IdempotencyClaim } from "../idempotency.ts";

export type OrderStatus = "open" | "paid" | "refunded" | "expired" | "failed";
/** Why an order was not credited although Stripe says something was paid, or lost its checkout. */
export type OrderProblem = "reference_mismatch" | "amount_mismatch" | "checkout_missing" | "nothing_paid";

/** The source of the lot it buys. */
export type OrderSource = "purchase" | "bundle" | "top_up" | "subscription" | "organisation";

export interface Order {
  id: string;
  userId: string;
  walletId: string;
  tokens: number;
  amountCents: number;
  currency: string;
  status: OrderStatus;
  problem: OrderProblem | null;
  checkoutId: string | null;
  checkoutUrl: string | null;
  paymentIntentId: string | null;
  refundedCents: number;
  /** Before any discount; null in old orders, which had none. */
  listCents: number | null;
  /** What a code of Stripe's took off; taken off `amountCents` already. 0 until it is paid. */
  stripeDiscountCents: number;
  /** "added": Stripe Tax puts tax on top of `amountCents`. */
  taxMode: "none" | "added";
  /** 0 until it is paid. */
  taxCents: number;
  buyerCountry: string | null;
  saveCard: 0 | 1;
  source: OrderSource;
  /** JSON of who sold it (`Seller` in invoice.ts); null in old orders. */
  seller: string | null;
  /** Since when a method that pays later is on its way. */
  processingSince: Millis | null;
  promotionCode: string | null;
  /** Promotional tokens that come with it. */
  bonusTokens: number;
  /** Null until it is paid. */
  invoiceNumber: number | null;
  createdAt: Millis;
  paidAt: Millis | null;
  nextCheckAt: Millis;
  /** The wallet's spendable tokens in the same read. */
  balance: number;
  /** Since when its buyer's account is deleted; null also where it was paid before that. */
  buyerErasedAt: Millis | null;
}

const ORDER = `SELECT o.id, o.user_id AS userId, o.wallet_id AS walletId, o.tokens, o.amount_cents AS amountCents, o.currency,
    o.status, o.problem, o.checkout_id AS checkoutId, o.checkout_url AS checkoutUrl, o.payment_intent_id AS paymentIntentId,
    o.refunded_cents AS refundedCents, o.created_at AS createdAt, o.paid_at AS paidAt, o.next_check_at AS nextCheckAt,
    o.list_cents AS listCents, o.stripe_discount_cents AS stripeDiscountCents, o.tax_mode AS taxMode, o.tax_cents AS taxCents, o.buyer_country AS buyerCountry,
    o.save_card AS saveCard, o.source, o.seller, o.processing_since AS processingSince, p.code AS promotionCode,
    coalesce(p.bonus_tokens, 0) AS bonusTokens, i.number AS invoiceNumber, w.available AS balance,
    e.at AS buyerErasedAt
  FROM orders o JOIN wallets w ON w.id = o.wallet_id LEFT JOIN erased_buyers e ON e.order_id = o.id
    LEFT JOIN order_promotions p ON p.order_id = o.id LEFT JOIN invoices i ON i.order_id = o.id`;

/** By our id or Stripe's checkout id. */
export const findOrder = (db: D1Database, id: string): Promise<Order | null> =>
  db.prepare(`${ORDER} WHERE o.id = ?1 OR o.checkout_id = ?1`).bind(id).first<Order>();

/** A person's orders, newest first; pages they left without paying are not shown. `before`: the last id of the page before. */
export const ordersOf = async (
  db: D1Database,
  userId: string,
  page: { limit: number; before: string | null },
): Promise<Order[]> =>
  (
    await db
      .prepare(
        `${ORDER} WHERE o.user_id = ?1 AND o.status <> 'expired' AND (?2 IS NULL OR o.id < ?2)
         ORDER BY o.created_at DESC, o.id DESC LIMIT ?3`,
      )
      .bind(userId, page.before, page.limit)
      .all<Order>()
  ).results;

/** Null when the account is gone. */
export const emailOf = async (db: D1Database, userId: string): Promise<string | null> =>
  (await db.prepare("SELECT email FROM users WHERE id = ?").bind(userId).first<{ email: string }>())?.email ?? null;

/** A checkout is ours if we opened it, or if it names an order whose own checkout we never heard of. */
const OF_CHECKOUT = "o.checkout_id = ? OR (o.id = ? AND o.checkout_id IS NULL)";

export const findOrderOfCheckout = (db: D1Database, checkout: { id: string; reference: string | null }) =>
  db.prepare(`${ORDER} WHERE ${OF_CHECKOUT}`).bind(checkout.id, checkout.reference).first<Order>();

export const findOrderOfPayment = (db: D1Database, paymentIntentId: string): Promise<Order | null> =>
  db.prepare(`${ORDER} WHERE o.payment_intent_id = ?`).bind(paymentIntentId).first<Order>();

// Buying -------------------------------------------------------------------------------------------------------------

export type NewOrder = Pick<
  Order,
  | "id"
  | "userId"
  | "walletId"
  | "tokens"
  | "listCents"
  | "amountCents"
  | "currency"
  | "taxMode"
  | "saveCard"
  | "source"
  | "seller"
  | "createdAt"
  | "nextCheckAt"
>;
export interface Buyer {
  email: string;
  stripeCustomerId: string | null;
}
/** Who holds an Idempotency-Key that is on its way to Stripe. */
export interface Lease {
  bodyHash: string;
  leasedUntil: Millis;
}

export interface Opened {
  orderId: string | null;
  lease: Lease | null;
  buyer: Buyer | null;
}

/**
 * Write the order and, with a key, take its lease.
 * @param alongside Statements for the same batch that act only if this very order was written.
 * @returns `orderId`: the new order, or the one begun under this key by somebody whose lease ran out; null when the key is
 *   held, used with another body, or answered already (`lease` says who holds it; null: answered).
 */
export async function openOrder(
  db: D1Database,
  order: NewOrder,
  claim: IdempotencyClaim | null,
  leasedUntil: Millis,
  alongside: D1PreparedStatement[] = [],
): Promise<Opened> {
  const readBuyer = db
    .prepare("SELECT email, stripe_customer_id AS stripeCustomerId FROM users WHERE id = ?")
    .bind(order.userId);
  if (!claim) {
    const [, buyer] = await db.batch([insertOrder(db, order), readBuyer, ...alongside]);
    return { orderId: order.id, lease: null, buyer: (buyer?.results[0] as Buyer | undefined) ?? null };
  }
  const key = [claim.principal, claim.route, claim.keyHash] as const;
  const [taken, , lease, buyer] = await db.batch([
    db
      .prepare(
        `INSERT INTO purchase_leases (principal, route, key_hash, body_hash, order_id, leased_until, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
           WHERE NOT EXISTS (SELECT 1 FROM idempotency WHERE principal = ?1 AND route = ?2 AND key_hash = ?3)
         ON CONFLICT (principal, route, key_hash) DO UPDATE SET leased_until = excluded.leased_until
           WHERE leased_until <= ?7 AND body_hash = excluded.body_hash
         RETURNING order_id AS orderId`,
      )
      .bind(...key, claim.bodyHash, order.id, leasedUntil, order.createdAt),
    insertOrder(db, order, claim),
    db
      .prepare(
        "SELECT body_hash AS bodyHash, leased_until AS leasedUntil FROM purchase_leases WHERE principal = ? AND route = ? AND key_hash = ?",
      )
      .bind(...key),
    readBuyer,
    ...alongside,
  ]);
  return {
    orderId: (taken?.results[0] as { orderId: string } | undefined)?.orderId ?? null,
    lease: (lease?.results[0] as Lease | undefined) ?? null,
    buyer: (buyer?.results[0] as Buyer | undefined) ?? null,
  };
}

/** With a claim: only if the lease was taken for this very order. */
export function insertOrder(db: D1Database, order: NewOrder, claim?: IdempotencyClaim): D1PreparedStatement {
  const condition = claim
    ? "WHERE EXISTS (SELECT 1 FROM purchase_leases WHERE principal = ?14 AND route = ?15 AND key_hash = ?16 AND order_id = ?1)"
    : "";
  return db
    .prepare(
      `INSERT INTO orders (id, user_id, wallet_id, tokens, amount_cents, currency, status, created_at, next_check_at,
         list_cents, tax_mode, save_card, source, seller)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, ?8, ?9, ?10, ?11, ?12, ?13 ${condition}`,
    )
    .bind(
      order.id,
      order.userId,
      order.walletId,
      order.tokens,
      order.amountCents,
      order.currency,
      order.createdAt,
      order.nextCheckAt,
      order.listCents,
      order.taxMode,
      order.saveCard,
      order.source,
      order.seller,
      ...(claim ? [claim.principal, claim.route, claim.keyHash] : []),
    );
}

export const recordCheckout = (
  db: D1Database,
  orderId: string,
  checkout: { id: string; url: string | null },
): D1PreparedStatement =>
  db
    .prepare("UPDATE orders SET checkout_id = ?2, checkout_url = ?3 WHERE id = ?1 AND checkout_id IS NULL")
    .bind(orderId, checkout.id, checkout.url);

/** The customer a person's payments and cards hang on at Stripe; null before their first purchase. */
export const customerOf = async (db: D1Database, userId: string): Promise<string | null> =>
  (
    await db
      .prepare("SELECT stripe_customer_id AS id FROM users WHERE id = ?")
      .bind(userId)
      .first<{ id: string | null }>()
  )?.id ?? null;

export const recordCustomer = (db: D1Database, userId: string, customerId: string): D1PreparedStatement =>
  db.prepare("UPDATE users SET stripe_customer_id = ?2 WHERE id = ?1").bind(userId, customerId);

export const closeLease = (db: D1Database, claim: IdempotencyClaim | null): D1PreparedStatement[] =>
  claim
    ? [
        db
          .prepare("DELETE FROM purchase_leases WHERE principal = ? AND route = ? AND key_hash = ?")
          .bind(claim.principal, claim.route, claim.keyHash),
      ]
    : [];

/** The next request with this key may go on at once, with the same order. */
export const endLease = (db: D1Database, claim: IdempotencyClaim, now: Millis): D1PreparedStatement =>
  db
    .prepare("UPDATE purchase_leases SET leased_until = ?4 WHERE principal = ?1 AND route = ?2 AND key_hash = ?3")
    .bind(claim.principal, claim.route, claim.keyHash, now);

export const purgeLeases = (db: D1Database, before: Millis): D1PreparedStatement =>
  db.prepare("DELETE FROM purchase_leases WHERE created_at < ?").bind(before);

// What became of it --------------------------------------------------------------------------------------------------

/** Credit the order at what was really paid for it, once: a second time finds `paid_at` set and changes nothing. */
export const markPaid = (db: D1Database, orderId: string, checkout: CheckoutFacts, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE orders SET status = 'paid', paid_at = ?2, payment_intent_id = ?3, checkout_id = coalesce(checkout_id, ?4),
         checkout_url = NULL, problem = NULL, processing_since = NULL, tax_cents = ?5, buyer_country = ?6,
         amount_cents = amount_cents - ?7, stripe_discount_cents = ?7
       WHERE id = ?1 AND paid_at IS NULL`,
    )
    .bind(
      orderId,
      now,
      checkout.paymentIntentId,
      checkout.id,
      checkout.taxCents,
      checkout.country,
      checkout.discountCents,
    );

/** A refund as Stripe has it now. The triggers work out what it takes; a repeat changes nothing. */
export const postRefund = (db: D1Database, orderId: string, refund: RefundFacts, now: Millis): D1PreparedStatement =>
  refund.stands
    ? db
        .prepare(
          `INSERT INTO refunds (id, order_id, amount_cents, at, request_id)
           SELECT ?1, id, ?3, ?4, ?5 FROM orders WHERE id = ?2 AND paid_at IS NOT NULL ON CONFLICT (id) DO NOTHING`,
        )
        .bind(refund.id, orderId, refund.amountCents, now, refund.requestId)
    : db.prepare("UPDATE refunds SET undone_at = ?2 WHERE id = ?1 AND undone_at IS NULL").bind(refund.id, now);

/** Money that came and was not credited, or an end without money. Never touches an order that was paid. */
export const closeUnpaid = (
  db: D1Database,
  orderId: string,
  status: "expired" | "failed",
  problem: OrderProblem | null,
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE orders SET status = ?2, problem = ?3, checkout_url = NULL, processing_since = NULL WHERE id = ?1 AND paid_at IS NULL",
    )
    .bind(orderId, status, problem);

/** Look again later. `processingSince`: the page is done and the money is on its way, so nobody can pay there again. */
export const postpone = (
  db: D1Database,
  orderId: string,
  it: { nextCheckAt: Millis; checkoutId: string | null; processingSince: Millis | null },
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE orders SET next_check_at = ?2, checkout_id = coalesce(checkout_id, ?3),
         processing_since = coalesce(processing_since, ?4), checkout_url = CASE WHEN ?4 IS NULL THEN checkout_url END
       WHERE id = ?1 AND status = 'open'`,
    )
    .bind(orderId, it.nextCheckAt, it.checkoutId, it.processingSince);

export const readOrder = (db: D1Database, orderId: string): D1PreparedStatement =>
  db.prepare(`${ORDER} WHERE o.id = ?`).bind(orderId);

export const dueOrders = async (db: D1Database, now: Millis, limit: number): Promise<Order[]> =>
  (
    await db
      .prepare(`${ORDER} WHERE o.status = 'open' AND o.next_check_at <= ? ORDER BY o.next_check_at LIMIT ?`)
      .bind(now, limit)
      .all<Order>()
  ).results;

export const openOrdersOf = async (db: D1Database, userId: string): Promise<Order[]> =>
  (await db.prepare(`${ORDER} WHERE o.user_id = ? AND o.status = 'open'`).bind(userId).all<Order>()).results;

export interface Shortfall {
  refundId: string;
  orderId: string;
  tokens: number;
  lossCents: number;
}
/** Refunds of this order whose tokens were spent already. */
export const readShortfalls = (db: D1Database, orderId: string): D1PreparedStatement =>
  db
    .prepare(
      "SELECT refund_id AS refundId, order_id AS orderId, tokens, loss_cents AS lossCents FROM refund_shortfalls WHERE order_id = ?",
    )
    .bind(orderId);

// Events -------------------------------------------------------------------------------------------------------------

/** Note that an event came. @returns True when its consequences are in the books already. One call. */
export async function receiveHint(db: D1Database, hint: StripeHint, now: Millis): Promise<boolean> {
  const [, event] = await db.batch([
    db
      .prepare(
        "INSERT INTO stripe_events (id, type, api_version, received_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
      )
      .bind(hint.id, hint.type, hint.apiVersion, now),
    db.prepare("SELECT processed_at AS processedAt FROM stripe_events WHERE id = ?").bind(hint.id),
  ]);
  return (event!.results[0] as { processedAt: Millis | null }).processedAt !== null;
}

export const markProcessed = (db: D1Database, eventId: string, now: Millis): D1PreparedStatement =>
  db.prepare("UPDATE stripe_events SET processed_at = ?2 WHERE id = ?1 AND processed_at IS NULL").bind(eventId, now);

/** Which of these event ids are already done. */
export const processedEvents = async (db: D1Database, ids: string[]): Promise<Set<string>> => {
  const { results } = await db
    .prepare("SELECT id FROM stripe_events WHERE processed_at IS NOT NULL AND id IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(ids))
    .all<{ id: string }>();
  return new Set(results.map(({ id }) => id));
};

/** Up to when Stripe's list of events was gone through; null: never. */
export const readCaughtUp = (db: D1Database): Promise<Millis | null> =>
  db.prepare("SELECT through FROM stripe_catch_up WHERE id = 1").first<Millis>("through");

export const noteCaughtUp = (db: D1Database, through: Millis): D1PreparedStatement =>
  db
    .prepare(
      "INSERT INTO stripe_catch_up (id, through) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET through = excluded.through",
    )
    .bind(through);
