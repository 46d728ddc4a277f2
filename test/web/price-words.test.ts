import { describe, expect, it } from "vitest";
import type { Price } from "../../domain/pricing/price.ts";
import { createFormat } from "../../web/src/lib/format.ts";
import { de } from "../../web/src/lib/locales/de.ts";
import { en } from "../../web/src/lib/locales/en.ts";
import { cardPrice, priceNotes, priceWords, tiersOf } from "../../web/src/lib/price-words.ts";

const f = createFormat("en-US");
const tiers = [
  { up_to: "60", unit: "3" },
  { up_to: null, unit: "1.2" },
];
const say = (meter: string, price: Price) => {
  const { prefix, figure, unit } = priceWords(meter, price, en, f);
  return [prefix, figure, unit].filter(Boolean).join(" ");
};

describe("a price in words", () => {
  it.each<[string, Price, string]>([
    ["hour", { model: "per_unit", unit: "500" }, "500 tokens an hour"],
    ["image", { model: "per_unit", unit: "2.5" }, "2.5 tokens per image"],
    ["video_minute", { model: "per_unit", unit: "2" }, "2 tokens per video minute"],
    ["start", { model: "flat", amount: "20" }, "20 tokens once"],
    ["query", { model: "package", amount: "5", size: "10" }, "5 tokens for every 10 queries"],
    ["page", { model: "graduated", tiers }, "from 1.2 tokens per page"],
    ["page", { model: "volume", tiers }, "from 1.2 tokens per page"],
    ["order", { model: "percentage", rate: "1.5" }, "1.5 % of the amount"],
    ["token", { model: "dynamic" }, "Quoted by the app, never above your hold"],
    [
      "row",
      { model: "hybrid", base: "20", included: "1000", over: { model: "per_unit", unit: "0.005" } },
      "20 tokens once, then 0.005 tokens per row",
    ],
    ["page", { model: "bounded", price: { model: "per_unit", unit: "3" }, max: "90" }, "3 tokens per page"],
  ])("%s: %j", (meter, price, words) => expect(say(meter, price)).toBe(words));

  it("names the time price of an app first and counts what else adds up", () => {
    const card = {
      tokenRatePerHour: 900,
      pricing: [
        { meter: "minute", price: { model: "per_unit", unit: "15" } as const },
        { meter: "scene", price: { model: "per_unit", unit: "2" } as const, holdPerHour: 20 },
      ],
    };
    expect(cardPrice(card, en, f)).toMatchObject({ figure: "900", unit: "tokens an hour", tokens: "900", more: 1 });
    expect(cardPrice(card, de, createFormat("de"))).toMatchObject({ unit: "Token je Stunde" });
  });
  it("says what is free, included, bounded and held for", () => {
    const price: Price = {
      model: "bounded",
      max: "90",
      price: { model: "hybrid", base: "5", included: "10", over: { model: "per_unit", unit: "1" } },
    };
    expect(priceNotes({ meter: "page", price, holdPerHour: 120 }, en, f)).toEqual([
      "at most 90 tokens",
      "10 pages included",
      "held for up to 120 pages an hour",
    ]);
  });
  it("finds the steps inside a price that wraps them", () => {
    expect(tiersOf({ model: "bounded", price: { model: "graduated", tiers }, max: "9" })).toHaveLength(2);
    expect(tiersOf({ model: "flat", amount: "1" })).toEqual([]);
  });
});
