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
  /** One piece of work may cost at most this; apps that price time alone are left out. */
  maxTokensPerAction?: number | null;
  minRating?: number | null;
  /** Only apps that can be started now. */
  availableOnly?: boolean | null;
  /** ISO 3166 code; apps that name no region are offered everywhere. */
  region?: string | null;
  /** Apps that receive this are left out, e.g. `e-mail address`. */
  withoutData?: string | null;
}
export type FilterName = keyof SearchFilters;

/** What an app is judged by; texts in lower case. */
export interface FilteredApp {
  category: string;
  group: string;
  status: string;
  tags: readonly string[];
  models: readonly string[];
  regions: readonly string[];
  dataReceived: readonly string[];
  hourlyTokens: number;
  /** Null where no piece of work has a price of its own. */
  actionTokens: number | null;
  rating: number | null;
}

export const FACETS = [
  "group",
  "category",
  "pricingModel",
  "region",
  "minRating",
  "availableOnly",
  "withoutData",
] as const;
export type Facet = (typeof FACETS)[number];
export type Facets = Record<Facet, { value: string; count: number }[]>;

/** As many values of one facet as anyone looks through. */
const VALUES_MAX = 30;
const RATINGS = [4, 3];

type Check = (app: FilteredApp) => boolean;

/** Whether an app passes all filters; made once a search. */
export function passing(filters: SearchFilters): Check {
  const checks = checksOf(filters);
  return (app) => checks.every((check) => check(app));
}

/** For each facet: how many apps every value would leave, with the other filters as they are. Most first. */
export function facetsOf(apps: readonly FilteredApp[], filters: SearchFilters): Facets {
  const count = (facet: Facet, valuesOf: (app: FilteredApp) => readonly string[]) => {
    const passes = passing({ ...filters, [facet]: null });
    const counts = new Map<string, number>();
    for (const app of apps)
      if (passes(app)) for (const value of valuesOf(app)) counts.set(value, (counts.get(value) ?? 0) + 1);
    return counts;
  };
  const listed = (counts: Map<string, number>) =>
    [...counts]
      .map(([value, number]) => ({ value, count: number }))
      .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value))
      .slice(0, VALUES_MAX);

  // Where an app names no region it is offered everywhere, and counts for each.
  const regions = count("region", ({ regions: named }) => (named.length > 0 ? named : [EVERYWHERE]));
  const everywhere = regions.get(EVERYWHERE) ?? 0;
  regions.delete(EVERYWHERE);
  // What is asked about data is who does without it.
  const receivers = count("withoutData", ({ dataReceived }) => [...new Set([ALL, ...dataReceived])]);
  const all = receivers.get(ALL) ?? 0;
  receivers.delete(ALL);
  return {
    group: listed(count("group", ({ group }) => [group])),
    category: listed(count("category", ({ category }) => [category])),
    pricingModel: listed(count("pricingModel", ({ models }) => models)),
    region: listed(new Map([...regions].map(([value, number]) => [value, number + everywhere]))),
    minRating: listed(
      count("minRating", ({ rating }) => RATINGS.filter((least) => (rating ?? 0) >= least).map(String)),
    ),
    availableOnly: listed(count("availableOnly", ({ status }) => (status === "active" ? ["true"] : []))),
    withoutData: listed(new Map([...receivers].map(([value, number]) => [value, all - number]))),
  };
}
const EVERYWHERE = "*";
const ALL = "*";

/** Where nothing passes: how many would without each one filter. Most first, those that would not help left out. */
export const relaxedBy = (
  apps: readonly FilteredApp[],
  filters: SearchFilters,
): { filter: FilterName; count: number }[] =>
  FILTERS.filter((name) => !isAbsent(filters[name]))
    .map((filter) => ({ filter, count: apps.filter(passing({ ...filters, [filter]: null })).length }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);

/** A filter that was given, as what it asks of an app. */
const MAKERS: Record<FilterName, (filters: SearchFilters) => Check> = {
  category: ({ category }) => is("category", plain(category!)),
  group: ({ group }) => is("group", plain(group!)),
  tag: ({ tag }) => has("tags", plain(tag!)),
  pricingModel: ({ pricingModel }) => has("models", pricingModel!),
  maxTokensPerHour:
    ({ maxTokensPerHour: most }) =>
    (app) =>
      app.hourlyTokens <= most!,
  maxTokensPerAction:
    ({ maxTokensPerAction: most }) =>
    (app) =>
      app.actionTokens !== null && app.actionTokens <= most!,
  minRating:
    ({ minRating: least }) =>
    (app) =>
      (app.rating ?? 0) >= least!,
  availableOnly: ({ availableOnly }) => (availableOnly ? is("status", "active") : () => true),
  region: ({ region }) => {
    const isOffered = has("regions", plain(region!));
    return (app) => app.regions.length === 0 || isOffered(app);
  },
  withoutData: ({ withoutData }) => {
    const receives = has("dataReceived", plain(withoutData!));
    return (app) => !receives(app);
  },
};
const FILTERS = Object.keys(MAKERS) as FilterName[];

const is =
  (field: "category" | "group" | "status", wanted: string): Check =>
  (app) =>
    app[field] === wanted;
const has =
  (field: "tags" | "models" | "regions" | "dataReceived", wanted: string): Check =>
  (app) =>
    app[field].includes(wanted);

const checksOf = (filters: SearchFilters): Check[] =>
  FILTERS.filter((name) => !isAbsent(filters[name])).map((name) => MAKERS[name](filters));
const isAbsent = (value: unknown): boolean => value === null || value === undefined || value === "";
const plain = (text: string): string => text.trim().toLowerCase();
