// Bundles: the more tokens at once, the less each costs. And the promise behind every discount and every promotion: the
// platform does not lose by it, even when the buyer spends every token at once.

import { DEFAULT_FEE_BASIS_POINTS, PURCHASE_MAX_TOKENS, splitFee, TOKEN_CENTS } from "../money.ts";
import { refused } from "../settings/kinds.ts";

export interface Bundle {
  /** From so many tokens on. */
  tokens: number;
  /** Off the list price, in basis points. */
  discountBasisPoints: number;
}

/** Below it, the fixed part of the card fee eats the platform's fee. */
export const DISCOUNT_MIN_TOKENS = 1_000;
/** No bundle and code together give more than 15 %: with a fee of 20 %, little more would be a loss. */
export const DISCOUNT_MAX_BASIS_POINTS = 1_500;
const BUNDLES_MAX = 12;
const BASIS = 10_000;

export const DEFAULT_BUNDLES: readonly Bundle[] = [
  { tokens: 500, discountBasisPoints: 0 },
  { tokens: 2_000, discountBasisPoints: 0 },
  { tokens: 5_000, discountBasisPoints: 300 },
  { tokens: 10_000, discountBasisPoints: 500 },
  { tokens: 50_000, discountBasisPoints: 1_000 },
];

/** The discount a purchase of this size gets by its size. */
export const bundleDiscount = (bundles: readonly Bundle[], tokens: number): number =>
  bundles.findLast((bundle) => bundle.tokens <= tokens)?.discountBasisPoints ?? 0;

/** The price after a discount, rounded up: the remainder is the platform's. */
export const discounted = (tokens: number, discountBasisPoints: number): number =>
  Number((BigInt(tokens * TOKEN_CENTS) * BigInt(BASIS - discountBasisPoints) + 9_999n) / 10_000n);

export interface CardFee {
  cardFeeBasisPoints: number;
  cardFeeFixedCents: number;
}

/** The highest VAT rate there is in Stripe Tax's countries (Hungary); the card fee is also taken of the tax. */
const TAX_MAX_BASIS_POINTS = 2_700;

/**
 * What is left for the platform, in cents, when every token of a purchase was spent: what was paid, less the card fee,
 * less the providers' shares at the default fee of 20 %. The card fee is rounded up.
 * @param bonusTokens Promotional tokens that come with the purchase; the platform pays providers for them too.
 * @param isTaxed Whether tax may come on top, of which Stripe also keeps its part.
 */
export function marginCents(
  it: { tokens: number; amountCents: number; bonusTokens?: number; isTaxed?: boolean },
  fee: CardFee,
): number {
  const taken = it.isTaxed ? Math.ceil((it.amountCents * (BASIS + TAX_MAX_BASIS_POINTS)) / BASIS) : it.amountCents;
  const cardFee = Math.ceil((taken * fee.cardFeeBasisPoints) / BASIS) + fee.cardFeeFixedCents;
  const { shareTokens } = splitFee(it.tokens + (it.bonusTokens ?? 0), DEFAULT_FEE_BASIS_POINTS);
  return it.amountCents - cardFee - shareTokens * TOKEN_CENTS;
}

/** The table as an operator sends it, smallest first. @throws SettingRefused */
export function readBundles(value: unknown): readonly Bundle[] {
  if (!Array.isArray(value) || value.length > BUNDLES_MAX) return refused(`must be a list of at most ${BUNDLES_MAX}`);
  const bundles = value.map(readBundle).toSorted((a, b) => a.tokens - b.tokens);
  for (const [index, bundle] of bundles.entries()) {
    const before = bundles[index - 1];
    if (before?.tokens === bundle.tokens) refused(`has two bundles of ${bundle.tokens} tokens`);
    if (before && before.discountBasisPoints > bundle.discountBasisPoints)
      refused(`must not give less from ${bundle.tokens} tokens than from ${before.tokens}`);
  }
  return bundles;
}

function readBundle(value: unknown): Bundle {
  const { tokens, discountBasisPoints: off } = (value ?? {}) as Partial<Record<keyof Bundle, unknown>>;
  if (!isWhole(tokens, 100, PURCHASE_MAX_TOKENS)) return refused("needs `tokens` from 100 to 100,000 in each row");
  if (!isWhole(off, 0, DISCOUNT_MAX_BASIS_POINTS))
    return refused(`needs \`discountBasisPoints\` from 0 to ${DISCOUNT_MAX_BASIS_POINTS} in each row`);
  if (off > 0 && tokens < DISCOUNT_MIN_TOKENS) return refused(`gives no discount under ${DISCOUNT_MIN_TOKENS} tokens`);
  return { tokens, discountBasisPoints: off };
}

const isWhole = (value: unknown, min: number, max: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;

/** Why this table would lose money somewhere, or null. It is thinnest where a bundle begins. */
export function losingBundle(
  bundles: readonly Bundle[],
  settings: CardFee & { taxEnabled: boolean },
): { tokens: number; cents: number } | null {
  for (const { tokens, discountBasisPoints } of bundles) {
    if (discountBasisPoints === 0) continue;
    const amountCents = discounted(tokens, discountBasisPoints);
    const cents = marginCents({ tokens, amountCents, isTaxed: settings.taxEnabled }, settings);
    if (cents < 0) return { tokens, cents };
  }
  return null;
}
