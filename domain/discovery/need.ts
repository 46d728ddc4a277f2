// What of a query is the need: amounts of money and how often something is done say nothing about which app it takes, so they
// are left out before words and meaning are compared. "every day" alone stays: a daily digest is another need than a digest.

import { words } from "../catalogue/words.ts";

const NUMBER = String.raw`(?:\d+(?:[.,]\d+)?)`;
const FEW = String.raw`(?:${NUMBER}|one|two|three|four|five|six|ten|a few|a couple of|several)`;
const CURRENCY = "(?:dollars?|bucks|euros?|eur|usd|cents?|tokens?|pounds?|quid)";
const PERIOD = "(?:hour|day|week|month|year|weekend|session|evening)s?";
const EACH = String.raw`(?:a|an|per|each|every|\/)`;
const ABOUT =
  "(?:at most|at least|up to|not? more than|no more than|less than|cheaper than|under|below|within|around|about|roughly|maybe|say|max(?:imum)?|only|for)";

/** "budget about $15", "not more than 12 euros", "we can spend up to 20 dollars a month". */
const MONEY = new RegExp(
  String.raw`[,.;(]?\s*\b(?:and\s+)?(?:(?:(?:with|on|my|our|the|a)\s+)*budget|(?:i|we)\s+(?:can\s+|want to\s+)?(?:spend|pay|afford))?` +
    String.raw`[\s:]*(?:(?:is|of|to|${ABOUT})\s+)*(?:[$€£]\s*${NUMBER}|${NUMBER}\s*(?:[€£$]|${CURRENCY}\b))(?:\s*${EACH}\s*${PERIOD}\b)?\)?`,
  "giu",
);
/** "twice a week", "an hour every two weeks", "2 to 3 hours a month", "300 times a day". */
const FREQUENCY = new RegExp(
  String.raw`[,.;(]?\s*\b(?:${ABOUT}\s+)?(?:once|twice|half an hour|an hour|${FEW}(?:\s*(?:-|–|to|or)\s*${FEW})?\s*(?:hours?|hrs?|minutes?|mins?|times?))` +
    String.raw`\s+${EACH}\s+(?:(?:other|second|${FEW})\s+)?${PERIOD}\b\)?`,
  "giu",
);
const LENGTH_MIN = 4;

/** @returns the query without its budget and frequency; all of it where nothing else was said. */
export function needOf(query: string): string {
  const whole = query.trim();
  const need = whole
    .replace(MONEY, " ")
    .replace(FREQUENCY, " ")
    .replaceAll(/\s+([,.?])/gu, "$1")
    .replaceAll(/\s{2,}/gu, " ")
    .replaceAll(/^[\s,.;]+|[\s,;]+$/gu, "");
  return need.length >= LENGTH_MIN && words(need).length > 0 ? need : whole;
}
