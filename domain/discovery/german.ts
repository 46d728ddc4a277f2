// A German need in English words, for our own encoder and for listings in English: word by word from a table, put-together words
// taken apart. What the table lacks stays as it was typed. A model that reads German itself is asked with the need as it is.

import { GERMAN_SMALL_WORDS, GERMAN_WORDS } from "./german-words.ts";

/** Shorter parts of a put-together word are found in too many words by accident. */
const PART_LENGTH_MIN = 3;
const STEM_LENGTH_MIN = 3;
/** Longer words are names or nonsense, and cutting them takes long. */
const WORD_LENGTH_MAX = 40;
/** More would turn "Abendessen" into "Abend". */
const ENDINGS_MAX = 2;
const ALIKE_LETTERS = 4;
/** What stands between the parts of a word: Arbeit-s-zeit, Karte-n-spiel. */
const LINKS = ["", "s", "n", "en", "es", "er", "e"] as const;
const ENDINGS = /(?:ern|em|en|er|es|nd|e|n|s|t)$/u;

interface Tables {
  small: Map<string, string>;
  exact: Map<string, string>;
  /** As people type who have no umlauts; of two words that then look alike the first stands. */
  folded: Map<string, string>;
  /** By what is left without endings. */
  stems: Map<string, string>;
}
/** Read at the first need, so that no start waits for it. */
let known: Tables | null = null;
function tables(): Tables {
  if (known) return known;
  const it: Tables = {
    small: read(GERMAN_SMALL_WORDS),
    exact: read(GERMAN_WORDS),
    folded: new Map(),
    stems: new Map(),
  };
  for (const [word, meaning] of it.exact) if (!it.folded.has(fold(word))) it.folded.set(fold(word), meaning);
  for (const [word, meaning] of it.folded) {
    const stem = stepsOf(word).at(-1)!;
    if (!it.stems.has(stem)) it.stems.set(stem, meaning);
  }
  return (known = it);
}

function read(table: string): Map<string, string> {
  return new Map(
    table
      .trim()
      .split(/\s+/u)
      .map((entry) => {
        const [word, meaning] = entry.split("=") as [string, string];
        return [plainOf(word), meaning === "-" ? "" : meaning.replaceAll("+", " ")] as const;
      }),
  );
}

/**
 * @param isEnglish Whether a word is common English.
 * @returns the need in English, null where it is not German.
 */
export function englishOf(need: string, isEnglish: (word: string) => boolean): string | null {
  const parts = need.split(/([\p{L}\p{M}]+)/u);
  let words = 0;
  let german = 0;
  let telling = 0;
  const english = parts.map((part, index) => {
    if (index % 2 === 0) return part;
    words += 1;
    const plain = plainOf(part);
    const little = tables().small.get(plain);
    const meaning = little ?? meaningOf(plain);
    if (meaning === null) return part;
    german += 1;
    // "Musik" and "finder" read like English; they prove nothing.
    const isAlike = plain.slice(0, ALIKE_LETTERS) === meaning.slice(0, ALIKE_LETTERS);
    if (!isAlike && !isEnglish(part.toLowerCase())) telling += 1;
    return meaning;
  });
  // "Brief" and "die" are English too: one word must be German alone, and at least half of all words German.
  if (telling === 0 || german * 2 < words) return null;
  return english.join("").replaceAll(/\s+/gu, " ").trim();
}

function plainOf(word: string): string {
  return word.toLowerCase().normalize("NFC").replaceAll("ß", "ss");
}

function fold(plain: string): string {
  return plain
    .replaceAll(/ä|ae/gu, "a")
    .replaceAll(/ö|oe/gu, "o")
    .replaceAll(/ü|(?<![aeq])ue/gu, "u");
}

/** A word, then with one ending taken off and with two (after CISTEM, Weissweiler and Fraser 2017). */
function stepsOf(plain: string): string[] {
  const steps = [plain];
  for (let stem = plain; ENDINGS.test(stem) && steps.length <= ENDINGS_MAX;) {
    stem = stem.replace(ENDINGS, "");
    if (stem.length < STEM_LENGTH_MIN) break;
    steps.push(stem);
  }
  return steps;
}

function wholeMeaning(plain: string): string | null {
  const { exact, folded, stems } = tables();
  const steps = stepsOf(plain);
  for (const step of steps) if (exact.has(step)) return exact.get(step)!;
  const plainer = steps.map(fold);
  for (const step of plainer) if (folded.has(step)) return folded.get(step)!;
  const stem = plainer.at(-1)!;
  return stem.length > STEM_LENGTH_MIN ? (stems.get(stem) ?? null) : null;
}

function meaningOf(plain: string): string | null {
  if (plain.length > WORD_LENGTH_MAX) return null;
  return wholeMeaning(plain) ?? partsOf(plain)?.join(" ") ?? null;
}

/** A put-together word: the longest known beginning whose rest is known too. */
function partsOf(plain: string): string[] | null {
  const { exact, folded, stems } = tables();
  for (let end = plain.length - PART_LENGTH_MIN; end >= PART_LENGTH_MIN; end--) {
    const begin = plain.slice(0, end);
    const first =
      exact.get(begin) ?? folded.get(fold(begin)) ?? (end > PART_LENGTH_MIN ? stems.get(fold(begin)) : undefined);
    if (first === undefined) continue;
    for (const link of LINKS) {
      if (!plain.startsWith(link, end)) continue;
      const rest = plain.slice(end + link.length);
      if (rest.length < PART_LENGTH_MIN) continue;
      const whole = wholeMeaning(rest);
      const meanings = whole === null ? partsOf(rest) : [whole];
      if (meanings) return [first, ...meanings];
    }
  }
  return null;
}
