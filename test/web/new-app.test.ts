// What a provider types and pastes: the forms' rules, the snippets' facts, and the bars of the dashboard.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { barsOf, changeOf } from "../../web/src/lib/bars.ts";
import { APP_AREAS } from "../../web/src/lib/app-areas.ts";
import { deHome } from "../../web/src/lib/locales/de-home.ts";
import { enHome } from "../../web/src/lib/locales/en-home.ts";
import { enApp } from "../../web/src/lib/locales/en-app.ts";
import {
  emptyListing,
  emptyPrice,
  listingForm,
  listingOf,
  listingProblems,
  priceProblems,
  pricingOf,
} from "../../web/src/lib/new-app.ts";
import { snippetsFor, STACKS } from "../../web/src/lib/snippets.ts";

describe("the form of an app's page", () => {
  const filled = {
    ...emptyListing(),
    name: " Beds ",
    description: "Plans beds.",
    useCases: "plan my garden\n\n know when to sow ",
    tags: "garden, , plan",
    appUrl: "https://beds.example/app",
    logoUrl: "https://beds.example/logo.svg",
  };

  it("turns lines into lists, and back", () => {
    const listing = listingOf(filled);
    expect(listing).toMatchObject({
      name: "Beds",
      useCases: ["plan my garden", "know when to sow"],
      tags: ["garden", "plan"],
      dataReceived: [],
      refundTerms: null,
      fixedDuration: false,
    });
    const fixed = { ...listing, fixedDuration: true };
    expect([listing, fixed].map((one) => listingOf(listingForm(one)))).toEqual([listing, fixed]);
  });

  it("names what is missing, field by field", () => {
    expect(listingProblems(filled, enApp as never)).toEqual({});
    expect(Object.keys(listingProblems(emptyListing(), enApp as never))).toEqual([
      "name",
      "description",
      "useCases",
      "appUrl",
      "logoUrl",
    ]);
    expect(listingProblems({ ...filled, useCases: "x\n".repeat(11) }, enApp as never)).toHaveProperty("useCases");
  });

  it("prices by time, by what is counted, or both", () => {
    const both = { ...emptyPrice(), priceBy: "both" as const, unit: "plan", unitPrice: "2.5", unitsAnHour: 20 };
    expect(priceProblems(both, enApp as never)).toEqual({});
    expect(pricingOf(both).map(({ meter }) => meter)).toEqual(["hour", "plan"]);
    expect(priceProblems({ ...both, unitPrice: "0" }, enApp as never)).toHaveProperty("unitPrice");
    expect(pricingOf({ ...both, priceBy: "unit", unitsAnHour: null })).toEqual([]);
  });
});

describe("snippets", () => {
  const facts = {
    providerId: "an-id",
    appUrl: "https://beds.example/",
    api: "https://api.example",
    marketplace: "https://m.example",
  };
  const exports = Object.keys((JSON.parse(readFileSync("sdk/package.json", "utf8")) as { exports: object }).exports);

  it.each(STACKS)("%s names the app, and imports only what the package has", (stack) => {
    const text = snippetsFor(stack, facts)
      .map(({ code }) => code)
      .join("\n");
    expect(text).toContain("an-id");
    expect(text).toContain("https://api.example");
    for (const [, path = ""] of text.matchAll(/"@meterplace\/sdk([^"]*)"/g)) expect(exports).toContain(`.${path}`);
  });
});

describe("bars", () => {
  it("stand on the ground, the highest filling the box, and show every value above nothing", () => {
    const bars = barsOf([0, 5, 10, 0.001], { width: 40, height: 100 });
    expect(bars.map(({ height }) => height)).toEqual([0, 50, 100, 2]);
    for (const { y, height, x, width } of bars) {
      expect(y + height).toBe(100);
      expect(x + width).toBeLessThanOrEqual(40);
    }
    expect(barsOf([0, 0], { width: 10, height: 10 }).every(({ height }) => height === 0)).toBe(true);
  });

  it("say how much changed only where there was something before", () => {
    expect([changeOf(15, 10), changeOf(5, 10), changeOf(3, 0)]).toEqual([5_000, -5_000, null]);
  });
});

it("lists each page about an app once, with its word in both languages", () => {
  const names = APP_AREAS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { areas } of [enHome, deHome]) expect(Object.keys(areas)).toEqual(expect.arrayContaining(names));
});
