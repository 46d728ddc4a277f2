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

/** Up to 10,000 tokens each costs its cent; only what a business buys is cheaper. */
export const DEFAULT_BUNDLES: readonly Bundle[] = [
  { tokens: 500, discountBasisPoints: 0 },
  { tokens: 1_000, discountBasisPoints: 0 },
  { tokens: 2_500, discountBasisPoints: 0 },
  { tokens: 5_000, discountBasisPoints: 0 },
  { tokens: 10_000, discountBasisPoints: 0 },
  { tokens: 25_000, discountBasisPoints: 300 },
  { tokens: 50_000, discountBasisPoints: 600 },
  { tokens: 100_000, discountBasisPoints: 1_000 },
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

/** What the three roundings of `marginCents` can take from the exact figure: card fee, tax and providers' shares. */
const ROUNDING_CENTS = 3n;

export interface Discounts {
  discountBasisPoints: number;
  bonusTokens: number;
}
export type MarginSettings = CardFee & { taxEnabled: boolean };

/**
 * Whether no purchase from `from` to `to` tokens can lose by these discounts. The exact margin is a straight line over the
 * tokens, so its two ends tell for all between; the roundings are allowed for.
 */
export function neverLoses(range: { from: number; to: number }, it: Discounts, settings: MarginSettings): boolean {
  return [range.from, range.to].every((tokens) => exactMargin(tokens, it, settings) >= 0n);
}

/** In cents x 10^12, less the roundings. */
function exactMargin(tokens: number, it: Discounts, settings: MarginSettings): bigint {
  const [cents, basis] = [BigInt(tokens * TOKEN_CENTS), BigInt(BASIS)];
  const taxed = settings.taxEnabled ? basis + BigInt(TAX_MAX_BASIS_POINTS) : basis;
  const kept = basis * basis - taxed * BigInt(settings.cardFeeBasisPoints);
  const amount = cents * (basis - BigInt(it.discountBasisPoints)) * kept;
  const shares =
    (cents + BigInt(it.bonusTokens * TOKEN_CENTS)) * (basis - BigInt(DEFAULT_FEE_BASIS_POINTS)) * basis * basis;
  return amount - shares - (BigInt(settings.cardFeeFixedCents) + ROUNDING_CENTS) * basis ** 3n;
}

/** Sizes over which one row of the table decides: up to just below the next. */
export function bundleRanges(bundles: readonly Bundle[]): { from: number; to: number; discountBasisPoints: number }[] {
  return bundles.map(({ tokens, discountBasisPoints }, index) => ({
    from: tokens,
    to: (bundles[index + 1]?.tokens ?? PURCHASE_MAX_TOKENS + 1) - 1,
    discountBasisPoints,
  }));
}

/** The first bundle of the table that could lose money somewhere in its range, or null. */
export function losingBundle(bundles: readonly Bundle[], settings: MarginSettings): number | null {
  const losing = bundleRanges(bundles).find(
    ({ discountBasisPoints, ...range }) =>
      discountBasisPoints > 0 && !neverLoses(range, { discountBasisPoints, bonusTokens: 0 }, settings),
  );
  return losing?.from ?? null;
}
