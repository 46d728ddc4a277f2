// Events of cards charged off session. The answer to the charge usually says it first; these are for the lost ones.

import type { Millis } from "../../clock.ts";
import { stripeClient } from "../../gateways/stripe.ts";
import { orderOfOffSessionPayment } from "../../gateways/stripe-off-session.ts";
import { orderAwaitingCharge } from "../../top-up/store.ts";
import { reconcile } from "../reconcile.ts";
import { findOrder } from "../store.ts";
import type { EventHandlers, EventsEnv, ReceivedEvent } from "./handler.ts";

export const TOP_UP_EVENTS = {
  "payment_intent.succeeded": ofIntent,
  "payment_intent.payment_failed": ofIntent,
} as const satisfies EventHandlers;

/** Payments of Checkout pages come here too; their pages' own events speak for them. */
async function ofIntent(env: EventsEnv, { hint, done }: ReceivedEvent, now: Millis) {
  if (!hint.objectId) return "not_ours" as const;
  const known = await findOrder(env.DB, hint.objectId);
  if (known) return (await reconcile(env, known, now, [done])).notices;
  const waiting = hint.names.customer ? await orderAwaitingCharge(env.DB, hint.names.customer) : null;
  if (!waiting || (await orderOfOffSessionPayment(await stripeClient(env), hint.objectId)) !== waiting)
    return "not_ours" as const;
  const order = await findOrder(env.DB, waiting);
  return order ? (await reconcile(env, { ...order, checkoutId: hint.objectId }, now, [done])).notices : "not_ours";
}
