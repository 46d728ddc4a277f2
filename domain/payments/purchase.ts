// Buying tokens: an order in our books, then a hosted Checkout page at Stripe. Nothing is credited here; that is
// reconcile.ts, once Stripe says paid.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { createCheckout, createCustomer, stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { StripeUnavailable } from "../gateways/stripe-errors.ts";
import { accountBlocked, findBlock } from "../trust/block-store.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { CURRENCY, PURCHASE_MAX_TOKENS, PURCHASE_MIN_TOKENS, TOKEN_CENTS } from "../money.ts";
import {
  closeLease,
  closeUnpaid,
  endLease,
  openOrder,
  recordCheckout,
  recordCustomer,
  type Buyer,
  type Lease,
} from "./store.ts";
import { FIRST_CHECK_MS } from "./reconcile.ts";

/** Longer than the calls to Stripe can take, tries and pauses included; contract section 1. */
export const LEASE_MS = 60_000;

export interface PurchaseInput {
  userId: string;
  walletId: string;
  /** As it came: every amount that cannot be bought gets the same answer. */
  tokenAmount: unknown;
  claim: IdempotencyClaim | null;
}
export interface PurchaseAnswer {
  checkoutUrl: string;
  orderId: string;
}
export type PaymentsEnv = StripeEnv & { DB: D1Database; WEB_ORIGIN: string };

/**
 * Open an order and the page that takes its payment.
 *
 * Idempotent by `claim`. Around the calls to Stripe the key is leased: a second request with it meanwhile is refused, one
 * after the lease goes on with the same order and the same key at Stripe, so that a lost answer opens no second page.
 * @throws DomainError `invalid_token_amount`; `account_blocked`; `idempotency_in_progress` (also when the key was answered already, which
 *   the caller looks up first); `idempotency_key_reused`; `payment_provider_unavailable`.
 */
export async function purchase(env: PaymentsEnv, input: PurchaseInput, now: Millis): Promise<PurchaseAnswer> {
  const tokens = readTokenAmount(input.tokenAmount);
  const { claim } = input;
  const block = await findBlock(env.DB, input.walletId);
  if (block) throw accountBlocked(block.reason);
  const order = {
    id: newId(now),
    userId: input.userId,
    walletId: input.walletId,
    tokens,
    amountCents: tokens * TOKEN_CENTS,
    currency: CURRENCY,
    createdAt: now,
    nextCheckAt: now + FIRST_CHECK_MS,
  };
  const { orderId, lease, buyer } = await openOrder(env.DB, order, claim, now + LEASE_MS);
  if (!orderId) throw keyIsTaken(claim, lease, now);
  if (!buyer) throw new DomainError("unauthenticated", "This account does not exist any more.");

  const { customerId, checkout } = await openCheckout(env, { ...order, id: orderId }, buyer).catch(
    async (error: unknown) => {
      await giveUp(env, orderId, claim, error, now);
      throw error;
    },
  );
  const answer = { checkoutUrl: checkout.url, orderId };
  await env.DB.batch([
    recordCheckout(env.DB, orderId, checkout),
    ...(customerId === buyer.stripeCustomerId ? [] : [recordCustomer(env.DB, input.userId, customerId)]),
    ...closeLease(env.DB, claim),
    ...(await recordAnswer(env.DB, claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}

function readTokenAmount(amount: unknown): number {
  if (
    typeof amount === "number" &&
    Number.isInteger(amount) &&
    amount >= PURCHASE_MIN_TOKENS &&
    amount <= PURCHASE_MAX_TOKENS
  )
    return amount;
  throw new DomainError("invalid_token_amount", "Token amount must be between 100 and 100,000", {
    errors: [{ field: "tokenAmount", message: "must be a whole number between 100 and 100,000" }],
  });
}

function keyIsTaken(claim: IdempotencyClaim | null, lease: Lease | null, now: Millis): DomainError {
  if (lease && lease.bodyHash !== claim?.bodyHash)
    return new DomainError(
      "idempotency_key_reused",
      "This Idempotency-Key was used with another request body. Use a new key for a new request.",
    );
  return new DomainError(
    "idempotency_in_progress",
    "A request with this Idempotency-Key is on its way. Ask again in a moment.",
    {
      retryAfterSeconds: Math.max(1, Math.ceil(((lease?.leasedUntil ?? now) - now) / 1000)),
    },
  );
}

async function openCheckout(
  env: PaymentsEnv,
  order: { id: string; userId: string; tokens: number; amountCents: number; currency: string },
  buyer: Buyer,
): Promise<{ customerId: string; checkout: { id: string; url: string } }> {
  const stripe = await stripeClient(env);
  const pay = async (customerId: string) => ({
    customerId,
    checkout: await createCheckout(stripe, { ...order, orderId: order.id, customerId, webOrigin: env.WEB_ORIGIN }),
  });
  const person = { userId: order.userId, email: buyer.email };
  const first = await pay(buyer.stripeCustomerId ?? (await createCustomer(stripe, person, `customer:${order.id}`)));
  if (first.checkout) return { ...first, checkout: first.checkout };
  // The customer we had was deleted at Stripe, or belongs to another account (a stand-in before, the real one now).
  const second = await pay(await createCustomer(stripe, person, `customer:${order.id}:again`));
  if (second.checkout) return { ...second, checkout: second.checkout };
  throw new Error(`Stripe does not know the customer it has just made for order ${order.id}`);
}

/** A failed effect frees the key. Where Stripe may have opened the page after all, the order stays for the next try with
 * this key; without one nobody comes back, and cron closes it. */
async function giveUp(
  env: PaymentsEnv,
  orderId: string,
  claim: IdempotencyClaim | null,
  error: unknown,
  now: Millis,
): Promise<void> {
  if (error instanceof StripeUnavailable && error.isWorthRepeating) {
    if (claim) await endLease(env.DB, claim, now).run();
  } else await env.DB.batch([closeUnpaid(env.DB, orderId, "failed", null), ...closeLease(env.DB, claim)]);
}
