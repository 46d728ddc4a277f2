// Numbers as people write them, for the readers of frequency and budget: "2", "2.5", "1,200", "10k", "a couple of", "zwei".
// Patterns to build expressions from, and what their matches mean.

import type { Range } from "./slots.ts";

const WORDS: Record<string, number | Range> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  ninety: 90,
  hundred: 100,
  thousand: 1000,
  dozen: 12,
  couple: 2,
  few: { min: 2, max: 4 },
  several: { min: 3, max: 5 },
  ein: 1,
  eine: 1,
  einen: 1,
  einer: 1,
  einem: 1,
  zwei: 2,
  drei: 3,
  vier: 4,
  fünf: 5,
  sechs: 6,
  sieben: 7,
  acht: 8,
  neun: 9,
  zehn: 10,
  zwölf: 12,
  fünfzehn: 15,
  zwanzig: 20,
  dreißig: 30,
  fünfzig: 50,
  hundert: 100,
  tausend: 1000,
  paar: { min: 2, max: 4 },
};
const LARGE = "hundred|thousand|dozen|couple|few|several|hundert|tausend|paar";
const SMALL = Object.keys(WORDS)
  .filter((word) => !LARGE.split("|").includes(word))
  .join("|");
const DIGITS = String.raw`\d{1,9}(?:[.,]\d+)*(?:\s?k(?![a-z]))?`;
/** One number; no group of its own. */
export const NUMBER = String.raw`(?:${DIGITS}|(?:(?:${SMALL})\s+)?(?:${LARGE})(?:\s+of)?(?![\p{L}])|(?:${SMALL})(?![\p{L}]))`;
/** One number or two: two groups. */
export const RANGE = String.raw`(${NUMBER})(?:\s*(?:-|–|—|to|or|until|bis|oder)\s*(${NUMBER}))?`;
/** Words that say the number is not exact, and mean nothing else. */
export const ABOUT = String.raw`(?:(?:about|around|roughly|approximately|maybe|perhaps|some|only|just|ca\.?|circa|etwa|ungefähr|rund|vielleicht)\s+)*`;

/** @returns null where it is no number after all. */
export function readNumber(text: string): Range | null {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/\s+of$/, "");
  const digits = /^(\d{1,9}(?:[.,]\d+)*)\s?(k?)$/.exec(plain);
  if (digits) {
    const value = Number(withPoint(digits[1]!)) * (digits[2] ? 1000 : 1);
    return Number.isFinite(value) ? { min: value, max: value } : null;
  }
  let range: Range | null = null;
  for (const word of plain.split(/\s+/)) {
    const known = WORDS[word];
    if (known === undefined) return null;
    const next = typeof known === "number" ? { min: known, max: known } : known;
    range = range === null || isOne(range) ? next : { min: range.min * next.min, max: range.max * next.max };
  }
  return range;
}

export function readRange(from: string, to: string | undefined): Range | null {
  const low = readNumber(from);
  const high = to === undefined ? low : readNumber(to);
  if (!low || !high) return null;
  return { min: Math.min(low.min, high.min), max: Math.max(low.max, high.max) };
}

const isOne = ({ min, max }: Range): boolean => min === 1 && max === 1;

/** "1,200" and "1.200" are thousands where groups of three follow; any other comma or point is the decimal one. */
const withPoint = (text: string): string =>
  /^\d{1,3}([.,]\d{3})+$/.test(text) ? text.replaceAll(/[.,]/g, "") : text.replace(",", ".");
