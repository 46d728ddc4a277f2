// Published prices: every example of vectors.json (each names its source) must come out exactly.

import { describe, expect, it } from "vitest";
import { formatAmount } from "../../../domain/pricing/decimal.ts";
import { priceOf, useOf } from "../../../domain/pricing/price-of.ts";
import { readPrice, type PriceIssue } from "../../../domain/pricing/price.ts";
import vectors from "./vectors.json";

it("has all 66 published examples, and our own with the arithmetic that is their source", () => {
  const own = vectors.filter(({ source }) => source.startsWith("own arithmetic"));
  expect(vectors.length - own.length).toBe(66);
  expect(own).toHaveLength(8);
});

describe("charges exactly what the published example says", () => {
  it.each(vectors)("$name", ({ price, use, amount }) => {
    const issues: PriceIssue[] = [];
    const read = readPrice(price, "price", issues);
    expect(issues).toEqual([]);
    expect(read).toEqual(price);
    expect(formatAmount(priceOf(read, useOf(use)))).toBe(amount);
  });
});

describe("shapes the published examples leave out", () => {
  const of = (price: unknown, units: string) => {
    const issues: PriceIssue[] = [];
    const read = readPrice(price, "price", issues);
    expect(issues).toEqual([]);
    return formatAmount(priceOf(read, useOf({ units })));
  };
  it("charges a flat price for any use, none included", () => {
    expect(of({ model: "flat", amount: "99" }, "0")).toBe("99");
    expect(of({ model: "flat", amount: "99" }, "1234")).toBe("99");
  });
  it("holds a bounded price between its bounds", () => {
    const price = { model: "bounded", price: { model: "per_unit", unit: "2" }, min: "5", max: "20" };
    expect(of(price, "0")).toBe("5");
    expect(of(price, "2.5")).toBe("5");
    expect(of(price, "2.500001")).toBe("5.000002");
    expect(of(price, "10")).toBe("20");
    expect(of(price, "10.000001")).toBe("20");
  });
  it("charges only full packages when rounding down", () => {
    const price = { model: "package", amount: "10", size: "5", round: "down" };
    expect(of(price, "4.999999")).toBe("0");
    expect(of(price, "5")).toBe("10");
  });
  it("keeps every digit of a product", () => {
    expect(of({ model: "per_unit", unit: "0.0000000001" }, "0.000000000001")).toBe("0.0000000000000000000001");
  });
  it("takes JSON numbers as the decimals they read as", () => {
    expect(of({ model: "per_unit", unit: 0.05 }, "3")).toBe("0.15");
  });
});
