// SQL of plan payments that went back, and came again. Each statement may run any number of times.

import type { Millis } from "../clock.ts";
import type { DisputeFacts } from "../gateways/stripe-disputes.ts";
import type { RefundFacts } from "../gateways/stripe.ts";

export interface PlanPayment {
  id: string;
  paidCents: number;
}

/** By the payment at Stripe; null for payments that are no plan's. */
export const findPlanPayment = (db: D1Database, paymentIntentId: string): Promise<PlanPayment | null> =>
  db
    .prepare("SELECT id, paid_cents AS paidCents FROM plan_payments WHERE payment_id = ?")
    .bind(paymentIntentId)
    .first<PlanPayment>();

/** Which of these invoices are in the books. */
export const knownPayments = async (db: D1Database, ids: readonly string[]): Promise<Set<string>> =>
  new Set(
    (
      await db
        .prepare("SELECT id FROM plan_payments WHERE id IN (SELECT value FROM json_each(?))")
        .bind(JSON.stringify(ids))
        .all<{ id: string }>()
    ).results.map(({ id }) => id),
  );

/** Payments of plans in the books since which nobody has asked Stripe what went back of them; of one subscription, or of all. */
export const unfollowedPayments = async (
  db: D1Database,
  subscriptionId: string | null,
  limit: number,
): Promise<(PlanPayment & { paymentId: string })[]> =>
  (
    await db
      .prepare(
        `SELECT id, paid_cents AS paidCents, payment_id AS paymentId FROM plan_payments
         WHERE followed_at IS NULL AND payment_id IS NOT NULL AND (?1 IS NULL OR subscription_id = ?1) ORDER BY at LIMIT ?2`,
      )
      .bind(subscriptionId, limit)
      .all<PlanPayment & { paymentId: string }>()
  ).results;

export const markFollowed = (db: D1Database, id: string, now: Millis): D1PreparedStatement =>
  db.prepare("UPDATE plan_payments SET followed_at = ?2 WHERE id = ?1 AND followed_at IS NULL").bind(id, now);

const insert = (
  db: D1Database,
  it: { id: string; paymentId: string; cents: number; feeCents?: number },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare("INSERT INTO plan_reversals (id, payment_id, cents, fee_cents, at) VALUES (?, ?, ?, ?, ?)")
    .bind(it.id, it.paymentId, it.cents, it.feeCents ?? 0, now);

/** What undoes a document that is there; without it nothing. */
const undo = (
  db: D1Database,
  it: { id: string; of: string; feeCents: number | null },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO plan_reversals (id, payment_id, cents, fee_cents, at)
       SELECT ?1, payment_id, -cents, coalesce(?3 - fee_cents, 0), ?4 FROM plan_reversals WHERE id = ?2`,
    )
    .bind(it.id, it.of, it.feeCents, now);

/** Refunds as Stripe has them now: one that stands went back, one that failed came again. */
export const followPlanRefunds = (
  db: D1Database,
  payment: PlanPayment,
  refunds: readonly RefundFacts[],
  now: Millis,
): D1PreparedStatement[] =>
  refunds.map(({ id, amountCents, stands }) =>
    stands
      ? insert(db, { id: `plan_refund:${id}`, paymentId: payment.id, cents: amountCents }, now)
      : undo(db, { id: `plan_refund_undone:${id}`, of: `plan_refund:${id}`, feeCents: null }, now),
  );

/** A dispute as Stripe has it now: the money is gone while it is open, stays gone when it is lost, and comes again when won. */
export function followPlanDispute(
  db: D1Database,
  payment: PlanPayment,
  dispute: DisputeFacts,
  now: Millis,
): D1PreparedStatement[] {
  const { id, status, amountCents, feeCents } = dispute;
  if (status === "inquiry" || status === "closed") return [];
  return [
    insert(db, { id: `plan_dispute:${id}`, paymentId: payment.id, cents: amountCents, feeCents }, now),
    ...(status === "won" ? [undo(db, { id: `plan_dispute_won:${id}`, of: `plan_dispute:${id}`, feeCents }, now)] : []),
  ];
}
