// Rules of an app's pricing as a whole: what is accepted, what is held, what a rate an hour means.

import { describe, expect, it } from "vitest";
import { DomainError } from "../../../domain/errors.ts";
import { charge, needsReports } from "../../../domain/pricing/charge.ts";
import {
  hasTimeComponent,
  hourlyPricing,
  pricingModels,
  reportedMeters,
  tokenRatePerHour,
  type PriceComponent,
} from "../../../domain/pricing/components.ts";
import { capsMicro, HELD_TOKENS_MAX, holdFor } from "../../../domain/pricing/hold.ts";
import { LIKELY_SESSIONS_MIN } from "../../../domain/pricing/likely.ts";
import { parsePricing } from "../../../domain/pricing/parse-pricing.ts";
import type { Price } from "../../../domain/pricing/price.ts";
import { quote } from "../../../domain/pricing/quote.ts";

const refusal = (value: unknown): { code: string; fields: string[] } => {
  try {
    parsePricing(value);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const errors = (error.facts.errors ?? []) as { field: string }[];
    return { code: error.code, fields: errors.map((one) => one.field) };
  }
  return { code: "accepted", fields: [] };
};
const perUnit = (unit: string) => ({ model: "per_unit" as const, unit });

describe("an hourly rate", () => {
  it("holds 500 tokens for an hour at 500, and 42 for five minutes", () => {
    expect(holdFor(hourlyPricing(500), 3600).heldTokens).toBe(500);
    expect(holdFor(hourlyPricing(500), 300).heldTokens).toBe(42);
  });
  it("charges whole seconds, rounded up once", () => {
    const hold = holdFor(hourlyPricing(500), 3600);
    const tokensFor = (activeSeconds: number) => charge(hourlyPricing(500), { activeSeconds }, hold).usedTokens;
    expect(tokensFor(0)).toBe(0);
    expect(tokensFor(1)).toBe(1);
    expect(tokensFor(7)).toBe(1);
    expect(tokensFor(8)).toBe(2);
    expect(tokensFor(1800)).toBe(250);
    expect(tokensFor(1801)).toBe(251);
    expect(tokensFor(3600)).toBe(500);
    expect(tokensFor(9999)).toBe(500);
  });
  it("is the rate of a minute price times 60, of a package the price of the hour, and null where time is free", () => {
    expect(tokenRatePerHour(hourlyPricing(500))).toBe(500);
    expect(tokenRatePerHour([{ meter: "minute", price: perUnit("2.5") }])).toBe(150);
    expect(tokenRatePerHour([{ meter: "second", price: perUnit("0.01") }])).toBe(36);
    expect(tokenRatePerHour([{ meter: "minute", price: { model: "package", amount: "10", size: "15" } }])).toBe(40);
    expect(tokenRatePerHour([{ meter: "hour", price: { model: "flat", amount: "10" } }])).toBeNull();
    expect(tokenRatePerHour([{ meter: "scene", price: perUnit("3"), holdPerHour: 5 }])).toBeNull();
    expect(
      tokenRatePerHour([
        { meter: "hour", price: perUnit("120") },
        { meter: "scene", price: perUnit("3"), holdPerHour: 5 },
      ]),
    ).toBe(120);
  });
});

describe("a hold", () => {
  it("covers the peak of a volume price, not its end", () => {
    const components: PriceComponent[] = [
      {
        meter: "call",
        price: {
          model: "volume",
          tiers: [
            { up_to: "1000", unit: "0.10" },
            { up_to: null, unit: "0.05" },
          ],
        },
        holdPerHour: 1001,
      },
    ];
    const hold = holdFor(components, 3600);
    expect(hold.heldTokens).toBe(100);
    expect(charge(components, { activeSeconds: 0, unitsMicro: { call: 1_001_000_000 } }, hold).usedTokens).toBe(51);
  });
  it("counts reported units for the duration, rounded up, at least one", () => {
    const components: PriceComponent[] = [{ meter: "scene", price: perUnit("10"), holdPerHour: 6 }];
    expect(holdFor(components, 3600).perComponent[0]!.capUnits).toBe("6");
    expect(holdFor(components, 601).perComponent[0]!.capUnits).toBe("2");
    expect(holdFor(components, 300).perComponent[0]!.capUnits).toBe("1");
    expect(capsMicro(holdFor(components, 3600))).toEqual({ scene: 6_000_000 });
  });
  it("holds the amounts a dynamic meter may take", () => {
    const components: PriceComponent[] = [{ meter: "token", price: { model: "dynamic" }, holdPerHour: 100 }];
    expect(holdFor(components, 5400).heldTokens).toBe(150);
    const hold = holdFor(components, 3600);
    expect(charge(components, { activeSeconds: 0, unitsMicro: { token: 37_000_000 } }, hold).usedTokens).toBe(37);
  });
  it("keeps the components' parts apart: too many reports never eat the time's part", () => {
    const components: PriceComponent[] = [
      { meter: "hour", price: perUnit("100") },
      { meter: "scene", price: perUnit("10"), holdPerHour: 2 },
    ];
    const hold = holdFor(components, 3600);
    expect(hold.heldTokens).toBe(120);
    const { usedTokens, lines } = charge(components, { activeSeconds: 3600, unitsMicro: { scene: 9_000_000 } }, hold);
    expect(usedTokens).toBe(120);
    expect(lines[1]).toEqual({ meter: "scene", quantity: "9", amount: "20", cappedAt: "20" });
    expect(charge(components, { activeSeconds: 0, unitsMicro: { scene: 9_000_000 } }, hold).usedTokens).toBe(20);
  });
  it("includes the fixed part of as many events as it holds for", () => {
    const price = { model: "percentage" as const, rate: "2.9", fixed: "0.30" };
    const hold = holdFor([{ meter: "order", price, holdPerHour: 1000, holdEventsPerHour: 10 }], 3600);
    expect(hold.heldTokens).toBe(32);
    expect(holdFor([{ meter: "order", price, holdPerHour: 1000 }], 3600).heldTokens).toBe(47);
  });
  it("rounds the sum up once, not every component", () => {
    const components: PriceComponent[] = [
      { meter: "hour", price: perUnit("0.5") },
      { meter: "scene", price: perUnit("0.5"), holdPerHour: 1 },
    ];
    expect(holdFor(components, 3600).heldTokens).toBe(1);
  });
});

describe("a charge", () => {
  it("asks for the fixed parts once a session has started, even without use", () => {
    const components: PriceComponent[] = [
      { meter: "hour", price: { model: "hybrid", base: "20", included: "0.5", over: perUnit("60") } },
    ];
    const hold = holdFor(components, 3600);
    expect(hold.heldTokens).toBe(50);
    expect(charge(components, { activeSeconds: 0 }, hold).usedTokens).toBe(20);
    expect(charge(components, { activeSeconds: 1800 }, hold).usedTokens).toBe(20);
    expect(charge(components, { activeSeconds: 2400 }, hold).usedTokens).toBe(30);
  });
  it("prices each report by itself where the price is per event", () => {
    const components: PriceComponent[] = [
      {
        meter: "order",
        price: { model: "percentage", rate: "1", fixed: "2" },
        holdPerHour: 1000,
        holdEventsPerHour: 10,
      },
    ];
    expect(needsReports(components)).toBe(true);
    expect(needsReports(hourlyPricing(1))).toBe(false);
    const hold = holdFor(components, 3600);
    const use = {
      activeSeconds: 0,
      unitsMicro: { order: 300_000_000 },
      eventsMicro: { order: [100_000_000, 200_000_000] },
    };
    expect(charge(components, use, hold).usedTokens).toBe(7);
  });
  it("ignores reports no component prices, whatever their names are", () => {
    const components: PriceComponent[] = [{ meter: "constructor", price: perUnit("3"), holdPerHour: 9 }];
    const hold = holdFor(components, 3600);
    expect(charge(components, { activeSeconds: 0, unitsMicro: { toString: 5_000_000 } }, hold).usedTokens).toBe(0);
    expect(charge(components, { activeSeconds: 0, unitsMicro: {} }, hold).usedTokens).toBe(0);
  });
});

describe("a quote", () => {
  const components: PriceComponent[] = [
    { meter: "hour", price: perUnit("300") },
    { meter: "scene", price: perUnit("2.5"), holdPerHour: 20 },
  ];
  it("shows the most, the split of it, and what each unit adds", () => {
    const minute = { unit: "minute", amount: "5" };
    const scene = { unit: "scene", amount: "2.5" };
    expect(quote({ components, feeBasisPoints: 2000, durationSeconds: 3600 })).toEqual({
      heldTokens: 350,
      likelyTokens: 350,
      likely: { basis: "too_few", sessions: 0, sessionsMin: LIKELY_SESSIONS_MIN },
      providerShareTokens: 280,
      platformFeeTokens: 70,
      feeBasisPoints: 2000,
      rebateTokens: 0,
      trialSeconds: 0,
      money: { currency: "usd", heldCents: 350, likelyCents: 350, providerShareCents: 280, platformFeeCents: 70 },
      lines: [
        { meter: "hour", model: "per_unit", capUnits: "1", maxAmount: "300", firstUnitAmount: "300", adds: minute },
        { meter: "scene", model: "per_unit", capUnits: "20", maxAmount: "50", firstUnitAmount: "2.5", adds: scene },
      ],
    });
  });
  // 90 tokens an hour once stood there as 1.49999999994 a minute, because a session's time is cut off at 1e-12 of an hour.
  it.each<[string, Price, string]>([
    ["90 an hour", perUnit("90"), "1.5"],
    ["30 an hour", perUnit("30"), "0.5"],
    ["an hour's smallest price", perUnit("0.0000000006"), "0.00000000001"],
    ["100 an hour, which no decimal divides", perUnit("100"), "1.666666666667"],
    ["50 an hour, to the nearest step", perUnit("50"), "0.833333333333"],
    ["a base, which is due anyway", { model: "hybrid", base: "20", over: perUnit("300") }, "5"],
    [
      "a first half minute free",
      {
        model: "graduated",
        tiers: [
          { up_to: "0.01", unit: "0" },
          { up_to: null, unit: "600" },
        ],
      },
      "4",
    ],
    ["a price begun with the first second", { model: "package", size: "1", amount: "7" }, "7"],
    ["a price that is the same for any time", { model: "flat", amount: "9" }, "0"],
    // A price that jumps just where a minute is cut off: what a session would be charged, and not the next package.
    ["a package of a minute that is cut off", { model: "package", size: "0.016666666666", amount: "7" }, "7"],
    [
      "a tier that ends where a minute is cut off",
      {
        model: "volume",
        tiers: [
          { up_to: "0.016666666666", unit: "300" },
          { up_to: null, unit: "60" },
        ],
      },
      "4.9999999998",
    ],
  ])("says what a minute adds as an exact decimal: %s", (_, price, amount) => {
    const { lines } = quote({ components: [{ meter: "hour", price }], feeBasisPoints: 0, durationSeconds: 3600 });
    expect(lines[0]!.adds).toEqual({ unit: "minute", amount });
  });
  it("prices a given use to the token and counts what is left out as not used", () => {
    const of = (usage: Record<string, unknown>) =>
      quote({ components, feeBasisPoints: 2000, durationSeconds: 3600, usage }).usageTokens;
    expect(of({ scene: 7 })).toBe(18);
    expect(of({ scene: "7", hour: "0.5" })).toBe(168);
    expect(of({})).toBe(0);
    expect(of({ scene: 21 })).toBe(50);
    expect(of({ hour: 2 })).toBe(300);
  });
  it("names a meter it does not price and a number it cannot read", () => {
    const of = (usage: Record<string, unknown>) => () =>
      quote({ components, feeBasisPoints: 0, durationSeconds: 300, usage });
    expect(of({ scenes: 1 })).toThrow('This app does not price "scenes"');
    expect(of({ scene: -1 })).toThrow("usage.scene");
    expect(of({ scene: "1e3" })).toThrow("usage.scene");
    expect(of({ scene: 0.0000001 })).toThrow("usage.scene");
  });
  it("uses what sessions of this app typically used where the caller knows it", () => {
    const typical = { activeSeconds: 1200, unitsMicro: { scene: 4_000_000 } };
    expect(quote({ components, feeBasisPoints: 2000, durationSeconds: 3600, typical }).likelyTokens).toBe(110);
  });
});

describe("a pricing from outside", () => {
  it("is accepted with 1 to 24 components of different meters", () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ meter: `m${index}`, price: perUnit("1"), holdPerHour: 1 }));
    expect(refusal(many(24)).code).toBe("accepted");
    expect(refusal(many(25))).toEqual({ code: "invalid_request", fields: ["pricing"] });
    expect(refusal([])).toEqual({ code: "invalid_request", fields: ["pricing"] });
    expect(refusal({})).toEqual({ code: "invalid_request", fields: ["pricing"] });
    expect(refusal([...many(1), ...many(1)])).toEqual({ code: "invalid_request", fields: ["pricing.1.meter"] });
  });
  it("must say how many reported units to hold for (422)", () => {
    expect(refusal([{ meter: "scene", price: perUnit("1") }])).toEqual({
      code: "pricing_unsupported",
      fields: ["pricing.0.holdPerHour"],
    });
    expect(refusal([{ meter: "scene", price: perUnit("1"), holdPerHour: 0 }]).code).toBe("invalid_request");
    expect(refusal([{ meter: "scene", price: perUnit("1"), holdPerHour: "0.5" }]).code).toBe("accepted");
  });
  it("drops holdPerHour from a time meter, where the duration is the cap", () => {
    expect(parsePricing([{ meter: "hour", price: perUnit("5"), holdPerHour: 3 }])).toEqual([
      { meter: "hour", price: perUnit("5") },
    ]);
  });
  it("names every wrong field at its place", () => {
    const wrong = [
      { meter: "hour", price: { model: "per_unit", unit: "-1" } },
      { meter: "a b", price: { model: "nonsense" }, holdPerHour: 1 },
      {
        meter: "scene",
        price: { model: "graduated", tiers: [{ up_to: "5", unit: "1" }, { up_to: "5" }, { up_to: "9" }] },
        holdPerHour: 1,
      },
      { meter: "word", price: { model: "per_unit", unit: "1", flat: "2" }, holdPerHour: 1 },
      {
        meter: "page",
        price: { model: "bounded", price: { model: "package", amount: "1", size: "0" }, min: "5", max: "4" },
        holdPerHour: 1,
      },
    ];
    expect(refusal(wrong)).toEqual({
      code: "invalid_request",
      fields: [
        "pricing.0.price.unit",
        "pricing.1.meter",
        "pricing.1.price.model",
        "pricing.2.price.tiers.1.up_to",
        "pricing.2.price.tiers.2.up_to",
        "pricing.3.price.flat",
        "pricing.4.price.price.size",
        "pricing.4.price.max",
      ],
    });
  });
  it.each([
    ["a number that is no decimal", "1e3"],
    ["a sign", "-1"],
    ["a blank", " 1"],
    ["eleven decimals", "0.00000000001"],
    ["more than the highest number", "100000000.1"],
    ["text", "free"],
    ["not a number", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["null", null],
    ["an object", {}],
  ])("refuses %s as a price", (_, unit) => {
    expect(refusal([{ meter: "hour", price: { model: "per_unit", unit } }])).toEqual({
      code: "invalid_request",
      fields: ["pricing.0.price.unit"],
    });
  });
  it("refuses names that only look like models", () => {
    for (const model of ["constructor", "__proto__", "toString"])
      expect(refusal([{ meter: "hour", price: { model } }]).code).toBe("invalid_request");
  });
  it("refuses prices nested without an end", () => {
    let price: unknown = perUnit("1");
    for (let depth = 0; depth < 5; depth++) price = { model: "bounded", price, max: "5" };
    expect(refusal([{ meter: "hour", price }]).code).toBe("invalid_request");
  });
  it("refuses what has no meaning for its meter (422)", () => {
    expect(refusal([{ meter: "hour", price: { model: "dynamic" } }]).code).toBe("pricing_unsupported");
    expect(refusal([{ meter: "minute", price: { model: "percentage", rate: "1" } }]).code).toBe("pricing_unsupported");
    expect(refusal([{ meter: "token", price: perUnit("1"), holdPerHour: 1 }]).code).toBe("pricing_unsupported");
    const hybrid = { model: "hybrid", base: "1", included: "1", over: { model: "percentage", rate: "1" } };
    expect(refusal([{ meter: "order", price: hybrid, holdPerHour: 1 }]).code).toBe("pricing_unsupported");
  });
  it("refuses a price that could hold more than anyone has (422)", () => {
    const at = (unit: number) => refusal([{ meter: "hour", price: perUnit(String(unit)) }]).code;
    expect(at(Math.floor(HELD_TOKENS_MAX / 3))).toBe("accepted");
    expect(at(Math.ceil(HELD_TOKENS_MAX / 3) + 1)).toBe("pricing_unsupported");
  });
  it("lists its models and meters for filters and settlement", () => {
    const components: PriceComponent[] = [
      { meter: "hour", price: perUnit("1") },
      { meter: "scene", price: perUnit("1"), holdPerHour: 1 },
      { meter: "render", price: { model: "flat", amount: "5" }, holdPerHour: 1 },
    ];
    expect(pricingModels(components)).toEqual(["per_unit", "flat"]);
    expect(reportedMeters(components)).toEqual(["scene", "render"]);
    expect(hasTimeComponent(components)).toBe(true);
    expect(hasTimeComponent(components.slice(1))).toBe(false);
  });
});
