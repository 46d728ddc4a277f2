// The one formula that orders apps, published in docs/ranking.md. Meaning and words give points; nothing else, and no payment,
// moves an app. It is applied before any model has read a description, so that no text can promote itself.

/** What all phrases of an app together add to its nearest one: an app that is about the need beats one that mentions it. */
const WHOLE_WEIGHT = 1;
/** What the words add to the meaning. Between 0.5 and 0.9 nothing much changes on either set. */
const WORDS_WEIGHT = 0.6;
/** BM25 of a text that has every word of the query about as often as texts do, in units of the query's summed rarity. */
const FULL_COVERAGE = 3.3;
/** With fewer apps than this an average says nothing. */
const AVERAGE_OF_MIN = 8;

/** What cosines mean, which differs from model to model. */
export interface Scale {
  /** Without a word found, an app is a hit from here on. */
  cosineMin: number;
  /** How far the best app must stand out from the average of the catalogue to be a match at all, and to be a good one. */
  standsOutMin: number;
  standsOutGood: number;
  /** In a catalogue too small for an average the nearest phrase decides, in cosine. */
  nearestMin: number;
  nearestGood: number;
}
/** Our own encoder's, measured (docs/ranking.md). */
const OWN: Scale = { cosineMin: 0.3, standsOutMin: 0.18, standsOutGood: 0.21, nearestMin: 0.45, nearestGood: 0.55 };
/** Of models whose cosines lie closer together. Set from what is known of them, not measured here: docs/workers-ai.md. */
const SCALES: Readonly<Record<string, Scale>> = {
  "@cf/baai/bge-m3": { cosineMin: 0.45, standsOutMin: 0.1, standsOutGood: 0.13, nearestMin: 0.55, nearestGood: 0.62 },
};
export const scaleOf = (model: string): Scale => SCALES[model] ?? OWN;

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

/** How near an app is in meaning. */
export interface Nearness {
  /** Cosine of the need with the app's nearest phrase. */
  nearest: number;
  /** Mean cosine with all its phrases. */
  whole: number;
}

/** 0 to 1. `near` null: there are no vectors; words alone then count in full. */
export function score(words: number, near: Nearness | null): number {
  if (near === null) return words;
  const sum = near.nearest + WHOLE_WEIGHT * near.whole + WORDS_WEIGHT * words;
  return Math.max(0, sum) / (1 + WHOLE_WEIGHT + WORDS_WEIGHT);
}

export type Confidence = "good" | "weak" | "none";

/** The best hit, and what it stands out from. */
export interface BestHit {
  score: number;
  words: number;
  /** Null where words alone were compared. */
  nearest: number | null;
  /** Mean score of all apps of the catalogue, and how many there are. */
  average: number;
  apps: number;
}

/**
 * What may honestly be said of the best hit. A need nobody meets is about as near to every app, so the best one does not stand
 * out; a bare cosine cannot tell that (measured: docs/ranking.md).
 */
export function confidenceOf(best: BestHit | null, model: string): Confidence {
  if (!best) return "none";
  if (best.nearest === null) return best.words >= 0.5 ? "good" : "weak";
  const scale = scaleOf(model);
  const [value, least, good] =
    best.apps >= AVERAGE_OF_MIN
      ? [best.score - best.average, scale.standsOutMin, scale.standsOutGood]
      : [best.nearest + best.words, scale.nearestMin, scale.nearestGood];
  return value >= good ? "good" : value >= least ? "weak" : "none";
}
