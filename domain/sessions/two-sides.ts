// The two-sided meter: what the provider's server reported is compared with what the person's page saw. Inside the tolerance
// the reports settle; outside it the part both agree on settles, and the rest is a slice that stays held until it is decided
// (domain/slices). Time is always our clock's, so it is never compared. Pure; docs/decisions/0048-the-disputed-slice.md.

import type { EndReason } from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";
import type { MeteredUse } from "../pricing/charge.ts";
import { reportedMeters } from "../pricing/components.ts";
import { billFor, type Bill, type Terms } from "./bill.ts";

/** What a page saw of each reported meter since the start, in micro-units, when it last said so. */
export interface Observed {
  at: Millis;
  unitsMicro: Record<string, number>;
}

export interface Tolerance {
  /** Of the larger figure. */
  basisPoints: number;
  /** A smaller difference in tokens is not worth holding back. */
  minimumTokens: number;
}

export interface Comparison {
  meter: string;
  /** What was reported for the time until the page's last word. */
  reportedMicro: number;
  observedMicro: number;
  isWithin: 0 | 1;
}

/** A meter whose reports are disputed: what counts for now, and what was reported in all. */
export interface DisputedMeter {
  meter: string;
  countedMicro: number;
  reportedMicro: number;
}

export interface TwoSidedBill {
  /** What settles at once. */
  bill: Bill;
  comparisons: Comparison[];
  /** What more the reports would have cost; null where both sides agree. */
  slice: { tokens: number; meters: DisputedMeter[] } | null;
}

type Priced = Terms & { durationSeconds: number };

/** The figures of a page that can be compared at all: reported meters of the session's own price. */
export function comparable(session: Priced, unitsMicro: Record<string, number>): Record<string, number> {
  const meters = new Set(reportedMeters(session.components));
  return Object.fromEntries(Object.entries(unitsMicro).filter(([meter]) => meters.has(meter)));
}

/** A page counts from the session's start and only upward; an older or smaller figure says nothing new. */
export function laterObserved(before: Observed | null, unitsMicro: Record<string, number>, at: Millis): Observed {
  const merged = { ...before?.unitsMicro };
  for (const [meter, micro] of Object.entries(unitsMicro)) merged[meter] = Math.max(merged[meter] ?? 0, micro);
  return { at: Math.max(at, before?.at ?? 0), unitsMicro: merged };
}

/**
 * @param use All that was reported.
 * @param observed What the page saw; null: nothing to compare, the reports settle.
 * @param comparedMicro What was reported for the time until `observed.at`; what came after it nobody contradicts.
 */
export function billBothSides(
  session: Priced,
  use: MeteredUse,
  sides: { observed: Observed; comparedMicro: Readonly<Record<string, number>>; tolerance: Tolerance } | null,
  endReason: EndReason | null,
): TwoSidedBill {
  const bill = billFor(session, use, endReason);
  if (!sides) return { bill, comparisons: [], slice: null };
  const comparisons = compare(sides);
  const meters = comparisons
    .filter(({ isWithin, reportedMicro, observedMicro }) => isWithin === 0 && observedMicro < reportedMicro)
    .map(({ meter, reportedMicro, observedMicro }) => {
      const all = use.unitsMicro?.[meter] ?? 0;
      return { meter, countedMicro: all - (reportedMicro - observedMicro), reportedMicro: all };
    });
  if (meters.length === 0) return { bill, comparisons, slice: null };
  const counted = billFor(session, countedUse(use, countsOf(meters)), endReason);
  // A price may fall at a boundary, so less use can cost more; the person pays the lower figure.
  const tokens = bill.usedTokens - counted.usedTokens;
  if (tokens < Math.max(1, sides.tolerance.minimumTokens)) return { bill, comparisons, slice: null };
  return { bill: counted, comparisons, slice: { tokens, meters } };
}

const countsOf = (meters: readonly DisputedMeter[]): Record<string, number> =>
  Object.fromEntries(meters.map(({ meter, countedMicro }) => [meter, countedMicro]));

function compare({
  observed,
  comparedMicro,
  tolerance,
}: {
  observed: Observed;
  comparedMicro: Readonly<Record<string, number>>;
  tolerance: Tolerance;
}): Comparison[] {
  return Object.entries(observed.unitsMicro).map(([meter, observedMicro]) => {
    const reportedMicro = comparedMicro[meter] ?? 0;
    const [apart, larger] = [Math.abs(reportedMicro - observedMicro), Math.max(reportedMicro, observedMicro)];
    const isWithin = BigInt(apart) * 10_000n <= BigInt(larger) * BigInt(tolerance.basisPoints);
    return { meter, reportedMicro, observedMicro, isWithin: isWithin ? 1 : 0 };
  });
}

/** The same use with other sums of some meters. Where single reports are priced, the first ones that fit are kept. */
export function countedUse(use: MeteredUse, countedMicro: Readonly<Record<string, number>>): MeteredUse {
  const events =
    use.eventsMicro &&
    Object.fromEntries(
      Object.entries(use.eventsMicro).map(([meter, single]) => [
        meter,
        Object.hasOwn(countedMicro, meter) ? firstThatFit(single, countedMicro[meter]!) : single,
      ]),
    );
  return { ...use, unitsMicro: { ...use.unitsMicro, ...countedMicro }, ...(events && { eventsMicro: events }) };
}

function firstThatFit(events: readonly number[], sumMicro: number): number[] {
  const kept: number[] = [];
  let left = sumMicro;
  for (const units of events) {
    if (left <= 0) break;
    kept.push(Math.min(units, left));
    left -= units;
  }
  return kept;
}
