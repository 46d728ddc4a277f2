import { listProviders, searchProviders } from "$lib/client/endpoints.ts";
import { asApiError, type ApiError } from "$lib/client/problem.ts";
import type { FoundProvider, ProviderCard, SearchAnswer } from "$lib/client/types.ts";
import type { SearchWords } from "$lib/locales/en-search.ts";
import type { Language } from "$lib/preferences.ts";
import { isFiltered, readFilters, type SearchFilters } from "$lib/search-filters.ts";
import type { PageLoad } from "./$types";

const PAGE_SIZE = 100;

interface CatalogueData {
  query: string;
  filters: SearchFilters;
  words: SearchWords;
  cards: (ProviderCard | FoundProvider)[];
  /** Null where nothing was searched: the plain list. */
  found: SearchAnswer | null;
  /** How many apps each further choice would leave. */
  facets: SearchAnswer["facets"] | null;
  /** Categories that have apps, by how many they have. */
  categories: string[];
  nextCursor: string | null;
  error: ApiError | null;
}

/** The filters live in the address, so that a search can be shared and the back button works. */
export const load: PageLoad = async ({ url, fetch, parent }): Promise<CatalogueData> => {
  const query = (url.searchParams.get("q") ?? "").trim().slice(0, 200);
  const filters = readFilters(url.searchParams);
  const words = await parent().then(({ i18n }) => loadWords(i18n.language));
  try {
    const isSearch = query !== "" || isFiltered(filters);
    const [all, answer] = await Promise.all([
      listProviders({ limit: PAGE_SIZE }, fetch),
      searchProviders({ query, filters }, fetch),
    ]);
    return {
      query,
      filters,
      words,
      cards: isSearch ? answer.providers : all.providers,
      found: isSearch ? answer : null,
      facets: answer.facets,
      categories: categoriesOf(all.providers),
      nextCursor: isSearch ? answer.nextCursor : all.nextCursor,
      error: null,
    };
  } catch (thrown) {
    const nothing = { cards: [], found: null, facets: null, categories: [], nextCursor: null };
    return { query, filters, words, ...nothing, error: asApiError(thrown) };
  }
};

const loadWords = async (language: Language): Promise<SearchWords> =>
  language === "de"
    ? (await import("$lib/locales/de-search.ts")).deSearch
    : (await import("$lib/locales/en-search.ts")).enSearch;

function categoriesOf(cards: ProviderCard[]): string[] {
  const counts = new Map<string, number>();
  for (const { category } of cards) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([category]) => category);
}
