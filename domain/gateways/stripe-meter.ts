// Stripe's billing meter, told what was used. Part of the only door to Stripe (stripe.ts).
// docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api

import type Stripe from "stripe";
import type { Millis } from "../clock.ts";
import { asking } from "./stripe-errors.ts";

/** The brief's name; a meter of this name adds up the values of each customer. */
export const USE_METER = "token_consumed";

/** Make sure there is a meter to tell. Repeatable: one that is there stays. */
export async function ensureUseMeter(stripe: Stripe): Promise<void> {
  const list = await asking(() => stripe.billing.meters.list({ status: "active", limit: 100 }));
  if (list?.data.some(({ event_name }) => event_name === USE_METER)) return;
  await asking(() =>
    stripe.billing.meters.create(
      {
        event_name: USE_METER,
        display_name: "Tokens used",
        default_aggregation: { formula: "sum" },
        customer_mapping: { type: "by_id", event_payload_key: "stripe_customer_id" },
        value_settings: { event_payload_key: "value" },
      },
      { idempotencyKey: `meter:${USE_METER}` },
    ),
  );
}

/** One session's use, named by the session: Stripe takes a name once in 24 hours. */
export interface Use {
  sessionId: string;
  customerId: string;
  tokens: number;
  at: Millis;
}

/**
 * Tell it. Repeating it within a day counts it once.
 * @throws DomainError `payment_provider_unavailable`; StripeRefused when the meter or the customer is not there.
 */
export async function tellUse(stripe: Stripe, use: Use): Promise<void> {
  await asking(() =>
    stripe.billing.meterEvents.create(
      {
        event_name: USE_METER,
        identifier: use.sessionId,
        payload: { stripe_customer_id: use.customerId, value: String(use.tokens) },
        timestamp: Math.floor(use.at / 1000),
      },
      { idempotencyKey: `use:${use.sessionId}` },
    ),
  );
}
