// The figures of the price calculator, from and to an address, and what they come to. Nothing here works a price out by
// itself: the quote does.

import { isTimeMeter, type PriceComponent } from "../../../domain/pricing/components.ts";
import { DURATION_MAX_SECONDS, DURATION_MIN_SECONDS } from "../../../sdk/src/protocol/session.ts";
import { holdFor } from "../../../domain/pricing/hold.ts";
import { quote, type Quote } from "../../../domain/pricing/quote.ts";

export interface Figures {
  /** Booked. */
  minutes: number;
  /** Of them used. */
  usedMinutes: number;
  /** By reported meter. */
  units: Record<string, number>;
}

export const MINUTES_MIN = DURATION_MIN_SECONDS / 60;
export const MINUTES_MAX = DURATION_MAX_SECONDS / 60;
const MINUTES_DEFAULT = 60;
/** Parameters of a unit lead with this, so that no meter's name can be taken for another parameter. */
const UNIT = "use.";

export const reportedOf = (pricing: readonly PriceComponent[]): PriceComponent[] =>
  pricing.filter(({ meter }) => !isTimeMeter(meter));

/** The most of each reported meter that a session of this length holds for. */
export const capsOf = (pricing: readonly PriceComponent[], minutes: number): Record<string, number> =>
  Object.fromEntries(
    holdFor(pricing, minutes * 60)
      .perComponent.filter(({ meter }) => !isTimeMeter(meter))
      .map(({ meter, capUnits }) => [meter, Number(capUnits)]),
  );

/** What an address asks for, each figure within what is possible; the rest stands at a middle use. */
export function readFigures(query: URLSearchParams, pricing: readonly PriceComponent[]): Figures {
  const minutes = whole(query.get("minutes"), MINUTES_MIN, MINUTES_MAX) ?? MINUTES_DEFAULT;
  const caps = capsOf(pricing, minutes);
  return {
    minutes,
    usedMinutes: whole(query.get("used"), 0, minutes) ?? Math.round(minutes / 2),
    units: Object.fromEntries(
      Object.entries(caps).map(([meter, cap]) => [
        meter,
        whole(query.get(UNIT + meter), 0, cap) ?? Math.floor(cap / 2),
      ]),
    ),
  };
}

/** The address of these figures. */
export function writeFigures({ minutes, usedMinutes, units }: Figures): string {
  const query = new URLSearchParams({ minutes: String(minutes), used: String(usedMinutes) });
  for (const [meter, count] of Object.entries(units)) query.set(UNIT + meter, String(count));
  return `?${query}`;
}

export function priceOfFigures(
  offer: { pricing: PriceComponent[]; feeBasisPoints: number },
  { minutes, usedMinutes, units }: Figures,
): Quote {
  const time: Record<string, string | number> = {
    hour: hours(usedMinutes),
    minute: usedMinutes,
    second: usedMinutes * 60,
  };
  const usage = Object.fromEntries(
    offer.pricing.map(({ meter }) => [meter, isTimeMeter(meter) ? time[meter] : (units[meter] ?? 0)]),
  );
  return quote({
    components: offer.pricing,
    feeBasisPoints: offer.feeBasisPoints,
    durationSeconds: minutes * 60,
    usage,
  });
}

/** Minutes as hours with twelve decimals, cut off as the clock's are. */
const hours = (minutes: number): string => {
  const scaled = (BigInt(minutes) * 10n ** 12n) / 60n;
  const digits = scaled.toString().padStart(13, "0");
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`;
};

function whole(text: string | null, min: number, max: number): number | null {
  const value = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isInteger(value) && value >= min && value <= max ? value : null;
}
