// Text to comparable words: lower case, without accents, endings of number and activity taken off, so that "writing",
// "writers" and "write" meet. Crude on purpose: it only has to treat both sides alike.

export interface Word {
  /** As it stands in the text. */
  text: string;
  /** What is compared. */
  stem: string;
}

/** Words that only hold a sentence together, and what people say of any app; halves of "don't" and "I'll" too. */
const STOP_WORDS = new Set(
  (
    "a about after again against all already also always am an and another any anybody anyone anything app apps are aren as at " +
    "be because been before being both but by can cannot could couldn d did didn do does doesn doing don done during each ever " +
    "every everybody everyone everything few for from get give had has hasn have haven having he help her here him his how i if " +
    "in into is isn it its just like ll m make many may me might more most much must my need never no nobody nor not nothing " +
    "now of off often on once only or other our out over own please re s same shall she should shouldn so some somebody someone " +
    "something sometimes still such t than that the their them then there these they this those through to too tool tools until " +
    "us use using ve very want was wasn we were weren what when where which while who whom why will with won would wouldn yet " +
    "you your"
  ).split(" "),
);
const STEM_LENGTH_MIN = 4;
/** Queries and descriptions longer than this gain nothing from their later words. */
const WORDS_MAX = 400;

/** Words that carry meaning; of a text with none, all of them. */
export function words(text: string): Word[] {
  const all = (text.normalize("NFKC").match(/[\p{L}\p{N}]+/gu) ?? [])
    .slice(0, WORDS_MAX)
    .map((word) => ({ text: word, stem: stemOf(word) }));
  const telling = all.filter((word) => !STOP_WORDS.has(word.text.toLowerCase()));
  return telling.length > 0 ? telling : all;
}

function stemOf(word: string): string {
  const plain = word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const singular = plain.replace(/ies$/, "y").replace(/(ss|us|is)$|s$/, "$1");
  const stem = singular.replace(/(ations?|ings?|ers?|ors?|ed|ion|e)$/, "");
  return stem.length >= STEM_LENGTH_MIN ? stem : singular;
}
