// What an app would cost somebody in a month, by the engine that settles sessions: the use they told, cut into sessions, each
// charged as a session is, times how often it comes. No other code of the chat knows a number.

import { assert } from "../../errors.ts";
import { TOKEN_CENTS } from "../../money.ts";
import { charge } from "../../pricing/charge.ts";
import { isTimeMeter, type PriceComponent } from "../../pricing/components.ts";
import { decimal, formatAmount, greatest } from "../../pricing/decimal.ts";
import { holdFor } from "../../pricing/hold.ts";
import { priceOf } from "../../pricing/price-of.ts";
import { quote } from "../../pricing/quote.ts";
import { DURATION_MAX_SECONDS, DURATION_MIN_SECONDS } from "../../../sdk/src/protocol/session.ts";
import { timesAMonth, type Budget, type Range, type UnitUse, type Use } from "./slots.ts";
import { unitsOfMeter } from "./unit-names.ts";

const HOUR_SECONDS = 3_600;
/**
 * Where nobody said how long a session is, both are counted and the estimate spans them: prices with a fixed part, free
 * minutes or tiers differ by it, plain ones do not.
 */
const SESSION_SECONDS = [HOUR_SECONDS, DURATION_MAX_SECONDS] as const;
const MICRO = 1_000_000;

export interface Estimate {
  /**
   * `use`: what this use is charged. `most`: what an app counts was not told, so this is the most such sessions can come to;
   * `lowTokens` then is what is due whatever is used.
   */
  basis: "use" | "most";
  /** A month, whole tokens, rounded up. */
  lowTokens: number;
  highTokens: number;
  lowCents: number;
  highCents: number;
  /** How long a session was taken to be, where nobody said it and it makes a difference; seconds. */
  assumedSessionSeconds: number[];
  /** Meters this leaves out because nobody said how much: each comes on top, at so much for one more (decimal text). */
  leftOut: { meter: string; unitTokens: string }[];
}

/** @returns null where the use cannot be priced here: the app counts something else, or there is no use. */
export function monthlyEstimate(components: readonly PriceComponent[], use: Use | null): Estimate | null {
  if (!use) return null;
  return use.kind === "time" ? ofTime(components, use) : ofUnits(components, use);
}

/** The most one hour can cost: what the price box would hold for it. */
export const mostAnHour = (components: readonly PriceComponent[]): number =>
  holdFor(components, HOUR_SECONDS).heldTokens;

/** How an estimate, or the price itself, stands to what somebody would spend. Null: it cannot be said. */
export type BudgetVerdict = "inside" | "maybe" | "over" | null;

export function againstBudget(
  app: { components: readonly PriceComponent[]; tokenRatePerHour: number | null },
  estimate: Estimate | null,
  budget: Budget | null,
): BudgetVerdict {
  if (!budget) return null;
  if (budget.per === "hour") {
    if (app.tokenRatePerHour !== null && app.components.every(({ meter }) => isTimeMeter(meter)))
      return app.tokenRatePerHour <= budget.tokens ? "inside" : "over";
    return mostAnHour(app.components) <= budget.tokens ? "inside" : "maybe";
  }
  if (budget.per === "session") return mostAnHour(app.components) <= budget.tokens ? "inside" : "maybe";
  if (budget.per === "unit") {
    const counted = app.components.find(({ meter }) => !isTimeMeter(meter));
    return counted ? (Number(oneMore(app.components, counted)) <= budget.tokens ? "inside" : "over") : null;
  }
  if (!estimate) return null;
  const { numerator, denominator } = timesAMonth({ count: 1, unit: budget.per });
  // The month's budget in tokens, compared without a division: both sides times the denominator.
  const most = budget.tokens * numerator;
  if (estimate.highTokens * denominator <= most && estimate.leftOut.length === 0) return "inside";
  if (estimate.lowTokens * denominator > most) return "over";
  return "maybe";
}

function ofTime(components: readonly PriceComponent[], use: Extract<Use, { kind: "time" }>): Estimate {
  const minutes = use.minutes ?? { min: 60, max: 60 };
  const sessionsOf = (edge: keyof Range, longest: number): Sessions => {
    const times = use.times?.[edge] ?? 1;
    const seconds = Math.ceil(minutes[edge] * 60);
    const pieces = Math.ceil(seconds / longest);
    return { number: times * pieces, seconds: Math.ceil(seconds / pieces) };
  };
  const counted = components.filter(({ meter }) => !isTimeMeter(meter));
  // An app that only counts pieces cannot be priced by time: what is sure is its fixed part and its hold.
  const basis = counted.length > 0 && counted.length === components.length ? "most" : "use";
  const longest = use.times ? [DURATION_MAX_SECONDS] : SESSION_SECONDS;
  const tokens = longest.flatMap((seconds) =>
    (["min", "max"] as const).map((edge) => {
      const sessions = sessionsOf(edge, seconds);
      const hold = holdFor(components, Math.max(sessions.seconds, DURATION_MIN_SECONDS));
      const used = charge(components, { activeSeconds: sessions.seconds }, hold).usedTokens;
      return {
        low: monthly(used, sessions.number, use),
        high: monthly(basis === "most" ? hold.heldTokens : used, sessions.number, use),
        edge,
        longest: seconds,
      };
    }),
  );
  const isSplit = tokens.some((one) => tokens.some((other) => other.edge === one.edge && other.high !== one.high));
  return estimateOf({
    basis,
    low: Math.min(...tokens.map(({ low }) => low)),
    high: Math.max(...tokens.map(({ high }) => high)),
    assumedSessionSeconds: use.times && !use.minutes ? [HOUR_SECONDS] : isSplit ? [...SESSION_SECONDS] : [],
    leftOut: basis === "most" ? [] : counted.map((component) => leftOut(components, component)),
  });
}

function ofUnits(components: readonly PriceComponent[], use: UnitUse): Estimate | null {
  const matched = components.find(({ meter }) => !isTimeMeter(meter) && unitsOfMeter(meter, use.unit, 1) !== null);
  if (!matched) return null;
  const { meter } = matched;
  const tokens = SESSION_SECONDS.flatMap((seconds) =>
    (["min", "max"] as const).map((edge) => {
      const units = unitsOfMeter(meter, use.unit, use.units[edge])!;
      const hold = holdFor(components, seconds);
      const cap = Number(hold.perComponent[components.indexOf(matched)]!.capUnits);
      const sessions = Math.max(1, Math.ceil(units / cap));
      const unitsMicro = Math.ceil((units / sessions) * MICRO);
      const used = charge(
        components,
        { activeSeconds: 0, unitsMicro: { [meter]: unitsMicro }, eventsMicro: { [meter]: [unitsMicro] } },
        hold,
      ).usedTokens;
      return { tokens: monthly(used, sessions, use), edge };
    }),
  );
  const isSplit = tokens.some((one) => tokens.some((other) => other.edge === one.edge && other.tokens !== one.tokens));
  return estimateOf({
    basis: "use",
    low: Math.min(...tokens.map((one) => one.tokens)),
    high: Math.max(...tokens.map((one) => one.tokens)),
    assumedSessionSeconds: isSplit ? [...SESSION_SECONDS] : [],
    leftOut: components
      .filter((component) => component !== matched && component.price.model !== "flat")
      .map((component) => leftOut(components, component)),
  });
}

interface Sessions {
  /** In one period. */
  number: number;
  seconds: number;
}

/** Tokens of so many equal sessions a period, in a month: a whole number, rounded up. */
function monthly(sessionTokens: number, sessions: number, { every }: Use): number {
  const { numerator, denominator } = timesAMonth(every);
  // Times can be a fraction only where somebody wrote one ("1.5 times a week"); thousandths are enough.
  const thousandths = BigInt(Math.round(sessions * 1000));
  const over = BigInt(denominator) * 1000n;
  return Number((BigInt(sessionTokens) * thousandths * BigInt(numerator) + over - 1n) / over);
}

function estimateOf(of: {
  basis: Estimate["basis"];
  low: number;
  high: number;
  assumedSessionSeconds: number[];
  leftOut: Estimate["leftOut"];
}): Estimate {
  const { low, high, ...rest } = of;
  return {
    ...rest,
    lowTokens: low,
    highTokens: high,
    lowCents: low * TOKEN_CENTS,
    highCents: high * TOKEN_CENTS,
  };
}

const leftOut = (components: readonly PriceComponent[], component: PriceComponent): Estimate["leftOut"][number] => ({
  meter: component.meter,
  unitTokens: oneMore(components, component),
});

/** What one more unit costs: the first one, or where first ones are included, one at the end of an hour's hold. */
export function oneMore(components: readonly PriceComponent[], { meter, price }: PriceComponent): string {
  const { lines } = quote({ components, feeBasisPoints: 0, durationSeconds: HOUR_SECONDS });
  const line = lines.find((one) => one.meter === meter);
  assert(line, "a component of this price");
  if (Number(line.adds.amount) > 0 || isTimeMeter(meter)) return line.adds.amount;
  const cap = decimal(line.capUnits);
  return formatAmount(
    greatest(0n, priceOf(price, { units: cap }) - priceOf(price, { units: greatest(0n, cap - decimal("1")) })),
  );
}
