// One subscription brought in line with what Stripe says of it now: from an event, from the page the person comes back to,
// and from cron. It fetches everything itself, so it does not matter who calls, how often, or in which order.

import type { Millis } from "../clock.ts";
import { listRefunds, stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { listDisputes } from "../gateways/stripe-disputes.ts";
import { StripeUnavailable } from "../gateways/stripe-errors.ts";
import {
  findSubscription,
  findSubscriptionCheckout,
  type SubscriptionFacts,
} from "../gateways/stripe-subscriptions.ts";
import type { CaughtUp } from "../payments/notice.ts";
import { followPlanDispute, followPlanRefunds, knownPayments } from "./reversal-store.ts";
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
  const page = subscription.stripeId ? null : await findSubscriptionCheckout(stripe, checkoutId);
  if (page?.isOver) return [endUnpaid(env.DB, id, now)];
  const stripeId = subscription.stripeId ?? (page?.reference === id ? page.stripeId : null);
  const facts = stripeId ? await findSubscription(stripe, stripeId) : null;
  // Believed only if it names us, whatever page led there.
  if (!stripeId || facts?.reference !== id) return [later];
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
    const stripe = await stripeClient(env);
    statements.push(...followPlanRefunds(env.DB, { id, paidCents }, await listRefunds(stripe, paymentId), now));
    for (const dispute of await listDisputes(stripe, paymentId))
      statements.push(...followPlanDispute(env.DB, { id, paidCents }, dispute, now));
  }
  return statements;
}

const SUBSCRIPTIONS_MAX = 50;

/** Cron: those nobody told us of. */
export async function checkSubscriptions(env: SubscriptionsEnv, now: Millis): Promise<CaughtUp> {
  const outcome: CaughtUp = { notices: [], failures: [] };
  for (const subscription of await dueSubscriptions(env.DB, now, SUBSCRIPTIONS_MAX)) {
    try {
      await reconcileSubscription(env, subscription, now);
    } catch (error) {
      if (error instanceof StripeUnavailable) throw error;
      outcome.failures.push({ id: subscription.id, error: String(error) });
    }
  }
  return outcome;
}
