import { listProviders, searchProviders } from "$lib/client/endpoints.ts";
import { asApiError, type ApiError } from "$lib/client/problem.ts";
import type { FoundProvider, ProviderCard } from "$lib/client/types.ts";
import type { PageLoad } from "./$types";

const PAGE_SIZE = 100;

interface CatalogueData {
  query: string;
  category: string | null;
  cards: (ProviderCard | FoundProvider)[];
  /** Categories that have apps, by how many they have. */
  categories: string[];
  nextCursor: string | null;
  error: ApiError | null;
}

/** The filters live in the address, so that a search can be shared and the back button works. */
export const load: PageLoad = async ({ url, fetch }): Promise<CatalogueData> => {
  const query = (url.searchParams.get("q") ?? "").trim().slice(0, 200);
  const category = url.searchParams.get("category");
  try {
    const isFiltered = query !== "" || category !== null;
    const [all, found] = await Promise.all([
      listProviders({ limit: PAGE_SIZE }, fetch),
      isFiltered ? searchProviders(query, category, fetch) : null,
    ]);
    return {
      query,
      category,
      cards: found ? found.providers : all.providers,
      categories: categoriesOf(all.providers),
      nextCursor: found ? null : all.nextCursor,
      error: null,
    };
  } catch (thrown) {
    return { query, category, cards: [], categories: [], nextCursor: null, error: asApiError(thrown) };
  }
};

function categoriesOf(cards: ProviderCard[]): string[] {
  const counts = new Map<string, number>();
  for (const { category } of cards) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([category]) => category);
}
