// What a purchase costs: the list price, less the discount of its size or of a promotion code, whichever gives more. Pure:
// the page that offers, the order that is made and the property tests all ask this one function.

import { DomainError } from "../errors.ts";
import { PURCHASE_MAX_TOKENS, PURCHASE_MIN_TOKENS, TOKEN_CENTS } from "../money.ts";
import { bundleDiscount, discounted, marginCents, type Bundle, type MarginSettings } from "./bundles.ts";

/** What a promotion code gives: one of the two is 0. */
export interface Promotion {
  code: string;
  discountBasisPoints: number;
  bonusTokens: number;
  /** Until bonus tokens expire, from the payment on. */
  bonusDays: number;
  tokensMin: number;
}

export interface PurchasePrice {
  tokens: number;
  listCents: number;
  /** What is charged, before tax. */
  amountCents: number;
  discountBasisPoints: number;
  /** What the discount comes from; null without one. */
  discountOf: "bundle" | "code" | null;
  /** Promotional tokens on top. */
  bonusTokens: number;
  promotion: Promotion | null;
}

/**
 * Price a purchase. A code and a bundle do not add up: the buyer gets the larger discount, and a code's bonus tokens come
 * on top of either.
 * @throws DomainError `promotion_not_valid` when the code asks for a larger purchase, or when with it the platform would
 *   lose money on this one (the card fee or the bundles have changed since the code was made).
 */
export function pricePurchase(
  tokens: number,
  promotion: Promotion | null,
  settings: MarginSettings & { bundles: readonly Bundle[] },
): PurchasePrice {
  if (promotion && tokens < promotion.tokensMin)
    throw new DomainError(
      "promotion_not_valid",
      `The code ${promotion.code} is for purchases of ${promotion.tokensMin.toLocaleString("en-US")} tokens or more.`,
      { minimumTokens: promotion.tokensMin },
    );
  const bySize = bundleDiscount(settings.bundles, tokens);
  const byCode = promotion?.discountBasisPoints ?? 0;
  const discountBasisPoints = Math.max(bySize, byCode);
  const price: PurchasePrice = {
    tokens,
    listCents: tokens * TOKEN_CENTS,
    amountCents: discounted(tokens, discountBasisPoints),
    discountBasisPoints,
    discountOf: discountBasisPoints === 0 ? null : byCode > bySize ? "code" : "bundle",
    bonusTokens: promotion?.bonusTokens ?? 0,
    promotion,
  };
  if (promotion && marginCents({ ...price, isTaxed: settings.taxEnabled }, settings) < 0)
    throw new DomainError("promotion_not_valid", `The code ${promotion.code} cannot be used for this amount.`);
  return price;
}

/**
 * Whole tokens that can be bought.
 * @throws DomainError `invalid_token_amount`: every other amount gets this one answer.
 */
export function readTokenAmount(amount: unknown): number {
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
