// A last look at the first hits by a model that reads need and app together: optional (setting `rerankSearches`), because it reads
// what apps say of themselves, which the published formula does not. It moves hits within the first page and removes none.

import type { SearchHit, SearchResult } from "./search.ts";

/** Places of the texts, best first; null where the model does not answer. */
export type Rerank = (need: string, texts: readonly string[]) => Promise<number[] | null>;

const HITS_MAX = 20;
const TEXT_LENGTH_MAX = 300;

export async function reranked(rerank: Rerank, need: string, result: SearchResult): Promise<SearchResult> {
  const first = result.hits.slice(0, HITS_MAX);
  if (first.length < 2 || need.trim() === "") return result;
  const places = await rerank(need, first.map(textOf));
  if (!places) return result;
  return { ...result, hits: [...places.map((place) => first[place]!), ...result.hits.slice(first.length)] };
}

const textOf = ({ app, nearest }: SearchHit): string =>
  `${app.name}. ${nearest ?? ""} ${app.description}`.slice(0, TEXT_LENGTH_MAX);
