// Whole tokens and whole US cents. Every division names its rounding and who keeps the remainder.

/** List price of one token in US cents (contract section 2; a setting of the build, frozen into every settlement). */
export const TOKEN_CENTS = 1;
export const CURRENCY = "usd";
export const PURCHASE_MIN_TOKENS = 100;
export const PURCHASE_MAX_TOKENS = 100_000;
/** 20 %, shown before every start and on every receipt. */
export const DEFAULT_FEE_BASIS_POINTS = 2_000;
const BASIS = 10_000n;

/**
 * What a person pays whose plan gives back a part of the platform's fee. The provider's share is that of the full price;
 * the rebate is the platform's alone, rounded down. Never falls when the price rises, so a hold stays the most.
 * @param rebateBasisPoints Of the fee, 0 to 10,000.
 * @returns `feeTokens + shareTokens === paidTokens === grossTokens - rebateTokens`, always.
 */
export function splitPaid(grossTokens: number, feeBasisPoints: number, rebateBasisPoints: number) {
  const { feeTokens, shareTokens } = splitFee(grossTokens, feeBasisPoints);
  const rebateTokens = Number((BigInt(feeTokens) * BigInt(rebateBasisPoints)) / BASIS);
  return { paidTokens: grossTokens - rebateTokens, feeTokens: feeTokens - rebateTokens, shareTokens, rebateTokens };
}

/**
 * The platform's fee on what is charged of a use that a plan covers in part. Rounded down, so the remainder is the
 * provider's. With a rebate the fee is that part of the whole fee which was charged.
 * @param whole The split of all that was used, as `splitPaid` makes it.
 */
export function feeOfCharged(
  whole: { usedTokens: number; feeTokens: number },
  chargedTokens: number,
  feeBasisPoints: number,
  rebateBasisPoints: number,
): number {
  if (chargedTokens === whole.usedTokens) return whole.feeTokens;
  if (rebateBasisPoints === 0) return splitFee(chargedTokens, feeBasisPoints).feeTokens;
  return Number((BigInt(whole.feeTokens) * BigInt(chargedTokens)) / BigInt(whole.usedTokens));
}

/**
 * Split what was charged between platform and provider. The fee is rounded down, so the remainder is the provider's.
 * @returns `feeTokens + shareTokens === grossTokens`, always.
 */
export function splitFee(grossTokens: number, feeBasisPoints: number): { feeTokens: number; shareTokens: number } {
  const feeTokens = Number((BigInt(grossTokens) * BigInt(feeBasisPoints)) / BASIS);
  return { feeTokens, shareTokens: grossTokens - feeTokens };
}
