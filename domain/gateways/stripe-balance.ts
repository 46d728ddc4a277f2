// What Stripe did with our balance, as Stripe lists it: the other side of `stripe_clearing`.

import type Stripe from "stripe";
import type { Millis } from "../clock.ts";
import { PAGE_MAX } from "./stripe.ts";
import { asking } from "./stripe-errors.ts";

export interface StripeMovement {
  id: string;
  /** `charge`, `refund`, `transfer`, `payout`, ... */
  type: string;
  /** What it is about: `ch_...`, `re_...`, `du_...`, `tr_...`, `po_...`. */
  source: string | null;
  /** Of a charge: its payment intent, by which our orders know it. */
  paymentId: string | null;
  amountCents: number;
  feeCents: number;
  /** What it did to the balance: amount less fee. */
  netCents: number;
  currency: string;
  createdAt: Millis;
}

/**
 * Every movement with `since <= created < until`, oldest first.
 * @returns null when there are more than `max` of them: ask for a shorter time.
 */
export async function listMovements(
  stripe: Stripe,
  { since, until, max }: { since: Millis; until: Millis; max: number },
): Promise<StripeMovement[] | null> {
  const created = { gte: Math.floor(since / 1000), lt: Math.ceil(until / 1000) };
  const listed = await asking(() =>
    stripe.balanceTransactions
      .list({ created, limit: PAGE_MAX, expand: ["data.source"] })
      .autoPagingToArray({ limit: max + 1 }),
  );
  const movements = listed ?? [];
  return movements.length > max ? null : movements.map(movementOf).reverse();
}

function movementOf({
  id,
  type,
  source,
  amount,
  fee,
  net,
  currency,
  created,
}: Stripe.BalanceTransaction): StripeMovement {
  const about = source !== null && typeof source === "object" ? source : null;
  const intent = about?.object === "charge" ? about.payment_intent : null;
  return {
    id,
    type,
    source: about ? about.id : (source as string | null),
    paymentId: intent !== null && typeof intent === "object" ? intent.id : intent,
    amountCents: amount,
    feeCents: fee,
    netCents: net,
    currency,
    createdAt: created * 1000,
  };
}
