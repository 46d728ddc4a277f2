// What somebody would spend at most, from their own words: "under $20 a month", "500 tokens a week", "at most 5 cents an
// image". Dollars become tokens at list price; other currencies are not guessed at, and said not to be.

import { TOKEN_CENTS } from "../../money.ts";
import { ABOUT, NUMBER, readNumber } from "./numbers.ts";
import type { Budget } from "./slots.ts";
import type { Reading } from "./taken.ts";

const LEAD = String.raw`(?:(?:(?:my |the |a |mein |meine )?budget(?: is| of| ist| von|:)?|(?:i (?:can|could|would|want to|will|do) )?(?:spend|pay|afford|ausgeben)|(?:cost|costs|costing)|under|below|less than|up to|at most|max(?:imum|imal)?\.?(?: of)?|no more than|not more than|within|for|unter|höchstens|bis(?: zu)?|für|nicht mehr als|weniger als)\s+)*`;
/** Groups: dollars with the sign before, or a number and its unit; the second number of a range, if there is one. */
const AMOUNT = String.raw`(?:\$\s?(${NUMBER})(?:\s*(?:-|–|to)\s*\$?\s?(${NUMBER}))?|(${NUMBER})(?:\s*(?:-|–|to|bis)\s*(${NUMBER}))?\s*(\$|dollars?|bucks|usd|cents?|ct|tokens?|euros?|eur|€|pounds?|£)|([€£])\s?(${NUMBER}))`;
const PER = String.raw`(?:\s*(?:tops|max|at most|höchstens))?\s*((?:\/|an?\s|per\s|each\s|every\s|pro\s|im\s|in der\s|die\s|am\s|je\s)\s*(hour|h|hr|stunde|day|tag|week|wk|woche|month|mo|monat|year|jahr|session|time|sitzung|image|picture|photo|page|email|e-mail|piece|item|question|minute|row|scene|letter|bild|foto|seite|stück)(?![\p{L}])|hourly|daily|weekly|monthly|yearly|each|apiece|täglich|wöchentlich|monatlich|jährlich|stündlich)?`;
const BUDGET = new RegExp(String.raw`(?<![\p{L}\p{N}$€£.])${LEAD}${ABOUT}${AMOUNT}${PER}(?![\p{L}\p{N}])`, "iu");
const FREE = /(?<!\p{L})(?:for free|free of charge|costs? nothing|kostenlos|gratis)(?!\p{L})/iu;
const BARE = new RegExp(String.raw`^\s*${LEAD}${ABOUT}(${NUMBER})\s*[.!]?\s*$`, "iu");

export interface ReadBudget {
  budget: Budget | null;
  /** An amount in another currency was given; it was left out. */
  isForeign: boolean;
}

/** @param wasAsked The question stood there, so a bare "20" means dollars a month, as it was asked. */
export function readBudget(reading: Reading, wasAsked: boolean): ReadBudget | null {
  return (
    reading.take(BUDGET, (match): ReadBudget | null => {
      const [, signed, signedTo, plain, plainTo, unit = "$", foreign] = match;
      if (foreign || /^(?:euro|eur|€|pound|£)/i.test(unit)) return { budget: null, isForeign: true };
      const text = signedTo ?? signed ?? plainTo ?? plain;
      const value = text === undefined ? null : (readNumber(text)?.max ?? null);
      if (value === null || !isMoney(match)) return null;
      const tokens = tokensOf(value, unit);
      return { budget: { tokens, ...periodOf(match[8], match[9]) }, isForeign: false };
    }) ??
    reading.take(FREE, () => ({
      budget: { tokens: 0, per: "month", isPeriodAssumed: true },
      isForeign: false,
    })) ??
    (wasAsked
      ? reading.take(BARE, (match): ReadBudget | null => {
          const value = readNumber(match[1]!)?.max;
          if (value === undefined) return null;
          return { budget: { tokens: tokensOf(value, "$"), per: "month", isPeriodAssumed: false }, isForeign: false };
        })
      : null)
  );
}

/** "a token" is a word, "1 token" an amount; with a lead ("under a dollar") either is. */
const isMoney = (match: RegExpExecArray): boolean => {
  const number = match[1] ?? match[3] ?? "";
  return /\d/.test(number) || !/^(?:an?|one|eine?[nrm]?)$/i.test(number.trim()) || match[8] !== undefined;
};

function tokensOf(value: number, unit: string): number {
  if (/^token/i.test(unit)) return Math.floor(value);
  const cents = /^c(?:ent|t)/i.test(unit) ? Math.floor(value) : Math.floor(Math.round(value * 10_000) / 100);
  return Math.floor(cents / TOKEN_CENTS);
}

function periodOf(whole: string | undefined, unit: string | undefined): Pick<Budget, "per" | "isPeriodAssumed"> {
  if (whole === undefined) return { per: "month", isPeriodAssumed: true };
  const word = (unit ?? whole).toLowerCase();
  const given = (per: Budget["per"]) => ({ per, isPeriodAssumed: false });
  if (/^(?:h$|hr|hour|stund|stünd)/.test(word)) return given("hour");
  if (/^(?:da|tag|täg)/.test(word)) return given("day");
  if (/^(?:w)/.test(word)) return given("week");
  if (/^(?:mo)/.test(word)) return given("month");
  if (/^(?:y|jahr|jähr)/.test(word)) return given("year");
  if (/^(?:session|time|sitzung)/.test(word)) return given("session");
  return given("unit");
}
