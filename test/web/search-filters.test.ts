// The filters of a search in the address: what is read back is what was written, and nonsense is left out.

import { expect, it } from "vitest";
import { readFilters, searchAddress, withFilter, type SearchFilters } from "../../web/src/lib/search-filters.ts";

it("reads back what it wrote", () => {
  const filters: SearchFilters = {
    category: "audio",
    pricingModel: "per_unit",
    maxTokensPerHour: 0,
    maxTokensPerAction: 3,
    minRating: 4,
    availableOnly: true,
    region: "de",
    withoutData: "e-mail address",
  };
  const address = searchAddress("a & b", filters);
  const parameters = new URL(address, "https://m.example").searchParams;
  expect(parameters.get("q")).toBe("a & b");
  expect(readFilters(parameters)).toEqual(filters);
  expect(searchAddress("", {})).toBe("/apps");
});

it("leaves out what is no filter or no number", () => {
  expect(readFilters(new URLSearchParams("hour=x&action=-1&rating=9&now=yes&model=&foo=1"))).toEqual({ minRating: 5 });
});

it("takes one filter away and keeps the others", () => {
  expect(withFilter({ region: "de", minRating: 3 }, "region", undefined)).toEqual({ minRating: 3 });
  expect(withFilter({ region: "de" }, "minRating", 4)).toEqual({ region: "de", minRating: 4 });
});
