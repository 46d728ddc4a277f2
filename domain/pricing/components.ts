// An app's pricing: a list of components, each a meter with a price. `hour`, `minute` and `second` count active time; any
// other meter counts what the provider reports. parse-pricing.ts checks one; what is stored is trusted.

import { decimal, roundUpToTokens } from "./decimal.ts";
import { priceOf } from "./price-of.ts";
import type { Price, PriceModel } from "./price.ts";

export interface PriceComponent {
  meter: string;
  price: Price;
  /** Units to hold for, per hour of the duration asked. Reported meters only. */
  holdPerHour?: number;
  /** Reports to hold for, per hour; only where each report costs something of its own. Default 60. */
  holdEventsPerHour?: number;
  /** The most units of this meter in the whole session, whatever its length (decimal text). Only in the frozen price of a
   * session that was started with a provider's signed quote; a price version cannot have it. */
  cap?: string;
}

/** Seconds in one unit of each time meter. */
export const TIME_METERS = { hour: 3600, minute: 60, second: 1 } as const;
/** Takes the `amount`s of tokens a provider reports. */
export const TOKEN_METER = "token";

export const isTimeMeter = (meter: string): meter is keyof typeof TIME_METERS => Object.hasOwn(TIME_METERS, meter);

/** Meters the provider must report; a session with any waits a moment for the last reports before it settles. */
export const reportedMeters = (components: readonly PriceComponent[]): string[] =>
  components.filter((component) => !isTimeMeter(component.meter)).map((component) => component.meter);

export const hasTimeComponent = (components: readonly PriceComponent[]): boolean =>
  components.some((component) => isTimeMeter(component.meter));

/** `tokenRatePerHour: N` is short for one hour component at N a unit. */
export const hourlyPricing = (tokenRatePerHour: number): PriceComponent[] => [
  { meter: "hour", price: { model: "per_unit", unit: String(tokenRatePerHour) } },
];

/**
 * What the first hour of active time costs, in whole tokens, rounded up: N for N an hour, 60 x for x a minute.
 * @returns null where time is not priced (a flat price on a time meter is not a price of time).
 */
export function tokenRatePerHour(components: readonly PriceComponent[]): number | null {
  const timed = components.filter((component) => isTimeMeter(component.meter) && growsWithUse(component.price));
  if (timed.length === 0) return null;
  return roundUpToTokens(
    timed.reduce((sum, { meter, price }) => {
      const unitsAnHour = 3600 / TIME_METERS[meter as keyof typeof TIME_METERS];
      return sum + priceOf(price, { units: decimal(String(unitsAnHour)) });
    }, 0n),
  );
}

/**
 * What the first piece of work costs, in whole tokens, rounded up; of several meters the cheapest.
 * @returns null where nothing but time, or what the provider names in tokens, is charged.
 */
export function tokensPerAction(components: readonly PriceComponent[]): number | null {
  const priced = components.filter(({ meter }) => !isTimeMeter(meter) && meter !== TOKEN_METER);
  if (priced.length === 0) return null;
  return Math.min(...priced.map(({ price }) => roundUpToTokens(priceOf(price, { units: decimal("1") }))));
}

/** The models an app's pricing uses, for filters: the outer shape of each component, without repeats. */
export const pricingModels = (components: readonly PriceComponent[]): PriceModel[] => [
  ...new Set(components.map((component) => component.price.model)),
];

function growsWithUse(price: Price): boolean {
  if (price.model === "hybrid") return growsWithUse(price.over);
  return price.model === "bounded" ? growsWithUse(price.price) : price.model !== "flat";
}
