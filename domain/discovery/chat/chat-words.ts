// The sentences of the embedded engine, as every language has them. Each is made from rows and figures; `[[card:n]]` and
// `[[est:n]]` are filled in by output-filter.ts.

import type { BudgetVerdict, Estimate } from "./estimate.ts";
import type { Budget, PricedBy, Use } from "./slots.ts";

export const CHAT_LANGUAGES = ["en", "de"] as const;
export type ChatLanguage = (typeof CHAT_LANGUAGES)[number];

export interface PricedApp {
  name: string;
  tokenRatePerHour: number | null;
  /** The first thing it counts beside time, and what one more costs; null where it counts none. */
  counted: {
    meter: string;
    unitTokens: string;
    /** Where the price is a share of an amount. */
    percent: { rate: string; isLowest: boolean } | null;
  } | null;
  flatTokens: string | null;
  mostAnHour: { tokens: number };
}

export interface ChatWords {
  greeting: string;
  help: string;
  restarted: string;
  use: (use: Use) => string;
  budget: (budget: Budget) => string;
  /** As a sum: "inside your limit of $20 a month". */
  limit: (budget: Budget) => string;
  pricedBy: (priced: PricedBy) => string;
  without: (word: string) => string;
  region: (place: string) => string;
  rating: (stars: number) => string;
  estimate: (estimate: Estimate) => string;
  price: (app: PricedApp) => string;
  best: (card: number, quote: string | null, isWeak: boolean) => string;
  quoted: (card: number, quote: string) => string;
  /** `counts`: what the app counts and nobody told, so that only the most is known; null where the use is priced. */
  monthOf: (of: {
    card: number;
    use: string;
    counts: string[] | null;
    verdict: BudgetVerdict;
    budget: string | null;
  }) => string;
  priceOf: (card: number) => string;
  others: (cards: number[], hasEstimates: boolean) => string;
  insideInstead: (card: number) => string;
  leftOut: (card: number, meters: { meter: string; unitTokens: string }[]) => string;
  assumption: (lengths: number[]) => string;
  month: string;
  nothing: (need: string, categories: string[]) => string;
  ruledOut: (count: number) => string;
  noMore: string;
  more: (cards: number[]) => string;
  nearest: (cards: number[]) => string;
  cheapest: (card: number) => string;
  cheaper: (cards: number[], than: string) => string;
  cheaperByHour: string;
  compared: (cards: number[]) => string;
  cheaperOf: (card: number, other: number, byMonth: boolean) => string;
  about: (card: number, description: string) => string;
  start: (card: number) => string;
  unavailable: (card: number) => string;
  startWhich: string;
  onlyOne: (card: number) => string;
  /** A German need in the English words it was looked for in. */
  readAs: (english: string) => string;
  corrected: (from: string, to: string) => string;
  foreignCurrency: string;
  gone: string;
  ask: { need: string; other: string; use: (unit: string | null) => string; budget: string };
  choices: {
    useTime: string[];
    useUnits: (unit: string) => string[];
    budget: string[];
    nothing: string[];
  };
  example: string[];
}
