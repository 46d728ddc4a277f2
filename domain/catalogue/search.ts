// Finding apps by words: every app is scored by the best place each word of the query occurs in, rare words counting more.
// Words nobody uses dilute the score, so 1 means "every word, in the name". The weights stand below; nothing else, and no payment, moves an app.

import type { Millis } from "../clock.ts";
import { holdFor } from "../pricing/hold.ts";
import { pricingModels } from "../pricing/components.ts";
import type { PriceModel } from "../pricing/price.ts";
import type { App } from "./app.ts";
import { listedCatalogue } from "./listing.ts";
import { words } from "./words.ts";

export interface SearchFilters {
  category?: string | null;
  tag?: string | null;
  pricingModel?: PriceModel | null;
  /** The first hour may cost at most this; where time is not priced, all an hour could cost. */
  maxTokensPerHour?: number | null;
}
export type SearchField = "name" | "useCases" | "tags" | "category" | "description";
export interface SearchHit {
  app: App;
  /** 0 to 1; 0 only when the query has no words. */
  score: number;
  /** Which words of the query were found where, best place first. */
  why: { field: SearchField; words: string[] }[];
}

/** What a word found there is worth. */
const FIELD_WEIGHTS: Record<SearchField, number> = {
  name: 1,
  useCases: 0.8,
  tags: 0.7,
  category: 0.6,
  description: 0.4,
};
const FIELDS = Object.keys(FIELD_WEIGHTS) as SearchField[];
/** Each further place adds this part of its weight: an app that is about a word beats one that mentions it. */
const FURTHER_PLACE = 0.1;
/** A word that only begins like the one asked for ("transl" for "translation"). */
const PREFIX_WORTH = 0.7;
const PREFIX_LENGTH_MIN = 3;

interface IndexedApp {
  app: App;
  fields: Record<SearchField, Set<string>>;
}
/** The index of the list it was made from; a new list makes a new one. */
let index: { source: App[]; apps: IndexedApp[] } | null = null;

/**
 * The listed apps that match, best first; equal ones oldest first. Without words in the query every app that passes the
 * filters matches.
 */
export async function searchCatalogue(
  db: D1Database,
  search: { query: string; filters: SearchFilters },
  now: Millis,
): Promise<SearchHit[]> {
  const source = await listedCatalogue(db, now);
  if (index?.source !== source) index = { source, apps: source.map(indexApp) };
  return rank(index.apps, search.query, search.filters);
}

function rank(apps: readonly IndexedApp[], query: string, filters: SearchFilters): SearchHit[] {
  const asked = [...new Map(words(query).map((word) => [word.stem, word])).values()];
  const rarity = asked.map(({ stem }) => {
    const holders = apps.filter(({ fields }) => FIELDS.some((field) => worthIn(fields[field], stem) > 0)).length;
    return Math.log(1 + (apps.length - holders + 0.5) / (holders + 0.5));
  });
  const whole = rarity.reduce((sum, one) => sum + one, 0);
  return apps
    .filter(({ app }) => passes(app, filters))
    .map(({ app, fields }) => {
      const why = new Map<SearchField, string[]>();
      let sum = 0;
      for (const [position, { stem, text }] of asked.entries()) {
        const places = FIELDS.map((field) => ({ field, worth: FIELD_WEIGHTS[field] * worthIn(fields[field], stem) }))
          .filter((place) => place.worth > 0)
          .sort((a, b) => b.worth - a.worth);
        const [best, ...further] = places;
        if (!best) continue;
        const worth = best.worth + FURTHER_PLACE * further.reduce((more, place) => more + place.worth, 0);
        sum += rarity[position]! * Math.min(1, worth);
        why.set(best.field, [...(why.get(best.field) ?? []), text]);
      }
      return {
        app,
        score: whole === 0 ? 0 : Math.round((sum / whole) * 1e4) / 1e4,
        why: FIELDS.flatMap((field) => (why.has(field) ? [{ field, words: why.get(field)! }] : [])),
      };
    })
    .filter((hit) => asked.length === 0 || hit.score > 0)
    .sort((a, b) => b.score - a.score);
}

function worthIn(found: Set<string>, stem: string): number {
  if (found.has(stem)) return 1;
  if (stem.length < PREFIX_LENGTH_MIN) return 0;
  for (const word of found) if (word.startsWith(stem)) return PREFIX_WORTH;
  return 0;
}

function indexApp(app: App): IndexedApp {
  const stems = (text: string) => new Set(words(text).map((word) => word.stem));
  return {
    app,
    fields: {
      name: stems(app.name),
      useCases: stems(app.useCases.join(" ")),
      tags: stems(app.tags.join(" ")),
      category: stems(app.category),
      description: stems(app.description),
    },
  };
}

function passes(app: App, { category, tag, pricingModel, maxTokensPerHour }: SearchFilters): boolean {
  if (category && app.category !== category.trim().toLowerCase()) return false;
  if (tag && !app.tags.some((one) => one.toLowerCase() === tag.trim().toLowerCase())) return false;
  if (pricingModel && !pricingModels(app.components).includes(pricingModel)) return false;
  return maxTokensPerHour === undefined || maxTokensPerHour === null || hourlyTokens(app) <= maxTokensPerHour;
}

const hourlyTokens = (app: App): number => app.tokenRatePerHour ?? holdFor(app.components, 3600).heldTokens;
