// Events of disputes. Whatever the event says, the dispute is asked for and followed to where it is now, together with its
// order: a dispute may be told before the purchase was.

import type { Millis } from "../../clock.ts";
import { stripeClient } from "../../gateways/stripe.ts";
import { findDispute } from "../../gateways/stripe-disputes.ts";
import { findPlanPayment, followPlanDispute } from "../../subscriptions/reversal-store.ts";
import { followDispute } from "../dispute-store.ts";
import { reconcile } from "../reconcile.ts";
import type { EventHandlers, EventsEnv, ReceivedEvent } from "./handler.ts";
import { orderOfPayment } from "./orders.ts";

async function follow(env: EventsEnv, { hint, done }: ReceivedEvent, now: Millis) {
  const dispute = hint.objectId ? await findDispute(await stripeClient(env), hint.objectId) : null;
  const plan = dispute?.paymentIntentId ? await findPlanPayment(env.DB, dispute.paymentIntentId) : null;
  if (dispute && plan) {
    await env.DB.batch([...followPlanDispute(env.DB, plan, dispute, now), done]);
    return [];
  }
  const order = dispute?.paymentIntentId ? await orderOfPayment(env, dispute.paymentIntentId) : null;
  if (!dispute || !order) return "not_ours";
  const steps = followDispute(env.DB, order.id, dispute, now);
  const { notices } = await reconcile(env, order, now, [...steps, done]);
  return hint.type === "charge.dispute.created"
    ? [
        ...notices,
        { message: "payment disputed" as const, disputeId: dispute.id, orderId: order.id, cents: dispute.amountCents },
      ]
    : notices;
}

export const DISPUTE_EVENTS = {
  "charge.dispute.created": follow,
  "charge.dispute.updated": follow,
  "charge.dispute.funds_withdrawn": follow,
  "charge.dispute.funds_reinstated": follow,
  "charge.dispute.closed": follow,
} as const satisfies EventHandlers;
