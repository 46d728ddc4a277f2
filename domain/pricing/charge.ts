// What a session is charged: the exact amounts of its components, each within its own hold, added up and rounded up once.
// The same function prices the running figure, the settlement, the quote and the receipt.

import { isTimeMeter, type PriceComponent } from "./components.ts";
import { amount, decimal, formatAmount, formatDecimal, fromMicro, least, roundUpToTokens } from "./decimal.ts";
import { timeUnits, type Hold } from "./hold.ts";
import { needsEvents, priceOf, type Use } from "./price-of.ts";

export interface MeteredUse {
  /** Whole seconds of active time: floor(activeMs / 1000). */
  activeSeconds: number;
  /** Sums of accepted reports by meter, in millionths of a unit. Meters without a component cost nothing. */
  unitsMicro?: Readonly<Record<string, number>>;
  /** The single accepted reports in their order, in millionths; only where `needsReports(components)`. */
  eventsMicro?: Readonly<Record<string, readonly number[]>>;
}

export interface ChargeLine {
  meter: string;
  /** Units charged for (decimal text). */
  quantity: string;
  /** Exact tokens, after the cap (decimal text, up to 24 decimals). */
  amount: string;
  /** The component's hold, where it cut the amount; otherwise null. */
  cappedAt: string | null;
}
export interface Charge {
  /** Whole tokens: never more than the hold, never less than the exact sum. */
  usedTokens: number;
  lines: ChargeLine[];
}

/** True where settlement must read the single reports, not only their sums. */
export const needsReports = (components: readonly PriceComponent[]): boolean =>
  components.some((component) => needsEvents(component.price));

/**
 * Charge a started session. Fixed parts (a flat price, a hybrid's base, a first tier's flat, a lower bound) are due once
 * it has started, even when no time passed and nothing was reported; a session that never started is not charged at all,
 * and `provider_error` captures nothing: both are the caller's to know.
 */
export function charge(components: readonly PriceComponent[], use: MeteredUse, hold: Hold): Charge {
  return chargeUses(
    components,
    components.map((component) => useOfComponent(component, use, hold.trialSeconds ?? 0)),
    hold,
  );
}

/** As `charge`, from the use of each component in the order of `components`; time is what is left after a trial. */
export function chargeUses(components: readonly PriceComponent[], uses: readonly Use[], hold: Hold): Charge {
  let sum = 0n;
  const lines = components.map((component, index) => {
    const use = uses[index]!;
    // While a trial lasts time costs nothing, its fixed parts included.
    const isFree = hold.trialSeconds !== undefined && use.units === 0n && isTimeMeter(component.meter);
    const exact = isFree ? 0n : priceOf(component.price, use);
    const most = amount(hold.perComponent[index]!.maxAmount);
    const charged = least(exact, most);
    sum += charged;
    return {
      meter: component.meter,
      quantity: formatDecimal(use.units),
      amount: formatAmount(charged),
      cappedAt: exact > most ? formatAmount(most) : null,
    };
  });
  return { usedTokens: roundUpToTokens(sum), lines };
}

function useOfComponent(
  { meter }: PriceComponent,
  { activeSeconds, unitsMicro, eventsMicro }: MeteredUse,
  trialSeconds: number,
): Use {
  if (isTimeMeter(meter)) return { units: timeUnits(meter, Math.max(0, activeSeconds - trialSeconds)) };
  const units = unitsMicro && Object.hasOwn(unitsMicro, meter) ? fromMicro(unitsMicro[meter]!) : decimal("0");
  const events = eventsMicro && Object.hasOwn(eventsMicro, meter) ? eventsMicro[meter]!.map(fromMicro) : undefined;
  return { units, ...(events && { events }) };
}
