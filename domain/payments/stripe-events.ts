// Events from Stripe: each is a hint which order to look at. They come at least once, in no order, and sometimes never,
// so whatever was missed is asked for once an hour.

import type { Millis } from "../clock.ts";
import {
  checkoutOfPayment,
  listEvents,
  stripeClient,
  StripeUnavailable,
  WEBHOOK_EVENTS,
  type StripeEnv,
  type StripeHint,
} from "../gateways/stripe.ts";
import { reconcile, type CaughtUp, type Notice } from "./reconcile.ts";
import { findOrderOfCheckout, markProcessed, processedEvents, receiveHint, type Order } from "./store.ts";

type EventsEnv = StripeEnv & { DB: D1Database };

/**
 * Act on one verified event. Repeatable; when it throws, the event stays open and Stripe sends it again.
 * @throws DomainError `payment_provider_unavailable`
 */
export async function receiveEvent(env: EventsEnv, hint: StripeHint, now: Millis): Promise<Notice[]> {
  const { isProcessed, order: known } = await receiveHint(env.DB, hint, now);
  if (isProcessed) return [];
  const done = markProcessed(env.DB, hint.id, now);
  const order = isOurs(hint) ? (known ?? (await orderOfPayment(env, hint))) : null;
  if (order) return (await reconcile(env, adopt(order, hint.checkoutId), now, [done])).notices;
  // Another type, or a payment of this Stripe account that has nothing to do with us.
  await done.run();
  return [];
}

const CATCH_UP_MS = 3 * 60 * 60 * 1000;
const CATCH_UP_EVENTS_MAX = 500;

/** Ask Stripe for the events of the last three hours and act on those that never came. Run hourly. */
export async function catchUpEvents(env: EventsEnv, now: Millis): Promise<CaughtUp> {
  const hints = await listEvents(await stripeClient(env), now - CATCH_UP_MS, CATCH_UP_EVENTS_MAX);
  const ids = hints.map(({ id }) => id);
  const done = await processedEvents(env.DB, ids);
  const outcome: CaughtUp = { notices: [], failures: [] };
  for (const hint of hints.filter(({ id }) => !done.has(id)).reverse()) {
    try {
      outcome.notices.push(...(await receiveEvent(env, hint, now)));
    } catch (error) {
      if (error instanceof StripeUnavailable) throw error;
      outcome.failures.push({ id: hint.id, error: String(error) });
    }
  }
  return outcome;
}

const isOurs = (hint: StripeHint): boolean => WEBHOOK_EVENTS.some((type) => type === hint.type);

/** A refund can be told before the purchase was: then we do not know the payment yet, but Stripe knows its checkout. */
async function orderOfPayment(env: EventsEnv, hint: StripeHint): Promise<Order | null> {
  if (!hint.paymentIntentId) return null;
  const checkout = await checkoutOfPayment(await stripeClient(env), hint.paymentIntentId);
  if (!checkout) return null;
  const order = await findOrderOfCheckout(env.DB, checkout);
  return order && adopt(order, checkout.id);
}

/** An order whose checkout we never heard of, because the answer to its creation was lost, learns it here. */
const adopt = (order: Order, checkoutId: string | null): Order => ({
  ...order,
  checkoutId: order.checkoutId ?? checkoutId,
});
