// The hosted Checkout page of one order: opened with what the order was sold for, and closed when the buyer starts anew.

import type Stripe from "stripe";
import { assert } from "../errors.ts";
import { asking, isMissing, StripeRefused } from "./stripe-errors.ts";

export interface CheckoutRequest {
  /** Goes along as client_reference_id, and makes the idempotency key. */
  orderId: string;
  customerId: string;
  tokens: number;
  /** Before any discount; the page says what was taken off. */
  listCents: number;
  /** What is charged, before tax. */
  amountCents: number;
  /** Promotional tokens that come with it; said on the page. */
  bonusTokens: number;
  currency: string;
  /** Stripe's tax code when tax comes on top, else null. */
  taxCode: string | null;
  /** The buyer agreed that the card is kept and may be charged later, while they are away. */
  saveCard: boolean;
  /** Stripe's page takes codes made at Stripe. */
  takesStripeCodes: boolean;
  /** Origin of the PWA, where the buyer comes back to. */
  webOrigin: string;
}

/**
 * Open a hosted Checkout page for one order. Repeating it for the same order gives the same page.
 * @returns null when Stripe does not know the customer (any more).
 * @throws `StripeUnavailable` (DomainError `payment_provider_unavailable`); `StripeRefused` when Stripe said no.
 */
export async function createCheckout(
  stripe: Stripe,
  order: CheckoutRequest,
): Promise<{ id: string; url: string } | null> {
  const session = await asking(
    () =>
      stripe.checkout.sessions.create(
        checkoutParams(order),
        // What may differ between two tries is part of the key, because a key with other parameters is an error at Stripe.
        { idempotencyKey: `checkout:${order.orderId}:${order.customerId}${order.takesStripeCodes ? ":codes" : ""}` },
      ),
    isMissing("customer"),
  );
  if (!session) return null;
  assert(session.url, "an open Checkout Session has a url");
  return { id: session.id, url: session.url };
}

function checkoutParams(order: CheckoutRequest): Stripe.Checkout.SessionCreateParams {
  const name = `${order.tokens.toLocaleString("en-US")} tokens`;
  const { taxCode } = order;
  return {
    mode: "payment",
    customer: order.customerId,
    client_reference_id: order.orderId,
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: order.currency,
          unit_amount: order.amountCents,
          product_data: { name, ...described(order), ...(taxCode && { tax_code: taxCode }) },
          ...(taxCode && { tax_behavior: "exclusive" as const }),
        },
      },
    ],
    metadata: { order_id: order.orderId, tokens: String(order.tokens) },
    payment_intent_data: {
      description: name,
      metadata: { order_id: order.orderId },
      // Stripe says on its page what this means, and asks the bank for the consent that later charges need.
      ...(order.saveCard && { setup_future_usage: "off_session" as const }),
    },
    ...(order.takesStripeCodes && { allow_promotion_codes: true }),
    // The address decides the tax; Stripe keeps it with the customer for the next purchase.
    ...(taxCode && {
      automatic_tax: { enabled: true },
      billing_address_collection: "required" as const,
      customer_update: { address: "auto" as const, name: "auto" as const },
      tax_id_collection: { enabled: true },
    }),
    success_url: `${order.webOrigin}/tokens/success?session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${order.webOrigin}/wallet?canceled=1`,
  };
}

/** What came off and what came on top, in the words the buyer saw before. */
function described({ listCents, amountCents, bonusTokens }: CheckoutRequest): { description?: string } {
  const parts = [
    ...(amountCents < listCents
      ? [`List price ${dollars(listCents)}, you save ${dollars(listCents - amountCents)}`]
      : []),
    ...(bonusTokens > 0 ? [`with ${bonusTokens.toLocaleString("en-US")} promotional tokens on top`] : []),
  ];
  return parts.length > 0 ? { description: parts.join(", ") } : {};
}

const dollars = (cents: number): string =>
  `$${(cents / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** Close an open page. One that is paid or over already stays as it is. */
export async function expireCheckout(stripe: Stripe, checkoutId: string): Promise<void> {
  try {
    await asking(() => stripe.checkout.sessions.expire(checkoutId), isMissing());
  } catch (error) {
    if (!(error instanceof StripeRefused)) throw error;
  }
}
