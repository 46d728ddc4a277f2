// Cards a person let Stripe keep for them. We know only what is printed on a receipt: the brand, the last four digits and
// when it runs out.

import type Stripe from "stripe";
import { asking, isMissing, StripeRefused } from "./stripe-errors.ts";

export interface SavedCard {
  /** Stripe's payment method (`pm_...`). */
  id: string;
  brand: string;
  last4: string;
  expMonth: number;
  expYear: number;
  /** The same card has the same one, however often it was saved. */
  fingerprint: string | null;
}

const CARDS_MAX = 50;

/** The cards kept for a customer, newest first; none for one Stripe does not know. */
export async function listCards(stripe: Stripe, customerId: string): Promise<SavedCard[]> {
  const list = await asking(
    () => stripe.customers.listPaymentMethods(customerId, { type: "card", limit: CARDS_MAX }),
    isMissing(),
  );
  return (list?.data ?? []).flatMap(({ id, card }) =>
    card
      ? [
          {
            id,
            brand: card.brand,
            last4: card.last4,
            expMonth: card.exp_month,
            expYear: card.exp_year,
            fingerprint: card.fingerprint ?? null,
          },
        ]
      : [],
  );
}

/** Forget a card. One that is not kept any more is fine. The caller has made sure whose it is. */
export async function detachCard(stripe: Stripe, cardId: string): Promise<void> {
  try {
    await asking(() => stripe.paymentMethods.detach(cardId), isMissing());
  } catch (error) {
    // Stripe refuses to detach what is attached to nobody.
    if (!(error instanceof StripeRefused)) throw error;
  }
}
