// Events of purchases and refunds: each leads to one order, which is brought in line with Stripe.

import type { Millis } from "../../clock.ts";
import { checkoutOfPayment, listRefunds, stripeClient } from "../../gateways/stripe.ts";
import type { StripeHint } from "../../gateways/stripe-hints.ts";
import { findPlanPayment, followPlanRefunds } from "../../subscriptions/reversal-store.ts";
import type { Notice } from "../notice.ts";
import { reconcile } from "../reconcile.ts";
import { findOrderOfCheckout, findOrderOfPayment, type Order } from "../store.ts";
import type { EventHandlers, EventsEnv, ReceivedEvent } from "./handler.ts";

const ofCheckout = async (env: EventsEnv, event: ReceivedEvent, now: Millis) =>
  bring(env, event, await orderOfCheckout(env, event.hint), now);

/** A refund or the charge it belongs to: both name the payment, which is an order's or a plan's. */
async function ofPayment(env: EventsEnv, event: ReceivedEvent, now: Millis) {
  const paymentIntentId = event.hint.names.payment_intent;
  const plan = paymentIntentId ? await findPlanPayment(env.DB, paymentIntentId) : null;
  if (!plan || !paymentIntentId) return bring(env, event, await orderOfPayment(env, paymentIntentId), now);
  const refunds = await listRefunds(await stripeClient(env), paymentIntentId);
  await env.DB.batch([...followPlanRefunds(env.DB, plan, refunds, now), event.done]);
  return [];
}

export const ORDER_EVENTS = {
  "checkout.session.completed": ofCheckout,
  "checkout.session.async_payment_succeeded": ofCheckout,
  "checkout.session.async_payment_failed": ofCheckout,
  "checkout.session.expired": ofCheckout,
  "charge.refunded": ofPayment,
  "refund.created": ofPayment,
  "refund.updated": ofPayment,
  "refund.failed": ofPayment,
} as const satisfies EventHandlers;

async function bring(
  env: EventsEnv,
  { done }: ReceivedEvent,
  order: Order | null,
  now: Millis,
): Promise<Notice[] | "not_ours"> {
  return order ? (await reconcile(env, order, now, [done])).notices : "not_ours";
}

async function orderOfCheckout(env: EventsEnv, { objectId, names }: StripeHint): Promise<Order | null> {
  if (!objectId) return null;
  const order = await findOrderOfCheckout(env.DB, { id: objectId, reference: names.client_reference_id ?? null });
  return order && adopt(order, objectId);
}

/** Also told before the purchase was: then we do not know the payment yet, but Stripe knows its checkout. */
export async function orderOfPayment(env: EventsEnv, paymentIntentId: string | undefined): Promise<Order | null> {
  if (!paymentIntentId) return null;
  const known = await findOrderOfPayment(env.DB, paymentIntentId);
  if (known) return known;
  const checkout = await checkoutOfPayment(await stripeClient(env), paymentIntentId);
  if (!checkout) return null;
  const order = await findOrderOfCheckout(env.DB, checkout);
  return order && adopt(order, checkout.id);
}

/** An order whose checkout we never heard of, because the answer to its creation was lost, learns it here. */
const adopt = (order: Order, checkoutId: string): Order => ({ ...order, checkoutId: order.checkoutId ?? checkoutId });
