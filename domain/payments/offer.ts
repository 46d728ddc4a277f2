// What a buyer is offered before they pay: the sizes there are, and what one purchase would cost exactly.

import type { Millis } from "../clock.ts";
import { CURRENCY, PURCHASE_MAX_TOKENS, PURCHASE_MIN_TOKENS, TOKEN_CENTS } from "../money.ts";
import { readSettings } from "../settings/read-settings.ts";
import { discounted } from "./bundles.ts";
import { pricePurchase, readTokenAmount, type PurchasePrice } from "./price-purchase.ts";
import { readPromotion } from "./promotions.ts";

export interface Money {
  amount: number;
  currency: string;
}
export interface Offer {
  tokenAmount: number;
  listPrice: Money;
  /** What is charged, before tax. */
  price: Money;
  discountBasisPoints: number;
  discountOf: "bundle" | "code" | null;
  bonusTokens: number;
  /** Until the bonus expires, from the payment on; null without one. */
  bonusDays: number | null;
}
export interface Offers {
  bundles: Offer[];
  /** What was asked for. */
  offer: Offer | null;
  minTokens: number;
  maxTokens: number;
  /** Whether Stripe adds tax on its page. */
  taxIsAdded: boolean;
}

/**
 * The bundles, and the price of one amount with or without a code: `purchase` asks the same function.
 * @throws DomainError `invalid_token_amount`, `promotion_not_valid`.
 */
export async function readOffers(
  db: D1Database,
  asked: { tokenAmount: number | null; promotionCode: string | null },
  now: Millis,
): Promise<Offers> {
  const settings = await readSettings(db, now);
  const promotion = asked.promotionCode ? await readPromotion(db, asked.promotionCode, now) : null;
  return {
    bundles: settings.bundles.map(({ tokens, discountBasisPoints }) =>
      offerOf({
        tokens,
        listCents: tokens * TOKEN_CENTS,
        amountCents: discounted(tokens, discountBasisPoints),
        discountBasisPoints,
        discountOf: discountBasisPoints > 0 ? "bundle" : null,
        bonusTokens: 0,
        promotion: null,
      }),
    ),
    offer:
      asked.tokenAmount === null
        ? null
        : offerOf(pricePurchase(readTokenAmount(asked.tokenAmount), promotion, settings)),
    minTokens: PURCHASE_MIN_TOKENS,
    maxTokens: PURCHASE_MAX_TOKENS,
    taxIsAdded: settings.taxEnabled,
  };
}

const offerOf = (price: PurchasePrice): Offer => ({
  tokenAmount: price.tokens,
  listPrice: { amount: price.listCents, currency: CURRENCY },
  price: { amount: price.amountCents, currency: CURRENCY },
  discountBasisPoints: price.discountBasisPoints,
  discountOf: price.discountOf,
  bonusTokens: price.bonusTokens,
  bonusDays: price.bonusTokens > 0 ? (price.promotion?.bonusDays ?? null) : null,
});
