// A slow, obvious pricer to compare with: whole units, one at a time, in JavaScript's own BigInt over one common scale.

import type { UnitTier } from "../../../domain/pricing/price.ts";

const SCALE = 10n ** 24n;

function scaled(text: string): bigint {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(whole! + fraction) * 10n ** BigInt(24 - fraction.length);
}

const tierHolding = (tiers: readonly UnitTier[], unit: number): UnitTier =>
  tiers.find((tier) => tier.up_to === null || unit <= Number(tier.up_to))!;

/** Buys one unit after the other, each at the price of the tier it falls in; a tier's flat part with its first unit. */
export function graduatedUnitByUnit(tiers: readonly UnitTier[], units: number): bigint {
  const reached = new Set<UnitTier>([tiers[0]!]);
  let sum = 0n;
  for (let unit = 1; unit <= units; unit++) {
    const tier = tierHolding(tiers, unit);
    reached.add(tier);
    sum += scaled(tier.unit ?? "0");
  }
  for (const tier of reached) sum += scaled(tier.flat ?? "0");
  return sum;
}

/** Every unit at the price of the tier the last one falls in. */
export function volumeUnitByUnit(tiers: readonly UnitTier[], units: number): bigint {
  const tier = tierHolding(tiers, units);
  let sum = scaled(tier.flat ?? "0");
  for (let unit = 1; unit <= units; unit++) sum += scaled(tier.unit ?? "0");
  return sum;
}

export const wholeTokensUp = (sum: bigint): number => Number(sum / SCALE) + (sum % SCALE === 0n ? 0 : 1);
