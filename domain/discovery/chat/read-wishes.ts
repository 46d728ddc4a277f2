// What an app must have or must not have: where it is offered, how it is rated, how it is priced, and "without X".

import type { PricedBy } from "./slots.ts";
import type { Reading } from "./taken.ts";

const PLACES: [name: string, pattern: RegExp, known: string[]][] = [
  ["EU", /\b(?:the )?(?:EU|European Union|Europe|Europa)\b/iu, ["eu", "europe"]],
  ["UK", /\b(?:the )?(?:UK|United Kingdom|Britain|Great Britain|England)\b/iu, ["uk", "gb"]],
  ["US", /\b(?:the )?(?:USA|US|United States|America)\b/u, ["us", "usa"]],
  ["DE", /\b(?:Germany|Deutschland)\b/iu, ["de", "germany", "eu", "europe"]],
  ["FR", /\b(?:France|Frankreich)\b/iu, ["fr", "france", "eu", "europe"]],
  ["ES", /\b(?:Spain|Spanien)\b/iu, ["es", "spain", "eu", "europe"]],
  ["IT", /\b(?:Italy|Italien)\b/iu, ["it", "italy", "eu", "europe"]],
  ["AT", /\b(?:Austria|Österreich)\b/iu, ["at", "austria", "eu", "europe"]],
  ["CH", /\b(?:Switzerland|die Schweiz|der Schweiz)\b/iu, ["ch", "switzerland"]],
  ["NL", /\b(?:the )?(?:Netherlands|Niederlande)\b/iu, ["nl", "netherlands", "eu", "europe"]],
  ["PL", /\b(?:Poland|Polen)\b/iu, ["pl", "poland", "eu", "europe"]],
  ["IN", /\b(?:India|Indien)\b/iu, ["in", "india"]],
  ["CA", /\b(?:Canada|Kanada)\b/iu, ["ca", "canada"]],
];
// "Translate into German" and "a trip to Germany" are needs; being offered somewhere is a wish.
const PLACE_LEAD =
  "(?:(?:must be |should be |is |be )?(?:available|offered|usable|allowed|works?|working|verfügbar|nutzbar)\\s+(?:in|for|from)|i(?:['’]m| am| live)(?: based)? in|ich (?:bin|wohne|lebe) in)\\s+";

/** The words of regions that include a place, in lower case. */
export const regionWords = (place: string): string[] =>
  PLACES.find(([name]) => name === place)?.[2] ?? [place.toLowerCase()];

export function readPlace(reading: Reading): string | null {
  for (const [name, pattern] of PLACES) {
    const found = reading.take(new RegExp(PLACE_LEAD + pattern.source, pattern.flags), () => name);
    if (found) return found;
  }
  return null;
}

const RATING =
  /(?:(?:with|and)\s+)?(?:(?:a )?rat(?:ed|ing)(?: of| is)?\s+(?:at least |over |above |minimum )?(\d(?:[.,]\d)?)(?: stars?)?|(?:at least|minimum|min\.?|mindestens)\s+(\d(?:[.,]\d)?)\s*(?:stars?|sterne)|(\d(?:[.,]\d)?)\s*\+?\s*(?:stars?|sterne)(?: or (?:better|more|higher))?)(?: or (?:better|more|higher))?/iu;

export const readRating = (reading: Reading): number | null =>
  reading.take(RATING, (match) => {
    const value = Number((match[1] ?? match[2] ?? match[3])!.replace(",", "."));
    return value > 0 && value <= 5 ? value : null;
  });

const PRICED: [PricedBy, RegExp][] = [
  [
    "flat",
    /(?<!\p{L})(?:(?:at|for|with) )?(?:a |one |einem? |zum )?(?:flat|fixed) (?:price|fee|rate)(?!\p{L})|(?<!\p{L})festpreis(?!\p{L})/iu,
  ],
  [
    "time",
    /(?<!\p{L})(?:(?:paid|priced|billed|pay|charged) )?(?:by|per|nach) (?:the )?(?:hour|minute|second|zeit)(?!\p{L})/iu,
  ],
  [
    "unit",
    /(?<!\p{L})(?:pay[- ]per[- ]use|(?:paid|priced|billed|pay|charged) (?:by|per) (?:the )?(?:piece|image|page|item|picture|photo|word|e-?mail|use))(?!\p{L})/iu,
  ],
];
export function readPricedBy(reading: Reading): PricedBy | null {
  for (const [priced, pattern] of PRICED) {
    const found = reading.take(pattern, () => priced);
    if (found) return found;
  }
  return null;
}

const WITHOUT_LEAD = String.raw`(?:(?:but|and|something|one|die|das|der|aber)\s+)*(?:without|with no|not using|except(?: for)?|other than|anything but|ohne|außer)`;
const WORDS = String.raw`((?:[\p{L}\p{N}][\p{L}\p{N}'’-]*)(?:\s[\p{L}\p{N}][\p{L}\p{N}'’-]*){0,3})`;
const FOLLOW_UP = new RegExp(
  String.raw`^\s*(?:(?:please|ok|okay|bitte)[\s,]+)?(?:${WITHOUT_LEAD}|no|not|nicht|keine?n?)\s+${WORDS}\s*(?:please|bitte)?[.!]?\s*$`,
  "iu",
);
/** What apps may learn about people, as their listings say it. */
const PERSONAL = String.raw`(?:(?:giving|sharing|my|the|an?|any|meine?)\s+)*(e-?mail(?: address(?:es)?| adresse)?|phone(?: number)?|telefonnummer|name|location|standort|address|adresse|personal data|persönliche daten)`;
const WITHOUT_PERSONAL = new RegExp(String.raw`(?<!\p{L})${WITHOUT_LEAD}\s+${PERSONAL}(?!\p{L})`, "iu");

/** "Without my e-mail address": a wish wherever it stands. In lower case. */
export const readWithoutData = (reading: Reading): string | null =>
  reading.take(WITHOUT_PERSONAL, (match) => plainData(match[1]!));

/** "Without video" as a message of its own: about what was shown. In lower case. */
export const readWithout = (reading: Reading): string | null =>
  reading.take(FOLLOW_UP, (match) => {
    const words = match[1]!.toLowerCase().replace(/^(?:the|any|my|an?|die|der|das|eine?n?)\s+/, "");
    return /^(?:thanks?|thank you|idea|problem|more|that|longer|way|danke|sure)$/.test(words) ? null : words;
  });

function plainData(words: string): string {
  const word = words.toLowerCase();
  if (/^e-?mail/.test(word)) return "e-mail";
  if (/^(?:phone|telefon)/.test(word)) return "phone";
  if (/^(?:location|standort)/.test(word)) return "location";
  if (/^(?:address|adresse)/.test(word)) return "address";
  return /^(?:personal|persönlich)/.test(word) ? "personal data" : "name";
}
