// SQL of plans and subscriptions. A paid invoice posts itself, and a settlement draws what is included by itself
// (migrations/0021_subscriptions.sql).

import type { Millis } from "../clock.ts";
import type { SubscriptionFacts } from "../gateways/stripe-subscriptions.ts";

export interface Plan {
  id: string;
  providerId: string;
  name: string;
  monthCents: number;
  includedTokens: number;
  feeBasisPoints: number;
  createdAt: Millis;
  retiredAt: Millis | null;
}
const PLAN = `id, provider_id AS providerId, name, month_cents AS monthCents, included_tokens AS includedTokens,
  fee_basis_points AS feeBasisPoints, created_at AS createdAt, retired_at AS retiredAt`;

export const insertPlan = (db: D1Database, plan: Plan): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO plans (id, provider_id, name, month_cents, included_tokens, fee_basis_points, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      plan.id,
      plan.providerId,
      plan.name,
      plan.monthCents,
      plan.includedTokens,
      plan.feeBasisPoints,
      plan.createdAt,
    );

/** Nobody new; who has it keeps it. */
export const retirePlan = (db: D1Database, id: string, now: Millis): D1PreparedStatement =>
  db.prepare("UPDATE plans SET retired_at = ?2 WHERE id = ?1 AND retired_at IS NULL").bind(id, now);

export const readPlan = (db: D1Database, id: string): Promise<(Plan & { ownerUserId: string }) | null> =>
  db
    .prepare(
      `SELECT ${PLAN}, (SELECT owner_user_id FROM providers WHERE id = plans.provider_id) AS ownerUserId FROM plans WHERE id = ?`,
    )
    .bind(id)
    .first<Plan & { ownerUserId: string }>();

/** The plans of an app that can be taken now. */
export const listPlans = async (db: D1Database, providerId: string): Promise<Plan[]> =>
  (
    await db
      .prepare(`SELECT ${PLAN} FROM plans WHERE provider_id = ? AND retired_at IS NULL ORDER BY month_cents, id`)
      .bind(providerId)
      .all<Plan>()
  ).results;

export type SubscriptionStatus = "open" | "active" | "past_due" | "ended";
export interface Subscription {
  id: string;
  userId: string;
  walletId: string;
  providerId: string;
  providerName: string;
  planId: string;
  planName: string;
  monthCents: number;
  includedTokens: number;
  feeBasisPoints: number;
  status: SubscriptionStatus;
  checkoutId: string | null;
  checkoutUrl: string | null;
  stripeId: string | null;
  cancelAtPeriodEnd: 0 | 1;
  /** Its person has deleted the account, and can end nothing any more. */
  isLeft: 0 | 1;
  createdAt: Millis;
  endedAt: Millis | null;
  /** Of the term that runs at the moment asked for: what is free, and set aside for open sessions; 0 and null without one. A month
   * that waits for its successor to be paid runs on for a while. */
  leftTokens: number;
  reservedTokens: number;
  termUntil: Millis | null;
}

/** `?1` is the moment the term is looked up for. */
const SUBSCRIPTION = `SELECT s.id, s.user_id AS userId, s.wallet_id AS walletId, s.provider_id AS providerId, pr.name AS providerName,
    s.plan_id AS planId, p.name AS planName, p.month_cents AS monthCents, p.included_tokens AS includedTokens,
    p.fee_basis_points AS feeBasisPoints, s.status, s.checkout_id AS checkoutId, s.checkout_url AS checkoutUrl,
    s.stripe_id AS stripeId, s.cancel_at_period_end AS cancelAtPeriodEnd,
    NOT EXISTS (SELECT 1 FROM users person WHERE person.id = s.user_id) AS isLeft, s.created_at AS createdAt, s.ended_at AS endedAt,
    coalesce(t.granted_tokens - t.used_tokens - t.reserved_tokens, 0) AS leftTokens, coalesce(t.reserved_tokens, 0) AS reservedTokens,
    CASE WHEN t.term_until > ?1 THEN t.term_until ELSE (SELECT m.usable_until FROM plan_months m WHERE m.id = t.id) END AS termUntil
  FROM subscriptions s JOIN plans p ON p.id = s.plan_id JOIN providers pr ON pr.id = s.provider_id
  LEFT JOIN plan_payments t ON t.subscription_id = s.id AND t.term_from <= ?1
    AND (t.term_until > ?1 OR EXISTS (SELECT 1 FROM plan_months m WHERE m.id = t.id AND m.usable_until > ?1))`;

export const readSubscription = (db: D1Database, id: string, now: Millis): Promise<Subscription | null> =>
  db.prepare(`${SUBSCRIPTION} WHERE s.id = ?2`).bind(now, id).first<Subscription>();

/** By what Stripe names it with: its own id, or the page it began on. */
export const findByStripe = (db: D1Database, id: string, now: Millis): Promise<Subscription | null> =>
  db.prepare(`${SUBSCRIPTION} WHERE s.stripe_id = ?2 OR s.checkout_id = ?2`).bind(now, id).first<Subscription>();

/** Those of whom Stripe knows by this customer. */
export const livingOfCustomer = async (db: D1Database, customerId: string, now: Millis): Promise<Subscription[]> =>
  (
    await db
      .prepare(
        `${SUBSCRIPTION} JOIN users u ON u.id = s.user_id WHERE u.stripe_customer_id = ?2 AND s.status <> 'ended' AND s.stripe_id IS NOT NULL`,
      )
      .bind(now, customerId)
      .all<Subscription>()
  ).results;

export const livingOfPerson = async (db: D1Database, userId: string, now: Millis): Promise<Subscription[]> =>
  (
    await db
      .prepare(`${SUBSCRIPTION} WHERE s.user_id = ?2 AND s.status <> 'ended'`)
      .bind(now, userId)
      .all<Subscription>()
  ).results;

export const livingSubscription = (db: D1Database, userId: string, providerId: string, now: Millis) =>
  db
    .prepare(`${SUBSCRIPTION} WHERE s.user_id = ?2 AND s.provider_id = ?3 AND s.status <> 'ended'`)
    .bind(now, userId, providerId)
    .first<Subscription>();

export const listSubscriptions = async (db: D1Database, userId: string, now: Millis): Promise<Subscription[]> =>
  (
    await db
      .prepare(
        `${SUBSCRIPTION} WHERE s.user_id = ?2 AND s.status <> 'open' ORDER BY s.status = 'ended', s.created_at DESC LIMIT 50`,
      )
      .bind(now, userId)
      .all<Subscription>()
  ).results;

export const dueSubscriptions = async (db: D1Database, now: Millis, limit: number): Promise<Subscription[]> =>
  (
    await db
      .prepare(
        `${SUBSCRIPTION} WHERE s.status IN ('open', 'active', 'past_due') AND s.next_check_at <= ?1 ORDER BY s.next_check_at LIMIT ?2`,
      )
      .bind(now, limit)
      .all<Subscription>()
  ).results;

export const insertSubscription = (
  db: D1Database,
  it: { id: string; userId: string; walletId: string; plan: Plan; payable: boolean; nextCheckAt: Millis },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO subscriptions (id, user_id, wallet_id, provider_id, plan_id, payable, status, created_at, changed_at, next_check_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, ?7, ?8)`,
    )
    .bind(it.id, it.userId, it.walletId, it.plan.providerId, it.plan.id, it.payable ? 1 : 0, now, it.nextCheckAt);

export const isAlreadySubscribed = (error: unknown): boolean =>
  /UNIQUE constraint failed: subscriptions/.test(String((error as Error)?.message));

export const recordPage = (db: D1Database, id: string, page: { id: string; url: string }): D1PreparedStatement =>
  db
    .prepare("UPDATE subscriptions SET checkout_id = ?2, checkout_url = ?3 WHERE id = ?1 AND checkout_id IS NULL")
    .bind(id, page.id, page.url);

export const endUnpaid = (db: D1Database, id: string, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE subscriptions SET status = 'ended', ended_at = ?2, changed_at = ?2, checkout_url = NULL WHERE id = ?1 AND status = 'open'",
    )
    .bind(id, now);

export const lookLater = (db: D1Database, id: string, at: Millis): D1PreparedStatement =>
  db.prepare("UPDATE subscriptions SET next_check_at = ?2 WHERE id = ?1").bind(id, at);

/** As Stripe has it now, and every paid invoice; each statement changes nothing the second time. */
export const applyFacts = (
  db: D1Database,
  it: Pick<Subscription, "id" | "includedTokens">,
  stripeId: string,
  facts: SubscriptionFacts,
  nextCheckAt: Millis,
  now: Millis,
): D1PreparedStatement[] => [
  db
    .prepare(
      `UPDATE subscriptions SET status = ?3, stripe_id = ?2, cancel_at_period_end = ?4, ended_at = ?5, next_check_at = ?6, changed_at = ?7,
         checkout_url = NULL WHERE id = ?1 AND status <> 'ended'`,
    )
    .bind(
      it.id,
      stripeId,
      facts.state,
      facts.cancelAtPeriodEnd ? 1 : 0,
      facts.state === "ended" ? (facts.endedAt ?? now) : null,
      nextCheckAt,
      now,
    ),
  ...facts.paid.map(({ id, paymentId, paidCents, from, until }) =>
    db
      .prepare(
        `INSERT INTO plan_payments (id, subscription_id, paid_cents, granted_tokens, term_from, term_until, at, payment_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .bind(id, it.id, paidCents, it.includedTokens, from, until, now, paymentId),
  ),
];
