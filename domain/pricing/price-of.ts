// What a price comes to for a use, exactly, and the most it can come to. Pure arithmetic; rounding happens once, later,
// over the sum of all components (charge.ts). Formulas and their published examples: docs/pricing.md.

import {
  asAmount,
  decimal,
  greatest,
  least,
  packagesFor,
  percentOf,
  times,
  type Amount,
  type Decimal,
} from "./decimal.ts";
import type { PercentagePrice, Price, UnitTier } from "./price.ts";

/** How much was used. `events` are the single reports in their order; only `percentage` needs them. */
export interface Use {
  units: Decimal;
  events?: readonly Decimal[];
}

/** A use from decimal text; `units` defaults to the sum of the events' amounts. */
export function useOf(text: { units?: string; events?: readonly { amount: string }[] }): Use {
  const events = text.events?.map((event) => decimal(event.amount));
  const units = text.units === undefined ? (events ?? []).reduce((sum, one) => sum + one, 0n) : decimal(text.units);
  return { units, ...(events && { events }) };
}

/** The exact amount of tokens `use` costs at `price`. Without `events` the units count as one event. */
export function priceOf(price: Price, use: Use): Amount {
  const { units } = use;
  switch (price.model) {
    case "flat":
      return asAmount(decimal(price.amount));
    case "per_unit":
      return times(units, decimal(price.unit));
    case "package": {
      const charged = greatest(0n, units - decimal(price.free ?? "0"));
      return packagesFor(charged, decimal(price.size), price.round ?? "up") * asAmount(decimal(price.amount));
    }
    case "graduated":
      return sumOverTiers(price.tiers, units, (inTier, tier, isFirst) =>
        // The first tier's flat part is due even at 0 units: it is the price of having the plan.
        inTier > 0n || isFirst ? times(inTier, decimal(tier.unit ?? "0")) + asAmount(decimal(tier.flat ?? "0")) : 0n,
      );
    case "graduated_percentage":
      return sumOverTiers(price.tiers, units, (inTier, tier) =>
        inTier > 0n ? percentOf(inTier, decimal(tier.rate ?? "0")) + asAmount(decimal(tier.flat ?? "0")) : 0n,
      );
    case "volume": {
      const tier = tierOf(price.tiers, units);
      return times(units, decimal(tier.unit ?? "0")) + asAmount(decimal(tier.flat ?? "0"));
    }
    case "percentage":
      return percentageOf(price, use.events ?? (units > 0n ? [units] : []));
    case "dynamic":
      return asAmount(units);
    case "hybrid":
      return (
        asAmount(decimal(price.base ?? "0")) +
        priceOf(price.over, { units: greatest(0n, units - decimal(price.included ?? "0")) })
      );
    case "bounded":
      return clamp(priceOf(price.price, use), price.min, price.max);
  }
}

/**
 * The most `price` can come to for any use of 0 to `units`, in at most `events` events. Not `priceOf(price, units)`: a
 * volume price falls at a boundary, so just below it the bill is higher than above.
 */
export function highestPriceOf(price: Price, units: Decimal, events: bigint): Amount {
  switch (price.model) {
    case "flat":
    case "per_unit":
    case "package":
    case "graduated":
    case "graduated_percentage":
    case "dynamic":
      return priceOf(price, { units });
    case "volume": {
      // Inside a tier the bill never falls, so the highest one is at a bound or at the end.
      const bounds = price.tiers.flatMap((tier) => (tier.up_to === null ? [] : [decimal(tier.up_to)]));
      return [0n, ...bounds.filter((bound) => bound < units), units]
        .map((at) => priceOf(price, { units: at }))
        .reduce(greatest);
    }
    case "percentage": {
      // Free events can be spent on events of nothing, so only a free amount without them is sure to lower the bill.
      const free = price.free_events === undefined ? decimal(price.free_amount ?? "0") : 0n;
      const perEvent = greatest(decimal(price.fixed ?? "0"), decimal(price.min ?? "0"));
      return percentOf(greatest(0n, units - free), decimal(price.rate)) + asAmount(perEvent) * events;
    }
    case "hybrid":
      return (
        asAmount(decimal(price.base ?? "0")) +
        highestPriceOf(price.over, greatest(0n, units - decimal(price.included ?? "0")), events)
      );
    case "bounded":
      return clamp(highestPriceOf(price.price, units, events), price.min, price.max);
  }
}

/** True where the bill depends on the single reports, not only on their sum. */
export function needsEvents(price: Price): boolean {
  return price.model === "percentage" || (price.model === "bounded" && needsEvents(price.price));
}

function sumOverTiers<Tier extends { up_to: string | null }>(
  tiers: readonly Tier[],
  units: Decimal,
  amountIn: (inTier: Decimal, tier: Tier, isFirst: boolean) => Amount,
): Amount {
  let below = 0n;
  let sum = 0n;
  for (const [index, tier] of tiers.entries()) {
    const upTo = tier.up_to === null ? units : least(units, decimal(tier.up_to));
    sum += amountIn(greatest(0n, upTo - below), tier, index === 0);
    if (tier.up_to !== null) below = decimal(tier.up_to);
  }
  return sum;
}

/** Upper bounds are inclusive; a fraction above one falls in the next tier. */
function tierOf(tiers: readonly UnitTier[], units: Decimal): UnitTier {
  return tiers.find((tier) => tier.up_to === null || units <= decimal(tier.up_to)) ?? tiers.at(-1)!;
}

function percentageOf(price: PercentagePrice, events: readonly Decimal[]): Amount {
  const rate = decimal(price.rate);
  const fixed = asAmount(decimal(price.fixed ?? "0"));
  const hasFree = price.free_events !== undefined || price.free_amount !== undefined;
  let freeEvents = hasFree ? (price.free_events ?? Infinity) : 0;
  let freeAmount = price.free_amount === undefined ? null : decimal(price.free_amount);
  let sum = 0n;
  for (const event of events) {
    // Free while both limits hold; the event that crosses the free amount pays for the part beyond it.
    const isFree = freeEvents > 0 && (freeAmount === null || freeAmount > 0n);
    const freePart = !isFree ? 0n : freeAmount === null ? event : least(event, freeAmount);
    freeEvents -= 1;
    if (freeAmount !== null) freeAmount -= freePart;
    if (isFree && freePart === event) continue;
    sum += clamp(percentOf(event - freePart, rate) + fixed, price.min, price.max);
  }
  return sum;
}

function clamp(value: Amount, min: string | undefined, max: string | undefined): Amount {
  const raised = min === undefined ? value : greatest(value, asAmount(decimal(min)));
  return max === undefined ? raised : least(raised, asAmount(decimal(max)));
}
