// What the chat says a month costs: figures worked out by hand for every pricing model, and that none is ever more than what
// such sessions could hold.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { againstBudget, monthlyEstimate } from "../../../../domain/discovery/chat/estimate.ts";
import type { Every, Use } from "../../../../domain/discovery/chat/slots.ts";
import { tokenRatePerHour, type PriceComponent } from "../../../../domain/pricing/components.ts";
import { holdFor } from "../../../../domain/pricing/hold.ts";
import type { Price } from "../../../../domain/pricing/price.ts";
import { SEEDED_APPS } from "../../../../scripts/seed/apps.ts";

const WEEK: Every = { count: 1, unit: "week" };
const MONTH: Every = { count: 1, unit: "month" };
const twoToThreeHours: Use = { kind: "time", times: null, minutes: { min: 120, max: 180 }, every: WEEK };
const pieces = (count: number, unit: string): Use => ({
  kind: "units",
  units: { min: count, max: count },
  unit,
  every: MONTH,
});
const per = (unit: string): Price => ({ model: "per_unit", unit });

describe("a month by time", () => {
  it.each<[string, PriceComponent[], number, number]>([
    // 2 x 60 x 52/12 and 3 x 60 x 52/12.
    ["60 tokens an hour", [{ meter: "hour", price: per("60") }], 520, 780],
    ["1 token a minute", [{ meter: "minute", price: per("1") }], 520, 780],
    // Once a session: one of three hours a week is 650, three of one hour are 1,950.
    ["a flat 150 a session", [{ meter: "hour", price: { model: "flat", amount: "150" } }], 650, 1950],
    // Quarter hours at 30: 8 x 30 x 52/12 and 12 x 30 x 52/12.
    ["quarter hours", [{ meter: "minute", price: { model: "package", amount: "30", size: "15" } }], 1040, 1560],
    // Ten free minutes a session: (120 - 20) x 6 x 52/12 = 2,600; (180 - 10) x 6 x 52/12 = 4,420.
    [
      "free minutes in every session",
      [{ meter: "minute", price: { model: "hybrid", included: "10", over: per("6") } }],
      2600,
      4420,
    ],
    // Never more than 1,200 a session: one three-hour session is 1,200 x 52/12, three of an hour are 2,700 x 52/12.
    ["a bounded hour", [{ meter: "hour", price: { model: "bounded", price: per("900"), max: "1200" } }], 5200, 11_700],
  ])("%s", (_name, components, lowTokens, highTokens) => {
    expect(monthlyEstimate(components, twoToThreeHours)).toMatchObject({ basis: "use", lowTokens, highTokens });
  });

  it("takes sessions as they were told, and names what it leaves out", () => {
    const twice: Use = { kind: "time", times: { min: 2, max: 2 }, minutes: { min: 30, max: 30 }, every: WEEK };
    const components: PriceComponent[] = [
      { meter: "hour", price: per("100") },
      { meter: "page", price: per("2"), holdPerHour: 10 },
    ];
    // 2 x 50 x 52/12 = 433.3, rounded up.
    expect(monthlyEstimate(components, twice)).toEqual({
      basis: "use",
      lowTokens: 434,
      highTokens: 434,
      lowCents: 434,
      highCents: 434,
      assumedSessionSeconds: [],
      leftOut: [{ meter: "page", unitTokens: "2" }],
    });
  });

  it("says only the most where an app counts what was not told", () => {
    const images: PriceComponent[] = [{ meter: "image", price: per("3"), holdPerHour: 60 }];
    // 60 images an hour at 3 tokens, 3 hours, 52/12 weeks.
    expect(monthlyEstimate(images, twoToThreeHours)).toMatchObject({ basis: "most", lowTokens: 0, highTokens: 2340 });
  });
});

describe("a month by pieces", () => {
  const counted = (meter: string, price: Price, holdPerHour: number): PriceComponent[] => [
    { meter, price, holdPerHour },
  ];
  it.each<[string, PriceComponent[], Use, number, number]>([
    ["3 tokens an image, called photos", counted("image", per("3"), 60), pieces(300, "photo"), 900, 900],
    // 20,000 rows are 20 thousands in one session: 5 + 5 x 8 + 15 x 5.
    [
      "tiers of thousands of rows",
      counted(
        "thousand_rows",
        {
          model: "graduated",
          tiers: [
            { up_to: "5", unit: "8", flat: "5" },
            { up_to: null, unit: "5" },
          ],
        },
        40,
      ),
      pieces(20_000, "row"),
      120,
      120,
    ],
    // In one session of 600 each costs 0.1, in six of 100 each costs 0.2.
    [
      "a volume price, by how they are sent",
      counted(
        "email",
        {
          model: "volume",
          tiers: [
            { up_to: "100", unit: "0.2" },
            { up_to: null, unit: "0.1" },
          ],
        },
        200,
      ),
      pieces(600, "e-mail"),
      60,
      60,
    ],
    ["seconds told in minutes", counted("speech_second", per("0.15"), 3000), pieces(10, "speech minute"), 90, 90],
    // 80 at most a session of 100 images an hour: three sessions, or one of three hours.
    [
      "bounded pieces",
      counted("image", { model: "bounded", price: per("2"), max: "80" }, 100),
      pieces(300, "picture"),
      80,
      240,
    ],
    ["a share", counted("order", { model: "percentage", rate: "10", fixed: "1" }, 100), pieces(50, "order"), 6, 6],
    ["passed on", counted("credit", { model: "dynamic" }, 100), pieces(50, "credit"), 50, 50],
    [
      "a share in tiers",
      counted("gift", { model: "graduated_percentage", tiers: [{ up_to: null, rate: "10" }] }, 100),
      pieces(50, "gift"),
      5,
      5,
    ],
  ])("%s", (_name, components, use, lowTokens, highTokens) => {
    expect(monthlyEstimate(components, use)).toMatchObject({ basis: "use", lowTokens, highTokens });
  });

  it("says nothing of an app that counts something else", () => {
    expect(monthlyEstimate(counted("page", per("8"), 12), pieces(10, "image"))).toBeNull();
    expect(monthlyEstimate([{ meter: "hour", price: per("60") }], pieces(10, "image"))).toBeNull();
    expect(monthlyEstimate([{ meter: "hour", price: per("60") }], null)).toBeNull();
  });
});

it("never says more than such sessions could hold, for any seeded app and any use by time", () => {
  const app = fc.constantFrom(...SEEDED_APPS);
  const minutes = fc.integer({ min: 5, max: 180 });
  const times = fc.integer({ min: 1, max: 10 });
  fc.assert(
    fc.property(app, minutes, times, ({ pricing }, length, count) => {
      const use: Use = {
        kind: "time",
        times: { min: count, max: count },
        minutes: { min: length, max: length },
        every: MONTH,
      };
      const { lowTokens, highTokens } = monthlyEstimate(pricing, use)!;
      expect(lowTokens).toBeLessThanOrEqual(highTokens);
      expect(highTokens).toBeLessThanOrEqual(holdFor(pricing, length * 60).heldTokens * count);
      expect(Number.isInteger(lowTokens) && Number.isInteger(highTokens)).toBe(true);
    }),
    { numRuns: 200, seed: 20_260_101 },
  );
});

describe("what somebody would spend", () => {
  const components: PriceComponent[] = [{ meter: "hour", price: per("60") }];
  const app = { components, tokenRatePerHour: tokenRatePerHour(components) };
  const estimate = monthlyEstimate(components, twoToThreeHours);
  it.each([
    ["month", 780, "inside"],
    ["month", 779, "maybe"],
    ["month", 520, "maybe"],
    ["month", 519, "over"],
    ["week", 180, "inside"],
    ["week", 119, "over"],
    ["year", 9360, "inside"],
    ["year", 6239, "over"],
    ["hour", 60, "inside"],
    ["hour", 59, "over"],
  ] as const)("%s: %i is %s", (period, tokens, verdict) => {
    expect(againstBudget(app, estimate, { tokens, per: period, isPeriodAssumed: false })).toBe(verdict);
  });
});
