// Retrieval for the chat: the same search as POST /v1/providers/search, asked with the need alone, and the wishes that rule
// an app out. The order is fixed here, before any model reads a description.

import type { App } from "../../catalogue/app.ts";
import { isTimeMeter } from "../../pricing/components.ts";
import type { SearchFilters } from "../filters.ts";
import type { Confidence } from "../rank.ts";
import type { SearchHit, SearchRequest, SearchResult } from "../search.ts";
import { regionWords } from "./read-wishes.ts";
import type { Slots } from "./slots.ts";

/** Enough for wishes to rule some out and for "more". */
const HITS_MAX = 40;
/** A hit further behind the best than this is another need's app. */
const SHARE_OF_BEST_MIN = 0.6;

/** The search of POST /v1/providers/search. */
export type Search = (request: SearchRequest) => Promise<SearchResult>;

export interface Found {
  /** Best first; wishes kept. */
  hits: SearchHit[];
  /** How many more there were that a wish ruled out. */
  ruledOut: number;
  confidence: Confidence;
  engine: SearchResult["engine"];
  corrections: SearchResult["corrections"];
  readAs: SearchResult["readAs"];
  /** The fullest shelves, for where nothing fits. */
  categories: string[];
  /** Words of `without` that no hit has: they say something about the need instead. */
  unmatched: string[];
}

export async function find(search: Search, slots: Slots): Promise<Found> {
  const filters: SearchFilters = { minRating: slots.minRating };
  const { need, english } = slots;
  const query = english !== undefined && english.of === need ? english.text : (need ?? "");
  const result = await search({ query, filters, from: 0, limit: HITS_MAX });
  const best = result.hits[0]?.score ?? 0;
  const near = result.hits.filter(({ score }) => score >= best * SHARE_OF_BEST_MIN);
  const unmatched = slots.without.filter((word) => !result.hits.some(({ app }) => mentions(app, word)));
  const hits = near.filter(({ app }) => isWanted(app, slots));
  return {
    hits,
    ruledOut: near.length - hits.length,
    confidence: result.confidence,
    engine: result.engine,
    corrections: result.corrections,
    readAs: result.readAs,
    categories: result.facets.category.map(({ value }) => value).slice(0, 5),
    unmatched,
  };
}

export const isWanted = (app: App, slots: Slots): boolean =>
  !slots.without.some((word) => mentions(app, word)) &&
  (slots.region === null || isOfferedIn(app, slots.region)) &&
  (slots.pricedBy === null || isPricedBy(app, slots.pricedBy));

/** By name, shelf, tags, what it learns of people and what it counts; a description may say that it avoids the thing. */
function mentions(app: App, word: string): boolean {
  const plain = comparable(word);
  if (plain === "") return false;
  const texts = [app.name, app.category, ...app.tags, ...app.dataReceived, ...app.components.map(({ meter }) => meter)];
  return texts.some((text) => ` ${comparable(text)} `.includes(` ${plain} `));
}

/** Words in the singular, in lower case, one space between: "E-Mails" and "e-mail" meet. */
const comparable = (text: string): string =>
  (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.replace(/([^s])s$/, "$1")).join(" ");

function isOfferedIn(app: App, place: string): boolean {
  if (app.regions.length === 0) return true;
  const words = regionWords(place);
  return app.regions.some((region) => words.includes(region.trim().toLowerCase()));
}

function isPricedBy(app: App, priced: NonNullable<Slots["pricedBy"]>): boolean {
  const isFlat = app.components.every(({ price }) => price.model === "flat");
  if (priced === "flat") return isFlat;
  if (priced === "time") return app.tokenRatePerHour !== null;
  return app.components.some(({ meter }) => !isTimeMeter(meter));
}
