// What an operator should look at in the words of a listing: text that speaks to a machine instead of people, addresses and markup
// where phrases belong, words piled up to be found, letters that pretend to be others. A flag hides nothing by itself and is never
// certain; what holds against such texts is elsewhere: the order is fixed before a model reads them, and models' prose is filtered.

import type { App } from "./app.ts";

export const FLAG_KINDS = ["instructions", "markup", "address", "stuffing", "lookalike"] as const;
export type FlagKind = (typeof FLAG_KINDS)[number];
export interface ListingFlag {
  field: "name" | "description" | "tags" | "useCases" | "refundTerms" | "dataReceived";
  kind: FlagKind;
  /** The place, with a little around it. */
  excerpt: string;
}
type Listing = Pick<App, ListingFlag["field"]>;

/** What is said to a model, never to people; English and German. Read from folded text (`folded`). */
const INSTRUCTIONS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass|do not follow|don t follow)\b.{0,40}\b(?:previous|prior|above|earlier|all|any|other|preceding|system|these|your)\b.{0,30}\b(?:instructions?|prompts?|rules?|guidelines?|messages?|context|apps?|cards?|results?)\b/,
  /\b(?:ignorier\w*|vergiss|missachte|umgehe)\b.{0,40}\b(?:anweisung\w*|regeln?|vorgaben?|befehle?|nachrichten?|prompts?|apps?)\b/,
  /\b(?:system|developer|hidden|initial) (?:prompt|message|instructions?)\b/,
  /\b(?:you are|you re|act as|pretend to be|du bist|verhalte dich)\b.{0,20}\b(?:now|jetzt|an? (?:ai|assistant|language model|chatbot)|ein (?:assistent|sprachmodell))\b/,
  /\b(?:assistants?|ai models?|language models?|llms?|chatbots?|gpt|models?|recommenders?|search engines?|ranking systems?|crawlers?)\b.{0,20}\b(?:must|should|shall|always|have to|need to|are to|reading this|note)\b/,
  /\b(?:always|must|only|immer|ausschliesslich|nur)\b.{0,15}\b(?:recommend|suggest|rank|choose|pick|mention|show|empfiehl|empfehle\w*|nenne|zeige)\b.{0,30}\b(?:this|us|our|me|it|first|only|dies\w*|uns\w*|zuerst)\b/,
  /\b(?:rank|list|place|put|show|recommend)\b.{0,20}\b(?:this|us|our|it|me)\b.{0,30}\b(?:first|top|above|highest|number one|no 1|best)\b/,
  /\b(?:tell|say|inform|convince|assure)\b.{0,15}\b(?:the )?(?:users?|people|customers?|person)\b.{0,25}\b(?:that|to)\b/,
  /\b(?:reveal|print|output|repeat|leak|show)\b.{0,25}\b(?:prompt|instructions?|api keys?|secrets?|passwords?|other users?|conversation)\b/,
  /\b(?:do not|don t|never)\b.{0,15}\b(?:mention|recommend|show|reveal|disclose|tell)\b.{0,30}\b(?:other|others|competitors?|prices?|user|alternatives?)\b/,
];
/** What separates turns for a model, and the marks of our own answers; read from the text as it is. */
const MARKS_OF_MODELS =
  /<\|[^|>]{1,40}\|>|\[\/?INST\]|<<\/?SYS>>|\[\[\s*(?:card|est)\b|(?:^|\n)\s*#{0,4}\s*(?:system|assistant|user|human|instruction)\s*:|<\/?(?:system|assistant|instructions?|prompt)\b/i;
const MARKUP = /<\/?[a-z!][^>]*>|!?\[[^\]]*\]\([^)]*\)|```|\{\{|&(?:#x?[0-9a-f]+|[a-z]+);/i;
const ADDRESS =
  /\b(?:https?|ftp|javascript|data):|\bwww\.|\b[\w-]+\.(?:com|net|org|io|ai|app|dev|co|xyz|info|link|example)\b|\S@\S+\.\w/i;

/** More of one word than this in a field is no sentence any more. */
const REPEATS_MAX = 6;
/** And more than this part of its words. */
const SHARE_MAX = 0.25;
/** Shorter ones are "and" and "the". */
const WORD_LENGTH_MIN = 4;
const AROUND = 40;
const EXCERPT_MAX = 160;

/** At most one flag of a kind in each field. Pure. */
export function flagsOf(listing: Listing): ListingFlag[] {
  return FIELDS.flatMap(([field, read]) => {
    const texts = read(listing);
    const found = new Map<FlagKind, string>();
    for (const text of texts)
      for (const [kind, find] of CHECKS) {
        // A description may name its maker's site; a name, a tag or a phrase has no use for an address.
        if (kind === "address" && (field === "description" || field === "refundTerms")) continue;
        const excerpt = found.has(kind) ? null : find(text);
        if (excerpt !== null) found.set(kind, excerpt);
      }
    const piled = texts.length > 1 && !found.has("stuffing") ? piledUp(texts.join(" ")) : null;
    if (piled) found.set("stuffing", piled);
    return [...found].map(([kind, excerpt]) => ({ field, kind, excerpt: excerpt.slice(0, EXCERPT_MAX) }));
  });
}

const FIELDS: readonly [ListingFlag["field"], (listing: Listing) => readonly string[]][] = [
  ["name", ({ name }) => [name]],
  ["description", ({ description }) => [description]],
  ["tags", ({ tags }) => tags],
  ["useCases", ({ useCases }) => useCases],
  ["refundTerms", ({ refundTerms }) => (refundTerms === null ? [] : [refundTerms])],
  ["dataReceived", ({ dataReceived }) => dataReceived],
];

const CHECKS: readonly [FlagKind, (text: string) => string | null][] = [
  ["instructions", instructionIn],
  ["markup", (text) => around(text, MARKUP.exec(text))],
  ["address", (text) => around(text, ADDRESS.exec(text))],
  ["stuffing", piledUp],
  ["lookalike", lookalikeIn],
];

function instructionIn(text: string): string | null {
  const mark = MARKS_OF_MODELS.exec(text);
  if (mark) return around(text, mark);
  const plain = folded(text);
  for (const pattern of INSTRUCTIONS) {
    const match = pattern.exec(plain);
    if (match) return around(plain, match);
  }
  return null;
}

/** Cyrillic and Greek letters that look Latin, and digits that stand for letters, with what they look like. */
const LOOKS = new Map([
  ...zip("аеорсхуіјѕԁһкмтвн", "aeopcxyijsdhkmtbh"),
  ...zip("αεοικνρτυ", "aeoiknptu"),
  ...zip("013457", "oieast"),
]);
function zip(from: string, to: string): [string, string][] {
  return [...from].map((letter, index) => [letter, to[index]!]);
}
/** For comparing only: one alphabet, no accents, single blanks, letters that stand apart put together. */
export const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    // "i g n o r e" is read as a word; single letters are none.
    .replaceAll(/(?<![\p{L}\p{N}])(?:[\p{L}\p{N}][ .\-_*]){3,}[\p{L}\p{N}](?![\p{L}\p{N}])/gu, (spaced) =>
      spaced.replaceAll(/[ .\-_*]/g, ""),
    )
    .replaceAll(/[\p{L}\p{N}]+/gu, (word) =>
      /\p{L}/u.test(word) ? [...word].map((letter) => LOOKS.get(letter) ?? letter).join("") : word,
    )
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

/** A word that is piled up, to be found by it. */
function piledUp(text: string): string | null {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const counts = new Map<string, number>();
  for (const word of words) if (word.length >= WORD_LENGTH_MIN) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const [word, count] of counts)
    if (count > REPEATS_MAX && count / words.length > SHARE_MAX) return `"${word}" stands there ${count} times`;
  return null;
}

/** A word of Latin letters with a Cyrillic or Greek one among them. */
function lookalikeIn(text: string): string | null {
  for (const [word] of text.matchAll(/\p{L}+/gu))
    if (/\p{scx=Latn}/u.test(word) && /[\p{scx=Cyrl}\p{scx=Grek}]/u.test(word.replaceAll(/[µΩ]/gu, ""))) return word;
  return null;
}

const around = (text: string, match: RegExpExecArray | null): string | null =>
  match && text.slice(Math.max(0, match.index - AROUND), match.index + match[0].length + AROUND).trim();
