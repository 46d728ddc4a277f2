// What is asked of the discovery index and what it answers: the contract between a search and durable-objects/catalogue-index.ts.

import type { Facets, FilterName, SearchFilters } from "./filters.ts";
import type { BestHit } from "./rank.ts";
import type { Correction } from "./typos.ts";

export const SEARCH_FIELDS = ["name", "useCases", "tags", "category", "description"] as const;
export type SearchField = (typeof SEARCH_FIELDS)[number];

export interface IndexQuery {
  /**
   * Words that carry meaning, in lower case. `isOrdinary`: common English, not to be corrected. `isExtra`: looked for where the
   * catalogue has just this word, and no loss where it has not.
   */
  words: { text: string; isOrdinary: boolean; isExtra?: boolean }[];
  /** The need as a unit vector of `model`; null where there is none. */
  vector: Float32Array | null;
  model: string;
  /** Unless this share of all phrases has a vector of `model`, meaning takes no part. */
  sharePresent?: number;
  filters: SearchFilters;
  from: number;
  limit: number;
}
export interface IndexHit {
  id: string;
  score: number;
  words: number;
  cosine: number | null;
  /** Which words stand where, best place first. */
  why: { field: SearchField; words: string[] }[];
  /** The phrase of the app that is nearest in meaning. */
  nearest: string | null;
}
export interface IndexAnswer {
  hits: IndexHit[];
  total: number;
  /** The first hit of all pages. */
  best: BestHit | null;
  corrections: Correction[];
  facets: Facets;
  /** Where no app passes the filters: how many would without each one. */
  relaxed: { filter: FilterName; count: number }[];
  /** Whether meaning took part. */
  isHybrid: boolean;
}

/** The index, wherever it runs. */
export interface CatalogueSearch {
  search: (query: IndexQuery) => Promise<IndexAnswer>;
  alternatives: (providerId: string, model: string, limit: number) => Promise<Alternative[]>;
}

/** Another app that says it meets a need this one says it meets. */
export interface Alternative {
  id: string;
  cosine: number;
  /** What the app says of itself, and what the other says that means the same. */
  says: string;
  otherSays: string;
}

/** Texts to vectors. Vectors of different models are never compared. */
export interface Embedder {
  model: string;
  embed: (text: string) => Float32Array;
  /** Whether a word is common English, and so probably meant as written. */
  isOrdinary: (word: string) => boolean;
  /** Asked first. Where it does not answer, or the index lacks its vectors, this one works it out. */
  before?: RemoteEmbedder;
}
/** A model elsewhere, which may be slow, used up or gone. */
export interface RemoteEmbedder {
  model: string;
  /** Null where it did not answer in time. */
  embed: (text: string) => Promise<Float32Array | null>;
}
