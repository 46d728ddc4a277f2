// Buying tokens: an order in our books, then a hosted Checkout page at Stripe. Nothing is credited here; that is
// reconcile.ts, once Stripe says paid.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { createCheckout, type CheckoutRequest } from "../gateways/stripe-checkout.ts";
import { StripeUnavailable } from "../gateways/stripe-errors.ts";
import { createCustomer, stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { recordAnswer, recordedAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { CURRENCY } from "../money.ts";
import type { Settings } from "../settings/definitions.ts";
import { readSettings } from "../settings/read-settings.ts";
import { accountBlocked, findBlock } from "../trust/block-store.ts";
import { readVelocity } from "../trust/store.ts";
import { freeCode } from "./free-code.ts";
import { pricePurchase, readTokenAmount, type PurchasePrice } from "./price-purchase.ts";
import { promotionLimitOf, useCode } from "./promotion-store.ts";
import { limitReached, readPromotion } from "./promotions.ts";
import { FIRST_CHECK_MS } from "./reconcile.ts";
import {
  closeLease,
  closeUnpaid,
  endLease,
  findOrder,
  openOrder,
  recordCheckout,
  recordCustomer,
  type Buyer,
  type Lease,
  type NewOrder,
  type Opened,
} from "./store.ts";

/** Longer than the calls to Stripe can take, tries and pauses included; contract section 1. */
export const LEASE_MS = 60_000;

export interface PurchaseInput {
  userId: string;
  walletId: string;
  /** As it came: every amount that cannot be bought gets the same answer. */
  tokenAmount: unknown;
  promotionCode: string | null;
  /** The buyer agreed that the card is kept and charged later. */
  saveCard: boolean;
  claim: IdempotencyClaim | null;
}
export interface PurchaseAnswer {
  checkoutUrl: string;
  orderId: string;
}
export type PaymentsEnv = StripeEnv & { DB: D1Database; WEB_ORIGIN: string };

/**
 * Open an order and the page that takes its payment. The price is fixed here: discount, promotion and whether tax is added
 * stand in the order, whatever the settings become.
 *
 * Idempotent by `claim`. Around the calls to Stripe the key is leased: a second request with it meanwhile is refused, one
 * after the lease goes on with the same order and the same key at Stripe, so that a lost answer opens no second page.
 * @throws DomainError `invalid_token_amount`; `account_blocked`; `promotion_not_valid`; `idempotency_in_progress` (also when the key was
 *   answered already, which the caller looks up first); `idempotency_key_reused`; `payment_provider_unavailable`.
 */
export async function purchase(env: PaymentsEnv, input: PurchaseInput, now: Millis): Promise<PurchaseAnswer> {
  const tokens = readTokenAmount(input.tokenAmount);
  const settings = await readSettings(env.DB, now);
  const promotion = input.promotionCode ? await readPromotion(env.DB, input.promotionCode, now) : null;
  const price = pricePurchase(tokens, promotion, settings);
  const { claim } = input;
  const block = await findBlock(env.DB, input.walletId);
  // Who owes after a lost dispute pays it back by buying: the tokens cover the debt first.
  if (block && block.reason !== "dispute_lost") throw accountBlocked(block.reason);
  await assertNotTooMany(env.DB, input.userId, settings, now);
  const fresh = newOrder(input, price, settings, now);
  const { orderId, lease, buyer } = await openWithPromotion(env, { order: fresh, price, claim }, now);
  if (!orderId) throw keyIsTaken(claim, lease, now);
  if (!buyer) throw new DomainError("unauthenticated", "This account does not exist any more.");
  // Gone on with after a lost answer: at the price it was begun with.
  const begun = orderId === fresh.id ? null : await findOrder(env.DB, orderId);
  const order = begun ?? { ...fresh, bonusTokens: price.bonusTokens };

  const { customerId, checkout } = await openCheckout(env, { ...order, ...termsOf(settings) }, buyer).catch(
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

export function newOrder(
  input: Pick<PurchaseInput, "userId" | "walletId" | "saveCard">,
  price: PurchasePrice,
  settings: Settings,
  now: Millis,
): NewOrder {
  return {
    id: newId(now),
    userId: input.userId,
    walletId: input.walletId,
    tokens: price.tokens,
    listCents: price.listCents,
    amountCents: price.amountCents,
    currency: CURRENCY,
    taxMode: settings.taxEnabled ? "added" : "none",
    saveCard: input.saveCard ? 1 : 0,
    source: price.discountOf === "bundle" ? "bundle" : "purchase",
    seller: JSON.stringify({
      name: settings.sellerName,
      address: settings.sellerAddress,
      taxId: settings.sellerTaxId,
      invoicePrefix: settings.invoicePrefix,
    }),
    createdAt: now,
    nextCheckAt: now + FIRST_CHECK_MS,
  };
}

/** Write the order and the use of its code. A use this person left lying on an unpaid page is taken back first. */
async function openWithPromotion(
  env: PaymentsEnv,
  it: { order: NewOrder; price: PurchasePrice; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<Opened> {
  const { order, claim } = it;
  const { promotion } = it.price;
  const { userId } = order;
  const open = () => {
    const uses = promotion ? [useCode(env.DB, order.id, { promotion, userId, bonusLotId: newId(now) }, now)] : [];
    return openOrder(env.DB, order, claim, now + LEASE_MS, uses).catch((error: unknown) => {
      const limit = promotionLimitOf(error);
      throw limit ? limitReached(limit) : error;
    });
  };
  if (!promotion) return open();
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "promotion_not_valid") throw error;
    // A repeat of a request that was answered ran into its own use of the code: the caller gives that answer.
    if (claim && (await recordedAnswer(env.DB, claim))) throw error;
    if (!(await freeCode(env, { userId, code: promotion.code, staleBefore: now - LEASE_MS }, now))) throw error;
    return open();
  }
}

/** Somebody who opens page after page, or tries card after card, is not buying. */
async function assertNotTooMany(db: D1Database, userId: string, settings: Settings, now: Millis): Promise<void> {
  const { opened, declined } = await readVelocity(db, userId, now);
  if (opened < settings.purchasesPerHourMax && declined < settings.declinesPerHourMax) return;
  throw new DomainError(
    "rate_limited",
    "You tried to buy many times within an hour. Nothing was charged; try again later, or write to us.",
    { retryAfterSeconds: 60 * 60 },
  );
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

export type ToPay = Omit<NewOrder, "seller" | "source"> & {
  bonusTokens: number;
  taxCode: string;
  takesStripeCodes: boolean;
};

/** What of a page is decided when it is opened, and not by its order. */
export const termsOf = (settings: Settings): Pick<ToPay, "taxCode" | "takesStripeCodes"> => ({
  taxCode: settings.taxCode,
  takesStripeCodes: settings.stripePromotionCodes,
});

/** The page that takes an order's payment, on a customer of the buyer. Repeating it gives the same page. */
export async function openCheckout(
  env: PaymentsEnv,
  order: ToPay,
  buyer: Buyer,
): Promise<{ customerId: string; checkout: { id: string; url: string } }> {
  const stripe = await stripeClient(env);
  const request: Omit<CheckoutRequest, "customerId"> = {
    orderId: order.id,
    tokens: order.tokens,
    listCents: order.listCents ?? order.amountCents,
    amountCents: order.amountCents,
    bonusTokens: order.bonusTokens,
    currency: order.currency,
    taxCode: order.taxMode === "added" ? order.taxCode : null,
    saveCard: order.saveCard === 1,
    takesStripeCodes: order.takesStripeCodes,
    webOrigin: env.WEB_ORIGIN,
  };
  const pay = async (customerId: string) => ({
    customerId,
    checkout: await createCheckout(stripe, { ...request, customerId }),
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
