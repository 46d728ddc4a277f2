import { describe, expect, it } from "vitest";
import { charge } from "../../domain/pricing/charge.ts";
import type { PriceComponent } from "../../domain/pricing/components.ts";
import { holdFor } from "../../domain/pricing/hold.ts";
import { priceOfFigures, readFigures, writeFigures } from "../../web/src/lib/calculator.ts";
import { formOf, readForm } from "../../web/src/lib/price-form.ts";

const pricing: PriceComponent[] = [
  { meter: "hour", price: { model: "per_unit", unit: "700" } },
  { meter: "used", price: { model: "per_unit", unit: "2.5" }, holdPerHour: 20 },
];

describe("the calculator", () => {
  it("comes for every length of use to what a session of it is charged", () => {
    for (let usedMinutes = 0; usedMinutes <= 60; usedMinutes++) {
      const { usageTokens } = priceOfFigures(
        { pricing, feeBasisPoints: 2000 },
        { minutes: 60, usedMinutes, units: { used: 7 } },
      );
      const use = { activeSeconds: usedMinutes * 60, unitsMicro: { used: 7_000_000 } };
      expect(usageTokens).toBe(charge(pricing, use, holdFor(pricing, 3600)).usedTokens);
    }
  });
  it("reads back the figures of its own address, also for a meter named like a parameter", () => {
    const figures = { minutes: 45, usedMinutes: 7, units: { used: 3 } };
    expect(readFigures(new URLSearchParams(writeFigures(figures)), pricing)).toEqual(figures);
  });
  it("takes nothing from an address that cannot be", () => {
    for (const query of ["minutes=4&used=-1&use.used=21", "minutes=1e9", "minutes=&used=x", "use.toString=5"])
      expect(readFigures(new URLSearchParams(query), pricing)).toEqual({
        minutes: 60,
        usedMinutes: 30,
        units: { used: 10 },
      });
  });
});

describe("the price editor", () => {
  const form = formOf([{ meter: "hour", price: { model: "per_unit", unit: "300" } }]);
  it("starts from the present price, as JSON where its shape is not simple", () => {
    expect(form).toMatchObject({ by: "time", ratePerHour: 300 });
    expect(formOf(pricing)).toMatchObject({ by: "both", ratePerHour: 700, unit: "used", unitPrice: "2.5" });
    const [hour, used] = pricing as [PriceComponent, PriceComponent];
    expect(formOf([used])).toMatchObject({ by: "unit", unitsAnHour: 20 });
    // What the form has no field for stays in sight.
    expect(formOf([hour, { ...used, holdEventsPerHour: 5 }])).toMatchObject({ by: "json" });
    for (const each of [pricing, [used], [hour]]) expect(readForm(formOf(each), "").pricing).toEqual(each);
  });
  it("says what is wrong in the words of the reader that refuses it", () => {
    expect(readForm({ ...form, by: "json", json: "{" }, "not JSON").problem).toBe("not JSON");
    expect(readForm({ ...form, ratePerHour: null }, "").problem).toContain("pricing.0.price.unit");
    expect(readForm({ ...form, by: "unit", unit: "map", unitPrice: "2" }, "").problem).toContain("holdPerHour");
  });
});
