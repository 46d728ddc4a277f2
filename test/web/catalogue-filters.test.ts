import { expect, it } from "vitest";
import { PRICE_MODELS } from "../../domain/pricing/price.ts";
import { addressOf, filtersOf, isNarrowed } from "../../web/src/lib/catalogue-filters.ts";

const read = (address: string) => filtersOf(new URL(address, "https://market.example").searchParams);

it("reads back every filter that it writes into the address", () => {
  for (const model of PRICE_MODELS) {
    const address = `/apps?q=cut+a+video&category=video&max=300&model=${model}&open=1`;
    expect(addressOf(read(address))).toBe(address);
  }
});

it("leaves out what makes no sense, and knows an address that narrows nothing", () => {
  expect(addressOf(read("/apps?max=cheap&model=free&open=yes"))).toBe("/apps");
  expect(isNarrowed(read("/apps?max=-5"))).toBe(false);
  expect(isNarrowed(read("/apps?max=0"))).toBe(true);
});
