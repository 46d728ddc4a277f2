// Finding apps for a need: words and meaning are asked of the index, the cards of what it found are read from D1, so that a
// price shown is never older than the catalogue. docs/ranking.md.

import type { App } from "../catalogue/app.ts";
import { appsById } from "../catalogue/store.ts";
import { words } from "../catalogue/words.ts";
import type { Facets, FilterName, SearchFilters } from "./filters.ts";
import type { CatalogueSearch, Embedder, IndexAnswer, IndexHit } from "./index-query.ts";
import { needOf } from "./need.ts";
import { sentenceOf } from "./phrases.ts";
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
  relaxed: { filter: FilterName; count: number }[];
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
  const need = needOf(request.query);
  let answer = await ask(index, embedder, need, request);
  // The words were mended on the way; meaning is asked again with what the person meant to type.
  if (answer.corrections.length > 0 && embedder)
    answer = { ...(await ask(index, embedder, mended(need, answer), request)), corrections: answer.corrections };
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
    confidence: need === "" ? "good" : confidenceOf(answer.best),
    corrections: answer.corrections,
    facets: answer.facets,
    relaxed: answer.relaxed,
    engine: answer.isHybrid ? "hybrid" : "words",
  };
}

const ask = (
  index: CatalogueSearch,
  embedder: Embedder | null,
  need: string,
  { filters, from, limit }: SearchRequest,
): Promise<IndexAnswer> => {
  const asked = queryWords(need);
  return index.search({
    words: asked.map((text) => ({ text, isOrdinary: embedder?.isOrdinary(text) ?? false })),
    vector: asked.length > 0 && embedder ? embedder.embed(sentenceOf(need)) : null,
    model: embedder?.model ?? "none",
    filters,
    from,
    limit,
  });
};

const mended = (need: string, { corrections }: IndexAnswer): string =>
  need.replaceAll(/[\p{L}\p{N}]+/gu, (word) => corrections.find(({ from }) => from === word.toLowerCase())?.to ?? word);

/** The words of a need that carry meaning, in lower case, each once. */
export const queryWords = (query: string): string[] =>
  [...new Set(words(query).map(({ text }) => text.toLowerCase()))].slice(0, WORDS_MAX);
