// Charging a card its owner saved, while they are away. Part of the only door to Stripe (stripe.ts), in a file of its own.

import type Stripe from "stripe";
import { expireCheckout } from "./stripe-checkout.ts";
import { asking, isMissing } from "./stripe-errors.ts";
import { findCheckout, listRefunds, type CheckoutFacts } from "./stripe.ts";

export interface OffSessionCharge {
  /** Makes the idempotency key: one charge, however often it is asked for. */
  firingId: string;
  userId: string;
  orderId: string;
  customerId: string;
  paymentMethodId: string;
  tokens: number;
  amountCents: number;
  currency: string;
}
export type ChargeResult =
  | { kind: "made"; paymentIntentId: string }
  /** `needsPerson`: the bank wants to hear from the owner (3-D Secure). */
  | { kind: "declined"; paymentIntentId: string | null; code: string; needsPerson: boolean };

/**
 * Charge a saved card off session. Repeating it with the same firing hears the first answer, a decline included.
 * @throws `StripeUnavailable`: it may have happened, and the same call finds out; `StripeRefused` when Stripe said no to
 *   the call itself, e.g. because it does not know the card.
 */
export async function chargeSavedCard(stripe: Stripe, it: OffSessionCharge): Promise<ChargeResult> {
  let declined: ChargeResult | null = null;
  const intent = await asking(
    () =>
      stripe.paymentIntents.create(
        {
          amount: it.amountCents,
          currency: it.currency,
          customer: it.customerId,
          payment_method: it.paymentMethodId,
          off_session: true,
          confirm: true,
          description: `${it.tokens.toLocaleString("en-US")} tokens, automatic top-up`,
          metadata: { order_id: it.orderId, top_up: it.firingId },
        },
        { idempotencyKey: `topup:${it.userId}:${it.firingId}` },
      ),
    (error) => (declined = declineOf(error)) !== null,
  );
  return declined ?? { kind: "made", paymentIntentId: intent!.id };
}

/** What stripe-node throws for a card (docs.stripe.com/api/errors), read by its fields (see stripe-errors.ts). */
function declineOf(error: unknown): ChargeResult | null {
  if (!(error instanceof Error) || (error as { type?: unknown }).type !== "StripeCardError") return null;
  const { code, payment_intent: intent } = error as { code?: string; payment_intent?: { id?: string } };
  const reason = code ?? "card_declined";
  return {
    kind: "declined",
    paymentIntentId: intent?.id ?? null,
    code: reason,
    needsPerson: reason === "authentication_required",
  };
}

/** A payment that waits for nobody any more: it can never be charged. One that is over already stays as it is. */
export async function cancelPayment(stripe: Stripe, paymentIntentId: string): Promise<void> {
  await asking(
    () => stripe.paymentIntents.cancel(paymentIntentId),
    (error) => (error as { code?: unknown }).code === "payment_intent_unexpected_state",
  );
}

/** Nobody can pay there any more; a page that is paid or over already, and a charge without one, stay as they are. */
export const closePage = async (stripe: Stripe, id: string): Promise<void> =>
  isIntentId(id) ? undefined : expireCheckout(stripe, id);

const isIntentId = (id: string): boolean => id.startsWith("pi_");

/** What Stripe says about an order's payment: its Checkout page, or for a top-up the PaymentIntent itself. */
export const findPayment = (stripe: Stripe, id: string): Promise<CheckoutFacts | null> =>
  isIntentId(id) ? findOffSessionPayment(stripe, id) : findCheckout(stripe, id);

/** An off-session payment in the words of a checkout, so that one path credits both. */
async function findOffSessionPayment(stripe: Stripe, id: string): Promise<CheckoutFacts | null> {
  const intent = await asking(() => stripe.paymentIntents.retrieve(id), isMissing());
  if (!intent) return null;
  const isPaid = intent.status === "succeeded";
  const isOver = isPaid || intent.status === "requires_payment_method" || intent.status === "canceled";
  return {
    id: intent.id,
    reference: intent.metadata.top_up ? (intent.metadata.order_id ?? null) : null,
    status: isOver ? "complete" : "open",
    paymentStatus: isPaid ? "paid" : "unpaid",
    amountCents: isPaid ? intent.amount_received : intent.amount,
    discountCents: 0,
    taxCents: 0,
    country: null,
    currency: intent.currency,
    paymentIntentId: intent.id,
    cardFingerprint: null,
    hasFailed: isOver && !isPaid,
    refunds: isPaid ? await listRefunds(stripe, intent.id) : [],
  };
}

/** The order a payment was made for, if it is one of ours made off session. */
export async function orderOfOffSessionPayment(stripe: Stripe, paymentIntentId: string): Promise<string | null> {
  const intent = await asking(() => stripe.paymentIntents.retrieve(paymentIntentId), isMissing());
  return intent?.metadata.top_up ? (intent.metadata.order_id ?? null) : null;
}
