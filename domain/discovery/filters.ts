// What a search may be narrowed by, and how many apps each choice would leave. Pure; rows come from the index.

import type { PriceModel } from "../pricing/price.ts";

export interface SearchFilters {
  /** One of categories.ts. */
  category?: string | null;
  /** One of taxonomy.ts: several categories. */
  group?: string | null;
  tag?: string | null;
  pricingModel?: PriceModel | null;
  /** The first hour may cost at most this; where time is not priced, all an hour could cost. */
  maxTokensPerHour?: number | null;
  minRating?: number | null;
  /** Only apps that can be started now. */
  availableOnly?: boolean | null;
  /** ISO 3166 code; apps that name no region are offered everywhere. */
  region?: string | null;
  /** Apps that receive this are left out, e.g. `e-mail address`. */
  withoutData?: string | null;
}

/** What an app is judged by; lists are JSON, in lower case. */
export interface FilteredRow {
  category: string;
  grouped: string;
  status: string;
  tags: string;
  models: string;
  regions: string;
  data_received: string;
  hourly_tokens: number;
  rating: number | null;
}

type Facet = "category" | "group" | "pricingModel" | "region";
export type Facets = Record<Facet, { value: string; count: number }[]>;

export const passes = (row: FilteredRow, filters: SearchFilters): boolean =>
  CHECKS.every(([name, check]) => isAbsent(filters[name]) || check(row, filters));

/** For each facet: how many apps every value would leave, with the other filters as they are. Most first. */
export function facetsOf(rows: readonly FilteredRow[], filters: SearchFilters): Facets {
  const count = (facet: Facet, valuesOf: (row: FilteredRow) => string[]) => {
    const counts = new Map<string, number>();
    for (const row of rows)
      if (passes(row, { ...filters, [facet]: null }))
        for (const value of valuesOf(row)) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts]
      .map(([value, number]) => ({ value, count: number }))
      .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));
  };
  return {
    group: count("group", (row) => [row.grouped]),
    category: count("category", (row) => [row.category]),
    pricingModel: count("pricingModel", (row) => list(row.models)),
    region: count("region", (row) => list(row.regions)),
  };
}

const CHECKS: [keyof SearchFilters, (row: FilteredRow, filters: SearchFilters) => boolean][] = [
  ["category", (row, { category }) => row.category === plain(category!)],
  ["group", (row, { group }) => row.grouped === plain(group!)],
  ["tag", (row, { tag }) => list(row.tags).includes(plain(tag!))],
  ["pricingModel", (row, { pricingModel }) => list(row.models).includes(pricingModel!)],
  ["maxTokensPerHour", (row, { maxTokensPerHour }) => row.hourly_tokens <= maxTokensPerHour!],
  ["minRating", (row, { minRating }) => (row.rating ?? 0) >= minRating!],
  ["availableOnly", (row, { availableOnly }) => !availableOnly || row.status === "active"],
  ["region", (row, { region }) => row.regions === "[]" || list(row.regions).includes(plain(region!))],
  ["withoutData", (row, { withoutData }) => !list(row.data_received).includes(plain(withoutData!))],
];

const isAbsent = (value: unknown): boolean => value === null || value === undefined || value === "";
const plain = (text: string): string => text.trim().toLowerCase();
const list = (json: string): string[] => JSON.parse(json) as string[];
