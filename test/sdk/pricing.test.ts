// The SDK's price arithmetic is the marketplace's own, as it is published: every public example through the built file.

import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { expect, it } from "vitest";
import type * as Engine from "../../sdk/pricing.ts";
import vectors from "../domain/pricing/vectors.json" with { type: "json" };

const built = pathToFileURL(join(import.meta.dirname, "../../sdk/dist/pricing.js")).href;
const { charge, holdFor, parsePricing, quote } = (await import(built)) as typeof Engine;

it("charges published examples of units as the marketplace does", () => {
  const priced = vectors.filter(
    ({ price, use }) => price.model !== "percentage" && price.model !== "dynamic" && "units" in use,
  );
  expect(priced.length).toBeGreaterThan(30);
  for (const { name, price, use, amount } of priced) {
    const units = Number((use as { units: string }).units);
    const components = parsePricing([{ meter: "thing", price, holdPerHour: Math.max(1, Math.ceil(units)) }]);
    const hold = holdFor(components, 3600);
    const charged = charge(components, { activeSeconds: 60, unitsMicro: { thing: Math.round(units * 1e6) } }, hold);
    expect([name, charged.lines[0]!.amount]).toEqual([name, amount]);
    expect(charged.usedTokens).toBe(Math.ceil(Number(amount)));
  }
});

it("quotes what is held and who gets what of it", () => {
  const components = parsePricing([{ meter: "hour", price: { model: "per_unit", unit: "500" } }]);
  expect(quote({ components, feeBasisPoints: 2000, durationSeconds: 1800, usage: { hour: "0.25" } })).toMatchObject({
    heldTokens: 250,
    providerShareTokens: 200,
    platformFeeTokens: 50,
    usageTokens: 125,
  });
  expect(() => parsePricing([{ meter: "hour", price: { model: "per_unit", unit: "-1" } }])).toThrow(
    "pricing.0.price.unit",
  );
});
