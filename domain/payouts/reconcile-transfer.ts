// A transfer brought into the books as Stripe has it now: that it was made, and what of it came back. Called for Stripe's
// events; it fetches everything itself, so their order and number do not matter.

import type { Millis } from "../clock.ts";
import { findTransfer } from "../gateways/stripe-connect.ts";
import { stripeClient } from "../gateways/stripe.ts";
import type { Notice } from "../payments/notice.ts";
import type { PayoutsEnv } from "./send-payout.ts";
import { findPayout, markPaid, postPayoutReversal } from "./store.ts";

/**
 * @param alongside Statements for the same batch, such as marking an event as done.
 * @returns `not_ours` for a transfer that is no payout of ours; nothing was committed then.
 * @throws DomainError `payment_provider_unavailable`
 */
export async function reconcileTransfer(
  env: PayoutsEnv,
  transferId: string,
  now: Millis,
  alongside: D1PreparedStatement[] = [],
): Promise<Notice[] | "not_ours"> {
  const transfer = await findTransfer(await stripeClient(env), transferId);
  const payout = transfer?.payoutId ? await findPayout(env.DB, transfer.payoutId) : null;
  if (!transfer || !payout) return "not_ours";
  const isTheOne = payout.transferId === null ? payout.status === "pending" : payout.transferId === transfer.id;
  if (!isTheOne || transfer.amountCents !== payout.amountCents) {
    // Stripe made one although it said no. Nothing is posted: a person has to look, and reverse it there.
    await env.DB.batch(alongside);
    return [{ message: "transfer without a payout", transferId, payoutId: payout.id }];
  }
  await env.DB.batch([
    markPaid(env.DB, payout.id, transfer.id, now),
    ...transfer.reversals.map((reversal) => postPayoutReversal(env.DB, payout.id, reversal, now)),
    ...alongside,
  ]);
  const back = transfer.reversals.reduce((sum, { amountCents }) => sum + amountCents, 0);
  return back > payout.reversedCents
    ? [{ message: "payout came back", payoutId: payout.id, cents: back - payout.reversedCents }]
    : [];
}
