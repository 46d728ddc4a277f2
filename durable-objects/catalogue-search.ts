// One search of the discovery index: words from FTS5, meaning from the vectors in memory, put in order by rank.ts.

import { facetsOf, passing, relaxedBy } from "../domain/discovery/filters.ts";
import { SEARCH_FIELDS, type IndexAnswer, type IndexHit, type IndexQuery } from "../domain/discovery/index-query.ts";
import { rarityOf, score, wordScore, type Nearness } from "../domain/discovery/rank.ts";
import { correctionFor, type Correction } from "../domain/discovery/typos.ts";
import * as store from "./catalogue-index-store.ts";
import { GONE, type CatalogueMemory } from "./catalogue-memory.ts";

/** Without a query's meaning or words in it an app is not a hit: cosine below this and no word found. */
const COSINE_MIN = 0.3;

interface Scored {
  facts: store.AppFacts;
  words: number;
  near: Near | null;
  score: number;
}
type Near = Nearness & { position: number | null };

/** Without words every app that passes the filters is a hit, oldest first. Changes nothing. */
export function searchIndex(sql: SqlStorage, memory: CatalogueMemory, query: IndexQuery): IndexAnswer {
  const { words, corrections } = corrected(sql, memory, query.words);
  const byWords = wordScores(sql, words, memory.facts.size);
  const meant = query.vector && nearness(memory, query.model, query.vector);
  // An app whose vectors are not there yet is taken to be as near as apps are on average: its words decide.
  const average = meant && averageOf(meant.values());
  const scored: Scored[] = [];
  for (const facts of memory.facts.values()) {
    const found = byWords.get(facts.rowid) ?? 0;
    const near = meant?.get(facts.rowid) ?? null;
    scored.push({ facts, words: found, near, score: score(found, near ?? average) });
  }
  const isAsked = words.length > 0;
  const candidates = isAsked
    ? scored.filter(({ words: found, near }) => found > 0 || (near !== null && near.nearest >= COSINE_MIN))
    : scored;
  const apps = candidates.map(({ facts }) => facts);
  const passes = passing(query.filters);
  const hits = candidates
    .filter(({ facts }) => passes(facts))
    .sort((a, b) => (isAsked ? b.score - a.score : 0) || a.facts.createdAt - b.facts.createdAt);
  const page = hits.slice(query.from, query.from + query.limit);
  const [best] = hits;
  return {
    total: hits.length,
    best: best
      ? {
          score: best.score,
          words: best.words,
          nearest: meant ? (best.near?.nearest ?? 0) : null,
          average: scored.reduce((sum, app) => sum + app.score, 0) / scored.length,
          apps: scored.length,
        }
      : null,
    hits: hitsOf(sql, words, page, isAsked),
    corrections,
    facets: facetsOf(apps, query.filters),
    relaxed: hits.length === 0 ? relaxedBy(apps, query.filters) : [],
    isHybrid: Boolean(meant),
  };
}

function hitsOf(sql: SqlStorage, words: readonly string[], page: readonly Scored[], isAsked: boolean): IndexHit[] {
  const rowids = page.map(({ facts }) => facts.rowid);
  const places = words.map((word) => ({ word, fieldOf: store.placesOf(sql, word, rowids) }));
  return page.map(({ facts, words: found, near, score: points }) => ({
    id: facts.id,
    score: isAsked ? Math.round(points * 1e4) / 1e4 : 0,
    words: found,
    cosine: near?.nearest ?? null,
    why: SEARCH_FIELDS.flatMap((field) => {
      const here = places.filter(({ fieldOf }) => fieldOf.get(facts.rowid) === field).map(({ word }) => word);
      return here.length > 0 ? [{ field, words: here }] : [];
    }),
    nearest: near === null || near.position === null ? null : store.textOfPhrase(sql, facts.rowid, near.position),
  }));
}

function corrected(
  sql: SqlStorage,
  memory: CatalogueMemory,
  asked: IndexQuery["words"],
): { words: string[]; corrections: Correction[] } {
  const corrections: Correction[] = [];
  const words = asked.map(({ text, isOrdinary }) => {
    if (isOrdinary || store.holdersOf(sql, text) > 0) return text;
    const to = correctionFor(text, memory.writtenWords, () => isOrdinary);
    if (to === null || store.holdersOf(sql, to) === 0) return text;
    corrections.push({ from: text, to });
    return to;
  });
  return { words: [...new Set(words)], corrections };
}

/** By row: the words' share of a perfect text. */
function wordScores(sql: SqlStorage, words: readonly string[], count: number): Map<number, number> {
  const rarity = words.reduce((sum, word) => sum + rarityOf(store.holdersOf(sql, word), count), 0);
  const scores = store.bm25(sql, words);
  for (const [rowid, value] of scores) scores.set(rowid, wordScore(value, rarity));
  return scores;
}

/** By row: how near each app is. Null while no app has a vector of this model. */
function nearness(memory: CatalogueMemory, model: string, vector: Float32Array): Map<number, Near> | null {
  const { set, owners, positions, isSaid } = memory.meaning(model, vector.length);
  if (set.length === 0) return null;
  interface Sum {
    nearest: number;
    said: number;
    position: number | null;
    sum: number;
    phrases: number;
  }
  const sums = new Map<number, Sum>();
  for (const [place, cosine] of set.cosines(vector).entries()) {
    const owner = owners[place]!;
    if (owner === GONE) continue;
    let known = sums.get(owner);
    if (!known) sums.set(owner, (known = { nearest: -1, said: -1, position: null, sum: 0, phrases: 0 }));
    known.sum += cosine;
    known.phrases += 1;
    if (cosine > known.nearest) known.nearest = cosine;
    if (isSaid[place] && cosine > known.said) {
      known.said = cosine;
      known.position = positions[place]!;
    }
  }
  return new Map(
    [...sums].map(([owner, { nearest, position, sum, phrases }]) => [
      owner,
      { nearest, position, whole: sum / phrases },
    ]),
  );
}

function averageOf(all: Iterable<Nearness>): Nearness {
  let count = 0;
  const sum = { nearest: 0, whole: 0 };
  for (const { nearest, whole } of all) {
    count += 1;
    sum.nearest += nearest;
    sum.whole += whole;
  }
  return { nearest: sum.nearest / count, whole: sum.whole / count };
}
