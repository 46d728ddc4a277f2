// Subscriptions at Stripe: the page that begins one, how it stands with every paid invoice, and its end. Part of the only
// door to Stripe (stripe.ts).

import type Stripe from "stripe";
import type { Millis } from "../clock.ts";
import { assert } from "../errors.ts";
import { asking, isMissing } from "./stripe-errors.ts";

export interface SubscriptionRequest {
  /** Goes along as client_reference_id, and makes the idempotency key. */
  subscriptionId: string;
  customerId: string;
  planName: string;
  monthCents: number;
  currency: string;
  providerId: string;
  webOrigin: string;
}

/** Open the page that begins a subscription. Repeating it gives the same page; null when Stripe lost the customer. */
export async function createSubscriptionCheckout(
  stripe: Stripe,
  it: SubscriptionRequest,
): Promise<{ id: string; url: string } | null> {
  const session = await asking(
    () =>
      stripe.checkout.sessions.create(
        {
          mode: "subscription",
          customer: it.customerId,
          client_reference_id: it.subscriptionId,
          line_items: [
            {
              quantity: 1,
              price_data: {
                currency: it.currency,
                unit_amount: it.monthCents,
                recurring: { interval: "month" },
                product_data: { name: it.planName },
              },
            },
          ],
          subscription_data: { metadata: { subscription_id: it.subscriptionId } },
          success_url: `${it.webOrigin}/apps/${it.providerId}?subscription=${it.subscriptionId}`,
          cancel_url: `${it.webOrigin}/apps/${it.providerId}`,
        },
        { idempotencyKey: `subscribe:${it.subscriptionId}:${it.customerId}` },
      ),
    isMissing("customer"),
  );
  if (!session) return null;
  assert(session.url, "an open Checkout Session has a url");
  return { id: session.id, url: session.url };
}

/** The page of a subscription: over without one, or the subscription it became. */
export async function findSubscriptionCheckout(
  stripe: Stripe,
  checkoutId: string,
): Promise<{ reference: string | null; isOver: boolean; stripeId: string | null } | null> {
  const session = await asking(() => stripe.checkout.sessions.retrieve(checkoutId), isMissing());
  if (!session) return null;
  const { subscription } = session;
  const stripeId = typeof subscription === "string" ? subscription : (subscription?.id ?? null);
  return { reference: session.client_reference_id, isOver: session.status === "expired", stripeId };
}

export interface SubscriptionFacts {
  /** Ours. */
  reference: string | null;
  state: "active" | "past_due" | "ended";
  cancelAtPeriodEnd: boolean;
  endedAt: Millis | null;
  /** Oldest first. */
  paid: { id: string; paymentId: string | null; paidCents: number; from: Millis; until: Millis }[];
}

/** Two years of months: older ones are in the books for long. */
const INVOICES_MAX = 24;

export async function findSubscription(stripe: Stripe, stripeId: string): Promise<SubscriptionFacts | null> {
  const subscription = await asking(() => stripe.subscriptions.retrieve(stripeId), isMissing());
  if (!subscription) return null;
  const invoices = await asking(() =>
    stripe.invoices.list({
      subscription: stripeId,
      status: "paid",
      limit: INVOICES_MAX,
      expand: ["data.payments"],
    }),
  );
  return {
    reference: subscription.metadata.subscription_id ?? null,
    state: stateOf(subscription.status),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    endedAt: subscription.ended_at === null ? null : subscription.ended_at * 1000,
    paid: (invoices?.data ?? [])
      .flatMap(({ id, amount_paid: paidCents, lines, payments }) => {
        const period = lines.data[0]?.period;
        const intent = payments?.data[0]?.payment.payment_intent ?? null;
        const paymentId = typeof intent === "string" ? intent : (intent?.id ?? null);
        return period && paidCents > 0
          ? [{ id, paymentId, paidCents, from: period.start * 1000, until: period.end * 1000 }]
          : [];
      })
      .reverse(),
  };
}

function stateOf(status: string): SubscriptionFacts["state"] {
  if (status === "active" || status === "trialing") return "active";
  return status === "canceled" || status === "incomplete_expired" ? "ended" : "past_due";
}

/** Let it end with the term that is paid, or go on after all. Repeatable. */
export async function setCancelAtPeriodEnd(stripe: Stripe, stripeId: string, ends: boolean): Promise<void> {
  await asking(() => stripe.subscriptions.update(stripeId, { cancel_at_period_end: ends }), isMissing());
}
