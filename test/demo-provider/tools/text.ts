// Sentences, words and how often they come: the little all text tools here stand on.

const COMMON_WORDS = new Set(
  "a about after all also an and any are as at be because been but by can could did do for from get had has have he her his how i if in into is it its just like make me more most my no not of on one or our out over she so some than that the their them then there these they this to up us very was we were what when which who will with would you your".split(
    " ",
  ),
);

export const sentencesOf = (text: string): string[] =>
  (text.replace(/\s+/g, " ").match(/[^.!?]+[.!?]*/g) ?? []).map((part) => part.trim()).filter(Boolean);

export const paragraphsOf = (text: string): string[] =>
  text
    .split(/\n\s*\n/)
    .map((part) => part.replace(/\s+/g, " ").trim())
    .filter(Boolean);

export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}'’-]+/gu) ?? [];

/** The words that carry a text, most frequent first; ties keep the order of the text. */
export function keywordsOf(text: string, count: number): string[] {
  const times = new Map<string, number>();
  for (const word of wordsOf(text))
    if (word.length > 2 && !COMMON_WORDS.has(word)) times.set(word, (times.get(word) ?? 0) + 1);
  return [...times]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([word]) => word);
}

/** The sentences that carry most of the text's frequent words, in their own order. */
export function summaryOf(text: string, sentenceCount: number): string {
  const sentences = sentencesOf(text);
  const keywords = new Set(keywordsOf(text, 12));
  const scored = sentences.map((sentence, index) => {
    const words = wordsOf(sentence);
    const hits = words.filter((word) => keywords.has(word)).length;
    return { sentence, index, score: hits / Math.sqrt(words.length || 1) };
  });
  return scored
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, sentenceCount)
    .toSorted((a, b) => a.index - b.index)
    .map(({ sentence }) => sentence)
    .join(" ");
}
