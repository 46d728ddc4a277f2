// One subscription brought in line with what Stripe says of it now: from an event, from the page the person comes back to,
// and from cron. It fetches everything itself, so it does not matter who calls, how often, or in which order.

import type { Millis } from "../clock.ts";
import { listRefunds, stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { listDisputes } from "../gateways/stripe-disputes.ts";
import { expireCheckout } from "../gateways/stripe-checkout.ts";
import { StripeUnavailable } from "../gateways/stripe-errors.ts";
import {
  findSubscription,
  findSubscriptionCheckout,
  setCancelAtPeriodEnd,
  type SubscriptionFacts,
} from "../gateways/stripe-subscriptions.ts";
import type { CaughtUp } from "../payments/notice.ts";
import {
  followPlanDispute,
  followPlanRefunds,
  knownPayments,
  markFollowed,
  unfollowedPayments,
  type PlanPayment,
} from "./reversal-store.ts";
import { applyFacts, dueSubscriptions, endUnpaid, lookLater, readSubscription, type Subscription } from "./store.ts";

export type SubscriptionsEnv = StripeEnv & { DB: D1Database };

export const FIRST_LOOK_MS = 2 * 60 * 1000;
/** Events tell renewals; this is the net below them. */
const LOOK_EVERY_MS = 6 * 60 * 60 * 1000;
/** A page lives 24 h at Stripe. */
const NEVER_OPENED_MS = 25 * 60 * 60 * 1000;

/** @param alongside Statements for the same batch, such as marking an event as done. */
export async function reconcileSubscription(
  env: SubscriptionsEnv,
  subscription: Subscription,
  now: Millis,
  alongside: D1PreparedStatement[] = [],
): Promise<Subscription> {
  const statements = await statementsFor(env, subscription, now);
  await env.DB.batch([...statements, ...alongside]);
  try {
    for (const payment of await unfollowedPayments(env.DB, subscription.id, PAYMENTS_MAX))
      await followPayment(env, payment, now);
  } catch (error) {
    // The payment is in the books; cron goes on within a minute.
    if (!(error instanceof StripeUnavailable)) throw error;
  }
  return (await readSubscription(env.DB, subscription.id, now)) ?? subscription;
}

async function statementsFor(
  env: SubscriptionsEnv,
  subscription: Subscription,
  now: Millis,
): Promise<D1PreparedStatement[]> {
  const { id, checkoutId } = subscription;
  const later = lookLater(
    env.DB,
    id,
    now + Math.min(LOOK_EVERY_MS, Math.max(FIRST_LOOK_MS, now - subscription.createdAt)),
  );
  if (!checkoutId) return now - subscription.createdAt > NEVER_OPENED_MS ? [endUnpaid(env.DB, id, now)] : [later];
  const stripe = await stripeClient(env);
  // Begun while the account was being deleted: nobody pays there, and who has paid is charged for no second month.
  if (subscription.isLeft && !subscription.stripeId) await expireCheckout(stripe, checkoutId);
  const page = subscription.stripeId ? null : await findSubscriptionCheckout(stripe, checkoutId);
  if (page?.isOver) return [endUnpaid(env.DB, id, now)];
  const stripeId = subscription.stripeId ?? (page?.reference === id ? page.stripeId : null);
  const facts = stripeId ? await findSubscription(stripe, stripeId) : null;
  // Believed only if it names us, whatever page led there.
  if (!stripeId || facts?.reference !== id) return [later];
  if (subscription.isLeft && facts.state !== "ended" && !facts.cancelAtPeriodEnd)
    await setCancelAtPeriodEnd(stripe, stripeId, true);
  return [
    ...applyFacts(env.DB, subscription, stripeId, facts, now + LOOK_EVERY_MS, now),
    ...(await reversalsOfNew(env, facts.paid, now)),
  ];
}

/**
 * What went back of payments that are not in the books yet. Stripe may have told of it before it told of the payment: then
 * it was not known whose it was, and nobody tells it again.
 */
async function reversalsOfNew(
  env: SubscriptionsEnv,
  paid: SubscriptionFacts["paid"],
  now: Millis,
): Promise<D1PreparedStatement[]> {
  const ids = paid.map(({ id }) => id);
  const known = ids.length > 0 ? await knownPayments(env.DB, ids) : new Set();
  const statements: D1PreparedStatement[] = [];
  for (const { id, paymentId, paidCents } of paid) {
    if (known.has(id) || paymentId === null) continue;
    statements.push(...(await reversalsOf(env, { id, paidCents, paymentId }, now)));
  }
  return statements;
}

const PAYMENTS_MAX = 50;

/**
 * Ask once more, now that the payment is in the books, what went back of it. What Stripe told after our first look and before
 * the payment was in them was of nobody we knew; from here on its events find the payment.
 */
async function followPayment(
  env: SubscriptionsEnv,
  payment: PlanPayment & { paymentId: string },
  now: Millis,
): Promise<void> {
  await env.DB.batch([...(await reversalsOf(env, payment, now)), markFollowed(env.DB, payment.id, now)]);
}

async function reversalsOf(
  env: SubscriptionsEnv,
  payment: PlanPayment & { paymentId: string },
  now: Millis,
): Promise<D1PreparedStatement[]> {
  const stripe = await stripeClient(env);
  const disputes = await listDisputes(stripe, payment.paymentId);
  return [
    ...followPlanRefunds(env.DB, payment, await listRefunds(stripe, payment.paymentId), now),
    ...disputes.flatMap((dispute) => followPlanDispute(env.DB, payment, dispute, now)),
  ];
}

const SUBSCRIPTIONS_MAX = 50;

/** Cron: those nobody told us of, and payments whose run was cut off before it had looked again. */
export async function checkSubscriptions(env: SubscriptionsEnv, now: Millis): Promise<CaughtUp> {
  const outcome: CaughtUp = { notices: [], failures: [] };
  const attempt = async (id: string, step: () => Promise<unknown>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if (error instanceof StripeUnavailable) throw error;
      outcome.failures.push({ id, error: String(error) });
    }
  };
  for (const payment of await unfollowedPayments(env.DB, null, PAYMENTS_MAX))
    await attempt(payment.id, () => followPayment(env, payment, now));
  for (const subscription of await dueSubscriptions(env.DB, now, SUBSCRIPTIONS_MAX))
    await attempt(subscription.id, () => reconcileSubscription(env, subscription, now));
  return outcome;
}
