// The most a session can cost: what is set aside before it starts, and the cap each component is settled against.

import { DomainError } from "../errors.ts";
import { isTimeMeter, TIME_METERS, type PriceComponent } from "./components.ts";
import {
  decimal,
  formatAmount,
  formatDecimal,
  readMicro,
  roundUpToTokens,
  truncatedQuotient,
  type Decimal,
} from "./decimal.ts";
import { highestPriceOf } from "./price-of.ts";

/** No session may set aside more (1,000,000 USD at list price): past it a price is a typing error, not a price. */
export const HELD_TOKENS_MAX = 100_000_000;
/** Events held for where a price has a part per event and the provider did not say how many: one a minute. */
export const EVENTS_PER_HOUR_DEFAULT = 60;
const SECONDS_PER_HOUR = 3600n;

export interface ComponentHold {
  meter: string;
  /** The exact most this component can cost, in tokens (decimal text). Components never eat each other's part. */
  maxAmount: string;
  /** The most units of the meter (decimal text): the whole duration for time, whole units for reported meters. */
  capUnits: string;
}
export interface Hold {
  /** The sum of all `maxAmount`, rounded up once. */
  heldTokens: number;
  perComponent: ComponentHold[];
  /** Free seconds the session begins with; only where there are any. */
  trialSeconds?: number;
}

/**
 * What to hold for `durationSeconds` of active time: for each component the highest amount its price reaches for any use
 * up to its cap. An extension holds the difference of two such sums, which is never negative.
 * @param trialSeconds The first seconds of active time that cost nothing: time is priced from their end on, fixed parts
 *   of its price included. Reported meters know no trial.
 * @throws DomainError `pricing_unsupported` when that is more than `HELD_TOKENS_MAX`.
 */
export function holdFor(components: readonly PriceComponent[], durationSeconds: number, trialSeconds = 0): Hold {
  let sum = 0n;
  const paidSeconds = Math.max(0, durationSeconds - trialSeconds);
  const perComponent = components.map((component) => {
    const isFree = trialSeconds > 0 && paidSeconds === 0 && isTimeMeter(component.meter);
    const cap = capUnitsOf(component, isTimeMeter(component.meter) ? paidSeconds : durationSeconds);
    const events = unitsIn(decimal(String(component.holdEventsPerHour ?? EVENTS_PER_HOUR_DEFAULT)), durationSeconds);
    const most = isFree ? 0n : highestPriceOf(component.price, cap, events);
    sum += most;
    return { meter: component.meter, maxAmount: formatAmount(most), capUnits: formatDecimal(cap) };
  });
  const heldTokens = roundUpToTokens(sum);
  if (!(heldTokens <= HELD_TOKENS_MAX))
    throw new DomainError(
      "pricing_unsupported",
      `This price can reach more than ${HELD_TOKENS_MAX} tokens in ${durationSeconds} seconds. Lower it, or bound it with a max.`,
    );
  return { heldTokens, perComponent, ...(trialSeconds > 0 && { trialSeconds }) };
}

/** Caps of the reported meters in millionths of a unit, as the ledger counts them. */
export function capsMicro(hold: Hold): Record<string, number> {
  return Object.fromEntries(
    hold.perComponent
      .filter((component) => !isTimeMeter(component.meter))
      .map((component) => [component.meter, readMicro(component.capUnits)!]),
  );
}

/** Active time in units of a time meter, truncated at 1e-12. */
export const timeUnits = (meter: keyof typeof TIME_METERS, seconds: number): Decimal =>
  truncatedQuotient(seconds, TIME_METERS[meter]);

function capUnitsOf({ meter, holdPerHour, cap }: PriceComponent, durationSeconds: number): Decimal {
  if (isTimeMeter(meter)) return timeUnits(meter, durationSeconds);
  if (cap !== undefined) return decimal(cap);
  return unitsIn(decimal(String(holdPerHour ?? 0)), durationSeconds) * decimal("1");
}

/** Whole units for a duration at so many an hour: rounded up, at least 1, so that the shortest session allows one. */
function unitsIn(perHour: Decimal, durationSeconds: number): bigint {
  const scale = SECONDS_PER_HOUR * decimal("1");
  const units = (perHour * BigInt(durationSeconds) + scale - 1n) / scale;
  return units > 0n ? units : 1n;
}
