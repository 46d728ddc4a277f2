// Finding apps for a need: words and meaning are asked of the index, the cards of what it found are read from D1, so that a
// price shown is never older than the catalogue. docs/ranking.md.

import type { App } from "../catalogue/app.ts";
import { appsById } from "../catalogue/store.ts";
import { words } from "../catalogue/words.ts";
import type { Facets, FilterName, SearchFilters } from "./filters.ts";
import { englishOf } from "./german.ts";
import type { CatalogueSearch, Embedder, IndexAnswer, IndexHit } from "./index-query.ts";
import { needOf } from "./need.ts";
import { sentenceOf } from "./phrases.ts";
import { confidenceOf, type Confidence } from "./rank.ts";
import type { Correction } from "./typos.ts";

/** Further words of a long query add time and no meaning. */
const WORDS_MAX = 24;
/** Apps without a vector count as averagely near, so a model whose vectors are still being worked out would mislead. */
const REMOTE_SHARE_MIN = 0.9;

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
  /** A German need in the English words it was looked for in; null for another, and where the model reads it as it is. */
  readAs: string | null;
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
  const need = readNeed(request.query, embedder);
  const first = await ask(index, embedder, need, request);
  let { answer } = first;
  // The words were mended on the way; meaning is asked again with what the person meant to type.
  if (answer.corrections.length > 0 && embedder)
    answer = {
      ...(await ask(index, embedder, { ...need, english: mended(need.english, answer) }, request)).answer,
      corrections: answer.corrections,
    };
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
    confidence: need.typed === "" ? "good" : confidenceOf(answer.best, first.model),
    corrections: answer.corrections,
    readAs: need.isGerman ? need.english : null,
    facets: answer.facets,
    relaxed: answer.relaxed,
    engine: answer.isHybrid ? "hybrid" : "words",
  };
}

interface Need {
  /** Without budget and frequency. */
  typed: string;
  /** The same in English words, as far as we have them. */
  english: string;
  isGerman: boolean;
}
function readNeed(query: string, embedder: Embedder | null): Need {
  const typed = needOf(query);
  const english = embedder && englishOf(query, embedder.isOrdinary);
  return english === null
    ? { typed, english: typed, isGerman: false }
    : { typed, english: needOf(english), isGerman: true };
}

interface Asked {
  answer: IndexAnswer;
  /** Whose vectors were compared. */
  model: string;
}
/** By the first of: the remote model's vectors, our own, words alone. */
async function ask(
  index: CatalogueSearch,
  embedder: Embedder | null,
  need: Need,
  { filters, from, limit }: SearchRequest,
): Promise<Asked> {
  const asked = queryWords(need.english);
  // An app may be described in German, so what was typed is looked for too.
  const typed = need.isGerman ? queryWords(need.typed).filter((word) => !asked.includes(word)) : [];
  const query = {
    words: [
      ...asked.map((text) => ({ text, isOrdinary: embedder?.isOrdinary(text) ?? false })),
      ...typed.map((text) => ({ text, isOrdinary: true, isExtra: true })),
    ],
    filters,
    from,
    limit,
  };
  const remote = asked.length > 0 ? embedder?.before : undefined;
  const vector = remote ? await remote.embed(sentenceOf(need.typed)) : null;
  if (remote && vector) {
    const { model } = remote;
    const answer = await index.search({ ...query, vector, model, sharePresent: REMOTE_SHARE_MIN });
    if (answer.isHybrid) return { answer, model };
  }
  const model = embedder?.model ?? "none";
  const own = asked.length > 0 && embedder ? embedder.embed(sentenceOf(need.english)) : null;
  return { answer: await index.search({ ...query, vector: own, model }), model };
}

const mended = (need: string, { corrections }: IndexAnswer): string =>
  need.replaceAll(/[\p{L}\p{N}]+/gu, (word) => corrections.find(({ from }) => from === word.toLowerCase())?.to ?? word);

/** The words of a need that carry meaning, in lower case, each once. */
export const queryWords = (query: string): string[] =>
  [...new Set(words(query).map(({ text }) => text.toLowerCase()))].slice(0, WORDS_MAX);
