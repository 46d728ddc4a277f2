// Random prices, pricings and uses for property tests, drawn through the real reader so that only legal ones come out.

import fc from "fast-check";
import type { MeteredUse } from "../../../domain/pricing/charge.ts";
import type { PriceComponent } from "../../../domain/pricing/components.ts";
import type { Price, UnitTier } from "../../../domain/pricing/price.ts";

const text = (max: number, digits: number, min = 0) =>
  fc.integer({ min: min * 10 ** digits, max: max * 10 ** digits }).map((n) => (n / 10 ** digits).toFixed(digits));
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const defined = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Value;

const tiersOf = <Key extends "unit" | "rate">(key: Key, max: number) =>
  fc
    .array(fc.record({ width: fc.integer({ min: 1, max: 40 }), priced: text(max, 3), flat: optional(text(20, 2)) }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((drawn) => {
      let bound = 0;
      return drawn.map(({ width, priced, flat }, index) => {
        bound += width;
        return defined({ up_to: index === drawn.length - 1 ? null : String(bound), [key]: priced, flat });
      });
    });
export const unitTiers = tiersOf("unit", 9) as fc.Arbitrary<UnitTier[]>;

const flat = fc.record({ model: fc.constant("flat" as const), amount: text(50, 2) });
const perUnit = fc.record({ model: fc.constant("per_unit" as const), unit: text(500, 4) });
const packaged = fc
  .record({
    model: fc.constant("package" as const),
    amount: text(50, 2),
    size: fc.integer({ min: 1, max: 60 }).map(String),
    free: optional(text(20, 1)),
    round: optional(fc.constantFrom("up" as const, "down" as const)),
  })
  .map(defined);
const graduated = fc.record({ model: fc.constant("graduated" as const), tiers: unitTiers });
const volume = fc.record({ model: fc.constant("volume" as const), tiers: unitTiers });
const graduatedPercentage = fc.record({
  model: fc.constant("graduated_percentage" as const),
  tiers: tiersOf("rate", 100),
}) as fc.Arbitrary<Price>;
const percentage = fc
  .record({
    model: fc.constant("percentage" as const),
    rate: text(100, 3),
    fixed: optional(text(3, 2)),
    free_events: optional(fc.integer({ min: 0, max: 5 })),
    free_amount: optional(text(100, 1)),
    min: optional(text(2, 2)),
    max: optional(text(20, 2, 2)),
  })
  .map(defined);
const simple: fc.Arbitrary<Price> = fc.oneof(flat, perUnit, packaged, graduated, volume, graduatedPercentage);
const hybrid = (over: fc.Arbitrary<Price>) =>
  fc.record({ model: fc.constant("hybrid" as const), base: text(50, 2), included: text(30, 0), over });
const bounded = (price: fc.Arbitrary<Price>) =>
  fc
    .record({
      model: fc.constant("bounded" as const),
      price,
      min: optional(text(10, 2)),
      max: optional(text(90, 2, 10)),
    })
    .map(defined);

/** A price of time: anything that needs no amounts from the provider. */
export const timePrice: fc.Arbitrary<Price> = fc.oneof(
  simple,
  hybrid(simple),
  bounded(simple),
  bounded(hybrid(simple)),
);
export const reportedPrice: fc.Arbitrary<Price> = fc.oneof(timePrice, percentage, bounded(percentage));

export const pricing: fc.Arbitrary<PriceComponent[]> = fc
  .tuple(
    fc
      .subarray(["hour", "minute", "second"])
      .chain((meters) =>
        fc.tuple(...meters.map((meter) => fc.record({ meter: fc.constant(meter), price: timePrice }))),
      ),
    fc.array(
      fc
        .record({
          price: reportedPrice,
          holdPerHour: fc.integer({ min: 1, max: 500 }).map((n) => n / 4),
          holdEventsPerHour: optional(fc.integer({ min: 1, max: 30 })),
        })
        .map(defined),
      { maxLength: 3 },
    ),
    fc.boolean(),
  )
  .map(([timed, reported, hasTokens]) => [
    ...timed,
    ...reported.map((component, index) => ({ meter: `meter${index}`, ...component })),
    ...(hasTokens ? [{ meter: "token", price: { model: "dynamic" as const }, holdPerHour: 90 }] : []),
  ])
  .filter((components) => components.length > 0);

/** What a session of at most `durationSeconds` may have used: within the caps and beyond them. */
export const useFor = (components: readonly PriceComponent[], durationSeconds: number): fc.Arbitrary<MeteredUse> =>
  fc
    .record({
      activeSeconds: fc.integer({ min: 0, max: durationSeconds }),
      events: fc.tuple(...components.map(() => fc.array(fc.integer({ min: 0, max: 60_000_000 }), { maxLength: 6 }))),
    })
    .map(({ activeSeconds, events }) => ({
      activeSeconds,
      unitsMicro: Object.fromEntries(
        components.map(({ meter }, index) => [meter, (events[index] ?? []).reduce((sum, one) => sum + one, 0)]),
      ),
      eventsMicro: Object.fromEntries(components.map(({ meter }, index) => [meter, events[index] ?? []])),
    }));
