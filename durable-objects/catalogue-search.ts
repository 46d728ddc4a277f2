// One search of the discovery index: words from FTS5, meaning from the vectors in memory, put in order by rank.ts.

import { facetsOf, passing, relaxedBy } from "../domain/discovery/filters.ts";
import { SEARCH_FIELDS, type IndexAnswer, type IndexHit, type IndexQuery } from "../domain/discovery/index-query.ts";
import { rarityOf, scaleOf, score, wordScore, type Nearness } from "../domain/discovery/rank.ts";
import { correctionFor, type Correction } from "../domain/discovery/typos.ts";
import * as store from "./catalogue-index-store.ts";
import { GONE, type CatalogueMemory } from "./catalogue-memory.ts";

interface Scored {
  facts: store.AppFacts;
  words: number;
  score: number;
}

/** Without words every app that passes the filters is a hit, oldest first. Changes nothing. */
export function searchIndex(sql: SqlStorage, memory: CatalogueMemory, query: IndexQuery): IndexAnswer {
  const { words, corrections } = corrected(sql, memory, query.words);
  const byWords = wordScores(sql, words, memory.facts.size);
  const { vector, model, sharePresent = 0 } = query;
  const isThere = vector && (sharePresent === 0 || memory.shareOf(model, vector.length) >= sharePresent);
  const meant = isThere ? nearness(memory, model, vector) : null;
  const { cosineMin } = scaleOf(model);
  const scored: Scored[] = [];
  let sum = 0;
  for (const facts of memory.facts.values()) {
    const found = byWords.get(facts.rowid) ?? 0;
    // An app whose vectors are not there yet is taken to be as near as apps are on average: its words decide.
    const points = score(found, meant && (meant.of(facts.rowid) ?? meant.average));
    scored.push({ facts, words: found, score: points });
    sum += points;
  }
  const isAsked = words.length > 0;
  const isHit = ({ facts, words: found }: Scored) =>
    found > 0 || (meant !== null && (meant.of(facts.rowid)?.nearest ?? 0) >= cosineMin);
  const candidates = isAsked ? scored.filter(isHit) : scored;
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
          nearest: meant ? (meant.of(best.facts.rowid)?.nearest ?? 0) : null,
          average: sum / scored.length,
          apps: scored.length,
        }
      : null,
    hits: hitsOf(sql, words, page, meant, isAsked),
    corrections,
    facets: facetsOf(apps, query.filters),
    relaxed: hits.length === 0 ? relaxedBy(apps, query.filters) : [],
    isHybrid: meant !== null,
  };
}

function hitsOf(
  sql: SqlStorage,
  words: readonly string[],
  page: readonly Scored[],
  meant: Nearnesses | null,
  isAsked: boolean,
): IndexHit[] {
  const rowids = page.map(({ facts }) => facts.rowid);
  const places = words.map((word) => ({ word, fieldOf: store.placesOf(sql, word, rowids) }));
  return page.map(({ facts, words: found, score: points }) => {
    const position = meant?.positionOf(facts.rowid) ?? null;
    return {
      id: facts.id,
      score: isAsked ? Math.round(points * 1e4) / 1e4 : 0,
      words: found,
      cosine: meant?.of(facts.rowid)?.nearest ?? null,
      why: SEARCH_FIELDS.flatMap((field) => {
        const here = places.filter(({ fieldOf }) => fieldOf.get(facts.rowid) === field).map(({ word }) => word);
        return here.length > 0 ? [{ field, words: here }] : [];
      }),
      nearest: position === null ? null : store.textOfPhrase(sql, facts.rowid, position),
    };
  });
}

function corrected(
  sql: SqlStorage,
  memory: CatalogueMemory,
  asked: IndexQuery["words"],
): { words: string[]; corrections: Correction[] } {
  const corrections: Correction[] = [];
  const wanted = asked.filter(({ text, isExtra }) => !isExtra || memory.writtenWords.has(text));
  const words = wanted.map(({ text, isOrdinary }) => {
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

interface Nearnesses {
  /** By row; null for an app without vectors. */
  of: (rowid: number) => Nearness | null;
  average: Nearness;
  /** The nearest phrase that can be shown. */
  positionOf: (rowid: number) => number | null;
}

/** How near each app is. Null while no app has a vector of this model. */
function nearness(memory: CatalogueMemory, model: string, vector: Float32Array): Nearnesses | null {
  const { set, owners, positions, isSaid } = memory.meaning(model, vector.length);
  if (set.length === 0) return null;
  const size = memory.rowMax + 1;
  const nearest = new Float32Array(size).fill(-1);
  const said = new Float32Array(size).fill(-1);
  const position = new Int16Array(size).fill(-1);
  const sums = new Float32Array(size);
  const counts = new Uint16Array(size);
  const cosines = set.cosines(vector);
  for (let place = 0; place < cosines.length; place++) {
    const owner = owners[place]!;
    if (owner === GONE) continue;
    const cosine = cosines[place]!;
    sums[owner]! += cosine;
    counts[owner]! += 1;
    if (cosine > nearest[owner]!) nearest[owner] = cosine;
    if (isSaid[place] && cosine > said[owner]!) {
      said[owner] = cosine;
      position[owner] = positions[place]!;
    }
  }
  const of = (rowid: number): Nearness | null =>
    counts[rowid] ? { nearest: nearest[rowid]!, whole: sums[rowid]! / counts[rowid]! } : null;
  return {
    of,
    average: averageOf([...memory.facts.keys()].flatMap((rowid) => of(rowid) ?? [])),
    positionOf: (rowid) => (counts[rowid] && position[rowid]! >= 0 ? position[rowid]! : null),
  };
}

function averageOf(all: readonly Nearness[]): Nearness {
  if (all.length === 0) return { nearest: 0, whole: 0 };
  const sum = { nearest: 0, whole: 0 };
  for (const { nearest, whole } of all) {
    sum.nearest += nearest;
    sum.whole += whole;
  }
  return { nearest: sum.nearest / all.length, whole: sum.whole / all.length };
}
