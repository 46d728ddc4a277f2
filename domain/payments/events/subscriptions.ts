// Events of subscriptions: each names the subscription, directly or by its page, which is brought in line with Stripe.

import type { Millis } from "../../clock.ts";
import { stripeClient } from "../../gateways/stripe.ts";
import { findSubscription } from "../../gateways/stripe-subscriptions.ts";
import { reconcileSubscription } from "../../subscriptions/reconcile.ts";
import { findByStripe, livingOfCustomer, readSubscription, type Subscription } from "../../subscriptions/store.ts";
import type { EventHandlers, EventsEnv, ReceivedEvent } from "./handler.ts";

const ofSubscription = (env: EventsEnv, event: ReceivedEvent, now: Millis) =>
  bring(env, event, event.hint.objectId, now);
/** An invoice names its subscription only deep inside: all the person has are looked at, which are few. */
async function ofInvoice(env: EventsEnv, { hint, done }: ReceivedEvent, now: Millis) {
  const theirs = hint.names.customer ? await livingOfCustomer(env.DB, hint.names.customer, now) : [];
  if (theirs.length === 0) return "not_ours" as const;
  for (const subscription of theirs) await reconcileSubscription(env, subscription, now);
  await done.run();
  return [];
}

export const SUBSCRIPTION_EVENTS = {
  "customer.subscription.created": ofSubscription,
  "customer.subscription.updated": ofSubscription,
  "customer.subscription.deleted": ofSubscription,
  "invoice.paid": ofInvoice,
  "invoice.payment_failed": ofInvoice,
} as const satisfies EventHandlers;

async function bring(env: EventsEnv, { done }: ReceivedEvent, stripeId: string | null, now: Millis) {
  const subscription = stripeId ? await find(env, stripeId, now) : null;
  if (!subscription) return "not_ours" as const;
  await reconcileSubscription(env, subscription, now, [done]);
  return [];
}

/** Known by Stripe's id; or told before its page was, then by what it says itself. */
async function find(env: EventsEnv, stripeId: string, now: Millis): Promise<Subscription | null> {
  const known = await findByStripe(env.DB, stripeId, now);
  if (known) return known;
  const facts = await findSubscription(await stripeClient(env), stripeId);
  const ours = facts?.reference ? await readSubscription(env.DB, facts.reference, now) : null;
  return ours && { ...ours, stripeId };
}
