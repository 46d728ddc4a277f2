// The words of the search's filters, in English.

import type { FilterName } from "../search-filters.ts";

export const enSearch = {
  filters: (count: number) => (count === 0 ? "Filters" : `Filters (${count})`),
  any: "Any",
  names: {
    category: "Category",
    pricingModel: "Priced by",
    maxTokensPerHour: "At most, tokens an hour",
    maxTokensPerAction: "At most, tokens a piece",
    minRating: "Rating, at least",
    availableOnly: "Can be started now",
    region: "Offered in",
    withoutData: "Does not receive",
  } satisfies Record<FilterName, string>,
  models: {
    flat: "one price",
    per_unit: "each unit",
    package: "packages",
    graduated: "tiers, each at its price",
    volume: "tiers, all at one price",
    percentage: "a percentage",
    graduated_percentage: "percentages in tiers",
    dynamic: "what the app names",
    hybrid: "a base and what is over",
    bounded: "with a least or most",
  } as Record<string, string>,
  counted: (name: string, count: string) => `${name} (${count})`,
  stars: (count: string) => `${count} of 5`,
  clear: "Take all filters away",
  readAs: (english: string) => `Read as “${english}”.`,
  corrected: (to: string, from: string) => `Searched for “${to}” instead of “${from}”.`,
  weak: "Nothing here is quite that; these are near to it.",
  none: "No app here says that it does this. What is shown is only near to it.",
  says: (text: string) => `says: “${text}”`,
  without: (name: string, count: string) => `Without “${name}”: ${count}`,
  noneBody: "No app passes all these filters. Take one away:",
};
export type SearchWords = typeof enSearch;
