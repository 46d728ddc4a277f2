// Send a payout that was made, and bring it to its end. Its lines are taken and committed before Stripe is asked, and given
// free only after Stripe has said no; so a crash between any two steps leaves a row that cron picks up, and the key of the
// transfer makes the same question give the same answer. See docs/decisions/0029-a-payout-reserves-before-it-pays.md.

import type { Millis } from "../clock.ts";
import { createTransfer, findTransferOfPayout, type TransferFacts } from "../gateways/stripe-connect.ts";
import { StripeRefused, StripeUnavailable } from "../gateways/stripe-errors.ts";
import { stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import type { Notice } from "../payments/notice.ts";
import { refreshFromStripe } from "./connect-account.ts";
import { markFailed, markPaid, takePayout, tryLater, type Payout } from "./store.ts";

export type PayoutsEnv = StripeEnv & { DB: D1Database };

/** Longer than the calls of one try can take, retries included. Who crashes gives the payout back after it. */
const LEASE_MS = 2 * 60 * 1000;
const RETRY_FIRST_MS = 60 * 1000;
const RETRY_MAX_MS = 60 * 60 * 1000;
/** Stripe's no to a payout that is our trouble (its balance is too small) is asked again for so long, then it fails. */
export const GIVE_UP_AFTER_MS = 72 * 60 * 60 * 1000;

/** A no that says nothing about the provider's account: ours to mend, and worth asking again. */
const OURS_TO_MEND = new Set([
  "balance_insufficient",
  "lock_timeout",
  "idempotency_error",
  "StripeIdempotencyError",
  "StripeAuthenticationError",
  "StripePermissionError",
  "api_key_expired",
  "platform_api_key_expired",
]);

/**
 * Try once to pay a pending payout. Does nothing when it is not due, in other hands, or over.
 * @returns what an operator must hear of.
 */
export async function sendPayout(env: PayoutsEnv, payoutId: string, now: Millis): Promise<Notice[]> {
  const payout = await takePayout(env.DB, payoutId, now, now + LEASE_MS);
  if (!payout) return [];
  try {
    const transfer = (await knownTransfer(env, payout)) ?? (await makeTransfer(env, payout));
    await markPaid(env.DB, payout.id, transfer.id, now).run();
    return [];
  } catch (error) {
    if (error instanceof StripeUnavailable) return await waitForStripe(env, payout, error, now);
    if (error instanceof StripeRefused) return await takeNo(env, payout, error.code, now);
    throw error;
  }
}

/** A try before this one may have been paid and its answer lost, longer ago than Stripe keeps keys (24 h at least). */
const knownTransfer = async (env: PayoutsEnv, payout: Payout): Promise<TransferFacts | null> =>
  payout.tries > 1 ? findTransferOfPayout(await stripeClient(env), payout.id) : null;

const makeTransfer = async (env: PayoutsEnv, payout: Payout): Promise<TransferFacts> =>
  createTransfer(
    await stripeClient(env),
    {
      payoutId: payout.id,
      accountId: payout.stripeAccountId,
      amountCents: payout.amountCents,
      currency: payout.currency,
    },
    payout.refusals === 0 ? `transfer:${payout.id}` : `transfer:${payout.id}:${payout.refusals}`,
  );

/** Nobody knows whether it was paid: ask again with the same key. A 5xx is kept as the key's answer, so that takes another. */
async function waitForStripe(
  env: PayoutsEnv,
  payout: Payout,
  error: StripeUnavailable,
  now: Millis,
): Promise<Notice[]> {
  await tryLater(env.DB, payout.id, {
    at: now + (error.isWorthRepeating ? pauseAfter(payout.tries) : RETRY_MAX_MS),
    refusals: payout.refusals + (error.isWorthRepeating ? 0 : 1),
    reason: error.code,
  }).run();
  return [];
}

async function takeNo(env: PayoutsEnv, payout: Payout, code: string, now: Millis): Promise<Notice[]> {
  const isOurs = OURS_TO_MEND.has(code);
  if (isOurs && now - payout.createdAt < GIVE_UP_AFTER_MS) {
    await tryLater(env.DB, payout.id, { at: now + RETRY_MAX_MS, refusals: payout.refusals + 1, reason: code }).run();
    return [{ message: "payout is waiting", payoutId: payout.id, reason: code }];
  }
  await markFailed(env.DB, payout.id, code, now).run();
  // What made Stripe say no is most likely news about the account.
  if (!isOurs) await refreshFromStripe(env, payout.stripeAccountId, now).catch(() => {});
  return [{ message: "payout failed", payoutId: payout.id, reason: code }];
}

const pauseAfter = (tries: number): Millis => Math.min(RETRY_FIRST_MS * 2 ** (tries - 1), RETRY_MAX_MS);
