// The one formula that orders apps, published in docs/ranking.md. Meaning and words each give at most 1; nothing else, and no
// payment, moves an app. It is applied before any model has read a description, so that no text can promote itself.

/** What the words add to the meaning. Flat between 0.2 and 2 on the development set. */
export const WORDS_WEIGHT = 1;
/** BM25 of a text that has every word of the query about as often as texts do, in units of the query's summed rarity. */
const FULL_COVERAGE = 3.3;
/** Below this cosine a phrase has nothing to do with the need. */
export const MEANING_MIN = 0.38;
/** Below this the best app is shown as a weak match. */
export const MEANING_GOOD = 0.45;

/**
 * BM25 as a share of what a perfect text would get: words of the query that no app has dilute it, so one accidental word
 * never weighs like a match.
 * @param rarity Summed inverse document frequency of all words of the query.
 */
export const wordScore = (bm25: number, rarity: number): number =>
  rarity <= 0 ? 0 : Math.min(1, Math.max(0, bm25) / (FULL_COVERAGE * rarity));

/** BM25's inverse document frequency of a word that `holders` of `count` apps have (Robertson and Zaragoza 2009, 3.4). */
export const rarityOf = (holders: number, count: number): number =>
  Math.log(1 + (count - holders + 0.5) / (holders + 0.5));

/** 0 to 1. `cosine` null: the app's vectors, or the query's, are not there; words alone then count in full. */
export function score(words: number, cosine: number | null): number {
  if (cosine === null) return words;
  return (Math.max(0, cosine) + WORDS_WEIGHT * words) / (1 + WORDS_WEIGHT);
}

export type Confidence = "good" | "weak" | "none";

/** What may honestly be said of the best hit. Without meaning to go by, every word found is as good as it gets. */
export function confidenceOf(best: { words: number; cosine: number | null } | null): Confidence {
  if (!best) return "none";
  if (best.cosine === null) return best.words >= 0.5 ? "good" : "weak";
  if (best.cosine >= MEANING_GOOD || best.words >= 0.6) return "good";
  return best.cosine >= MEANING_MIN || best.words >= 0.3 ? "weak" : "none";
}
