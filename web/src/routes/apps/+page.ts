import { filtersOf, isNarrowed, type CatalogueFilters } from "$lib/catalogue-filters.ts";
import { listProviders, searchProviders } from "$lib/client/endpoints.ts";
import { asApiError, type ApiError } from "$lib/client/problem.ts";
import type { FoundProvider, ProviderCard, ProviderSearch } from "$lib/client/types.ts";
import type { PageLoad } from "./$types";

const PAGE_SIZE = 100;

interface CatalogueData {
  filters: CatalogueFilters;
  cards: (ProviderCard | FoundProvider)[];
  /** Categories that have apps, by how many they have. */
  categories: string[];
  /** Null without words or filters. */
  found: Omit<ProviderSearch, "providers"> | null;
  models: { value: string; count: number }[];
  nextCursor: string | null;
  error: ApiError | null;
}

/** The filters live in the address, so that a search can be shared and the back button works. */
export const load: PageLoad = async ({ url, fetch }): Promise<CatalogueData> => {
  const filters = filtersOf(url.searchParams);
  try {
    const [all, found] = await Promise.all([
      listProviders({ limit: PAGE_SIZE }, fetch),
      isNarrowed(filters) ? searchProviders(filters, fetch) : null,
    ]);
    return {
      filters,
      cards: found ? found.providers : all.providers,
      categories: countsOf(all.providers.map(({ category }) => category)).map(({ value }) => value),
      found,
      models:
        found?.facets.pricingModel ??
        countsOf(all.providers.flatMap(({ pricing }) => [...new Set(pricing.map(({ price }) => price.model))])),
      nextCursor: found ? null : all.nextCursor,
      error: null,
    };
  } catch (thrown) {
    const error = asApiError(thrown);
    return { filters, cards: [], categories: [], found: null, models: [], nextCursor: null, error };
  }
};

/** How often each value stands there, most first. */
function countsOf(values: string[]): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));
}
