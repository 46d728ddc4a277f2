// Every type of Stripe event we act on, and who acts: one file a family, joined here. What stands in this table is what
// the webhook endpoint subscribes to and what the hourly catch-up asks for; nothing else has to be told of a new type.

import type { StripeEventType } from "../../gateways/stripe-hints.ts";
import { DECLINE_EVENTS } from "./declines.ts";
import { DISPUTE_EVENTS } from "./disputes.ts";
import type { EventHandlers } from "./handler.ts";
import { ORDER_EVENTS } from "./orders.ts";
import { PAYOUT_EVENTS } from "./payouts.ts";
import { SUBSCRIPTION_EVENTS } from "./subscriptions.ts";
import { TOP_UP_EVENTS } from "./top-ups.ts";

export const EVENT_HANDLERS: EventHandlers = {
  ...ORDER_EVENTS,
  ...DISPUTE_EVENTS,
  ...DECLINE_EVENTS,
  ...PAYOUT_EVENTS,
  ...TOP_UP_EVENTS,
  ...SUBSCRIPTION_EVENTS,
};

/** What the webhook endpoint subscribes to; everything else is answered 200, noted and left alone. */
export const WEBHOOK_EVENTS = Object.keys(EVENT_HANDLERS) as StripeEventType[];
