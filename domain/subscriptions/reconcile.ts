// One subscription brought in line with what Stripe says of it now: from an event, from the page the person comes back to,
// and from cron. It fetches everything itself, so it does not matter who calls, how often, or in which order.

import type { Millis } from "../clock.ts";
import { stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { StripeUnavailable } from "../gateways/stripe-errors.ts";
import { findSubscription, findSubscriptionCheckout } from "../gateways/stripe-subscriptions.ts";
import type { CaughtUp } from "../payments/notice.ts";
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
  return applyFacts(env.DB, subscription, stripeId, facts, now + LOOK_EVERY_MS, now);
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
