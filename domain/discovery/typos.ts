// Help with typing mistakes, toward words the catalogue has and nothing else: a general dictionary would turn "jpeg" into
// "peg". A word that ordinary English has is left alone (the encoder's vocabulary says which those are).

const LENGTH_MIN = 4;
/** Two mistakes are forgiven in words at least this long. */
const LONG_WORD = 8;

export interface Correction {
  from: string;
  to: string;
}

/**
 * @param known How often each word stands in the catalogue.
 * @param isOrdinary Whether a word is common English and so probably meant as written.
 */
export function correctionFor(
  word: string,
  known: ReadonlyMap<string, number>,
  isOrdinary: (word: string) => boolean,
): string | null {
  if (word.length < LENGTH_MIN || known.has(word) || isOrdinary(word) || /\d/.test(word)) return null;
  const most = word.length >= LONG_WORD ? 2 : 1;
  let best: { word: string; distance: number; count: number } | null = null;
  for (const [candidate, count] of known) {
    // People rarely miss the first letter, and a shared one keeps the search small.
    if (candidate[0] !== word[0] || Math.abs(candidate.length - word.length) > most) continue;
    const distance = editDistance(word, candidate, most);
    if (distance > most) continue;
    if (!best || distance < best.distance || (distance === best.distance && count > best.count))
      best = { word: candidate, distance, count };
  }
  return best?.word ?? null;
}

/** Letters inserted, left out, exchanged or swapped with their neighbour (optimal string alignment); gives up past `most`. */
export function editDistance(a: string, b: string, most: number): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const exchange = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      let least = Math.min(last[column]! + 1, current[column - 1]! + 1, exchange);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        least = Math.min(least, before[column - 2]! + 1);
      current.push(least);
    }
    if (Math.min(...current) > most) return most + 1;
    before = last;
    last = current;
  }
  return last[b.length]!;
}
