// One try to take money, as Stripe has it. docs.stripe.com/api/charges

import type Stripe from "stripe";
import type { Millis } from "../clock.ts";
import { asking, isMissing } from "./stripe-errors.ts";

export interface ChargeFacts {
  id: string;
  hasFailed: boolean;
  customerId: string | null;
  /** The same for the same card, whoever uses it; null for other methods. */
  fingerprint: string | null;
  createdAt: Millis;
}

/** Null when Stripe does not know it. */
export async function findCharge(stripe: Stripe, id: string): Promise<ChargeFacts | null> {
  const charge = await asking(() => stripe.charges.retrieve(id), isMissing());
  if (!charge) return null;
  return {
    id: charge.id,
    hasFailed: charge.status === "failed",
    customerId: typeof charge.customer === "string" ? charge.customer : (charge.customer?.id ?? null),
    fingerprint: fingerprintOf(charge),
    createdAt: charge.created * 1000,
  };
}

export const fingerprintOf = (charge: Stripe.Charge | string | null | undefined): string | null =>
  typeof charge === "object" ? (charge?.payment_method_details?.card?.fingerprint ?? null) : null;
