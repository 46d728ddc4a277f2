// Text to comparable words: lower case, without accents, endings of number and activity taken off, so that "writing",
// "writers" and "write" meet. Crude on purpose: it only has to treat both sides alike.

export interface Word {
  /** As it stands in the text. */
  text: string;
  /** What is compared. */
  stem: string;
}

const STOP_WORDS = new Set(
  (
    "a about an and any app apps are as at be by can do for from get give have help how i if in into is it its like make me " +
    "my need of on or our please some something so that the their them there these they this to tool tools use using want " +
    "we what when which who will with would you your"
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
