// How often somebody would use an app, from their own words: "2 to 3 hours a week", "twice a week for 30 minutes", "an hour
// every two weeks", "300 images a month". English and German.

import { ABOUT, NUMBER, RANGE, readNumber, readRange } from "./numbers.ts";
import type { Every, Range, Use } from "./slots.ts";
import type { Reading } from "./taken.ts";

const HOUR = String.raw`(?:hours?|hrs?|h|stunden?|std\.?)(?![\p{L}])`;
const MINUTE = String.raw`(?:minutes?|mins?|minuten?)(?![\p{L}])`;
/** A length of time: one group, read by `readLength`. */
const LENGTH = String.raw`((?:half an?|(?:eine )?halbe)\s+(?:hour|stunde)|(?:an? |one )?(?:hour|stunde) and a half|(?:one|1) and a half hours?|anderthalb stunden|(?:a |one )?quarter of an hour|${strip(RANGE)}\s*-?(?:${HOUR}|${MINUTE})(?:\s*(?:and\s*)?${NUMBER}\s*${MINUTE})?)`;
const DAY_NAMES =
  "mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|montags?|dienstags?|mittwochs?|donnerstags?|freitags?|samstags?|sonntags?";
/** A period: one group, read by `readEvery`. */
const EVERY = String.raw`((?:\/|an?\s|per\s|each\s|every\s|in an?\s|pro\s|jede[nrs]?\s|am\s|im\s|in der\s|die\s)\s*(?:single\s)?(?:weekday|workday|working day|work day|day|week|weekend|month|year|wk|mo|arbeitstag|werktag|tag|woche|wochenende|monat|jahr)(?![\p{L}])|daily|weekly|monthly|yearly|fortnightly|täglich|wöchentlich|monatlich|jährlich|(?:every|alle)\s+(?:other|second|${NUMBER})\s*(?:days?|weeks?|months?|tage?|wochen?|monate?)(?![\p{L}])|on (?:weekdays|weekends|workdays)|at (?:the )?weekends?|(?:on |every )(?:${DAY_NAMES})(?![\p{L}]))`;
/** So many times: one group, read by `readTimes`. */
const TIMES = String.raw`(once|twice|thrice|einmal|zweimal|dreimal|${strip(RANGE)}\s*(?:times|x|mal)(?![\p{L}]))`;
const EACH = String.raw`(?:\s*(?:each|each time|a time|at a time|every time|per session|a session|jeweils|lang))?`;
const JOIN = String.raw`[\s,]*(?:for\s|with\s|für\s|mit\s|je\s|à\s|jeweils\s)?\s*${ABOUT}`;

const re = (source: string): RegExp => new RegExp(String.raw`(?<![\p{L}\p{N}$€.])(?:${source})`, "iu");
const TIMES_EVERY_LENGTH = re(String.raw`${ABOUT}${TIMES}\s*${EVERY}${JOIN}${LENGTH}${EACH}`);
const LENGTH_TIMES_EVERY = re(String.raw`${ABOUT}${LENGTH}${EACH}[\s,]*${ABOUT}${TIMES}\s*${EVERY}`);
const LENGTH_EVERY = re(String.raw`${ABOUT}${LENGTH}(?:\s+of (?:use|work|time|it))?\s*,?\s*${EVERY}`);
const EVERY_LENGTH = re(String.raw`${EVERY}${JOIN}${LENGTH}${EACH}`);
const TIMES_EVERY = re(String.raw`${ABOUT}${TIMES}\s*${EVERY}`);
const MEDIA_EVERY = re(String.raw`${ABOUT}${RANGE}\s*(hours?|minutes?|seconds?)\s+of\s+(\p{L}+)\s*,?\s*${EVERY}`);
/** A thing of one or two words; what is time, money or a count is none. */
const THING = String.raw`(?!(?:times|hours?|minutes?|mins?|hrs?|days?|weeks?|months?|years?|dollars?|bucks|usd|cents?|tokens?|euros?|eur|mal|stunden?|minuten?|tage?|wochen?|of|h|x|people|persons?)(?![\p{L}]))(\p{L}[\p{L}-]{2,}(?:\s(?!(?:a|an|per|each|every|pro|in|im|for|and|daily|weekly|monthly)\s)\p{L}[\p{L}-]{2,})?)`;
const UNITS_EVERY = re(String.raw`(${ABOUT})${RANGE}\s+${THING}\s*,?\s*${EVERY}`);
const ONLY_LENGTH = re(LENGTH);
const ONLY_UNITS = re(String.raw`${ABOUT}${RANGE}\s+${THING}`);
const ONLY_RANGE = new RegExp(String.raw`^\s*${ABOUT}${RANGE}\s*[.!]?\s*$`, "iu");

/**
 * Take the use out of a message.
 * @param wasAsked The question stood there, so a bare "2 hours" means a week and "100 images" a month, as it was asked.
 */
export function readUse(reading: Reading, wasAsked: boolean): Use | null {
  const time = (times: Range | null, minutes: Range | null, every: Every | null): Use | null =>
    every && (times || minutes) ? { kind: "time", times, minutes, every } : null;
  const units = (range: Range | null, unit: string, every: Every | null): Use | null =>
    range && every && range.max > 0 ? { kind: "units", units: range, unit: singular(unit), every } : null;
  return (
    reading.take(TIMES_EVERY_LENGTH, (m) => time(readTimes(m[1]!), readLength(m[3]!), readEvery(m[2]!))) ??
    reading.take(LENGTH_TIMES_EVERY, (m) => time(readTimes(m[2]!), readLength(m[1]!), readEvery(m[3]!))) ??
    reading.take(
      MEDIA_EVERY,
      (m) => units(readRange(m[1]!, m[2]), `${m[4]!} ${m[3]!}`, readEvery(m[5]!)),
      (m) => m[4]!,
    ) ??
    reading.take(LENGTH_EVERY, (m) => time(null, readLength(m[1]!), readEvery(m[2]!))) ??
    reading.take(EVERY_LENGTH, (m) => time(null, readLength(m[2]!), readEvery(m[1]!))) ??
    reading.take(TIMES_EVERY, (m) => time(readTimes(m[1]!), null, readEvery(m[2]!))) ??
    reading.take(
      UNITS_EVERY,
      (m) => units(readRange(m[2]!, m[3]), m[4]!, readEvery(m[5]!)),
      (m) => m[4]!,
    ) ??
    (wasAsked ? bareUse(reading) : null)
  );
}

function bareUse(reading: Reading): Use | null {
  const week: Every = { count: 1, unit: "week" };
  return (
    reading.take<Use>(ONLY_LENGTH, (m) => {
      const minutes = readLength(m[1]!);
      return minutes && { kind: "time", times: null, minutes, every: week };
    }) ??
    reading.take<Use>(ONLY_UNITS, (m) => {
      const range = readRange(m[1]!, m[2]);
      return range && { kind: "units", units: range, unit: singular(m[3]!), every: { count: 1, unit: "month" } };
    }) ??
    reading.take<Use>(ONLY_RANGE, (m) => {
      const hours = readRange(m[1]!, m[2]);
      return hours && { kind: "time", times: null, minutes: { min: hours.min * 60, max: hours.max * 60 }, every: week };
    })
  );
}

function readLength(text: string): Range | null {
  const plain = text.toLowerCase();
  if (/^half|halbe/.test(plain)) return { min: 30, max: 30 };
  if (/and a half|anderthalb/.test(plain)) return { min: 90, max: 90 };
  if (/quarter/.test(plain)) return { min: 15, max: 15 };
  const match = new RegExp(
    String.raw`^${RANGE}\s*-?(?:(${HOUR})|${MINUTE})(?:\s*(?:and\s*)?(${NUMBER})\s*${MINUTE})?$`,
    "iu",
  ).exec(plain);
  const range = match && readRange(match[1]!, match[2]);
  if (!match || !range) return null;
  const unit = match[3] ? 60 : 1;
  const more = match[4] ? (readNumber(match[4])?.max ?? 0) : 0;
  const minutes = { min: range.min * unit + more, max: range.max * unit + more };
  return minutes.min > 0 ? minutes : null;
}

function readTimes(text: string): Range | null {
  const plain = text.toLowerCase();
  const words: Record<string, number> = { once: 1, einmal: 1, twice: 2, zweimal: 2, thrice: 3, dreimal: 3 };
  const word = words[plain];
  if (word) return { min: word, max: word };
  const match = new RegExp(String.raw`^${RANGE}\s*(?:times|x|mal)$`, "iu").exec(plain);
  return match && readRange(match[1]!, match[2]);
}

function readEvery(text: string): Every | null {
  const plain = text.toLowerCase().trim();
  const unit = unitOf(plain);
  if (!unit) return null;
  if (/fortnight/.test(plain)) return { count: 2, unit: "week" };
  const several = new RegExp(String.raw`^(?:every|alle)\s+(other|second|${NUMBER})\s`, "iu").exec(plain);
  if (!several) return { count: 1, unit };
  if (/^(?:other|second)$/.test(several[1]!)) return { count: 2, unit };
  const count = readNumber(several[1]!)?.max ?? 1;
  return count >= 1 ? { count: Math.round(count), unit } : null;
}

function unitOf(plain: string): Every["unit"] | null {
  if (/weekday|workday|work(?:ing)? day|arbeitstag|werktag/.test(plain)) return "workday";
  if (/weekend|wochenende/.test(plain)) return "week";
  if (new RegExp(`(?:${DAY_NAMES})$`).test(plain)) return "week";
  if (/day|daily|tag|tage|täglich/.test(plain)) return "day";
  if (/week|wk|woche|wöchentlich|fortnight/.test(plain)) return "week";
  if (/month|\bmo\b|monat/.test(plain)) return "month";
  return /year|jahr|jährlich/.test(plain) ? "year" : null;
}

/** "images" is "image", "video minutes" is "video minute". Crude: only the last word, only an s. */
export const singular = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/ies$/, "y")
    .replace(/([^s])s$/, "$1");

/** An expression without groups that capture. */
function strip(source: string): string {
  return source.replaceAll(/\((?!\?)/g, "(?:");
}
