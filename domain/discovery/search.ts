// Finding apps for a need: words and meaning are asked of the index, the cards of what it found are read from D1, so that a
// price shown is never older than the catalogue. docs/ranking.md.

import type { App } from "../catalogue/app.ts";
import { appsById } from "../catalogue/store.ts";
import { words } from "../catalogue/words.ts";
import type { Facets, SearchFilters } from "./filters.ts";
import type { CatalogueSearch, Embedder, IndexHit } from "./index-query.ts";
import { confidenceOf, type Confidence } from "./rank.ts";
import type { Correction } from "./typos.ts";

/** Further words of a long query add time and no meaning. */
const WORDS_MAX = 24;

export interface SearchRequest {
  query: string;
  filters: SearchFilters;
  from: number;
  limit: number;
}
export type SearchHit = Omit<IndexHit, "id"> & { app: App };
export interface SearchResult {
  hits: SearchHit[];
  total: number;
  /** What may honestly be said of the best hit, whatever page is asked for. */
  confidence: Confidence;
  corrections: Correction[];
  facets: Facets;
  engine: "hybrid" | "words";
}

/**
 * Ranked apps, best first. Changes nothing, so it can be repeated.
 * @param embedder Null: by words alone.
 */
export async function searchApps(
  db: D1Database,
  index: CatalogueSearch,
  embedder: Embedder | null,
  request: SearchRequest,
): Promise<SearchResult> {
  const asked = queryWords(request.query);
  const answer = await index.search({
    words: asked.map((text) => ({ text, isOrdinary: embedder?.isOrdinary(text) ?? false })),
    vector: asked.length > 0 && embedder ? embedder.embed(request.query.trim()) : null,
    model: embedder?.model ?? "none",
    filters: request.filters,
    from: request.from,
    limit: request.limit,
  });
  const apps = new Map(
    (
      await appsById(
        db,
        answer.hits.map(({ id }) => id),
      )
    ).map((app) => [app.id, app]),
  );
  return {
    // An app that was taken off the list between the two reads is left out.
    hits: answer.hits.flatMap(({ id, ...hit }) => (apps.has(id) ? [{ ...hit, app: apps.get(id)! }] : [])),
    total: answer.total,
    confidence: asked.length === 0 ? "good" : confidenceOf(answer.best),
    corrections: answer.corrections,
    facets: answer.facets,
    engine: answer.isHybrid ? "hybrid" : "words",
  };
}

/** The words of a need that carry meaning, in lower case, each once. */
export const queryWords = (query: string): string[] =>
  [...new Set(words(query).map(({ text }) => text.toLowerCase()))].slice(0, WORDS_MAX);
