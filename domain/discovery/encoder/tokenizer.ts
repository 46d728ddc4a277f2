// Text to the encoder's vocabulary: SentencePiece's unigram model, the likeliest way to cut a text into known pieces
// (Kudo 2018, "Subword Regularization", section 3.2; found by Viterbi). Pure.

/** A blank, as the vocabulary writes it. */
const BLANK = "\u2581";
/** Ids 0 to 5 are reserved: 0 is "unknown". */
const RESERVED = 6;
const UNKNOWN = 0;
/** The model looks at this many pieces; the rest of a text is not read. */
export const PIECES_MAX = 128;
/** A piece has at least one letter, so a longer text cannot matter. Bounds the work for hostile input. */
const LETTERS_MAX = 2_000;

export type Vocabulary = readonly (readonly [piece: string, logProbability: number])[];
export type Tokenizer = (text: string) => number[];

export function tokenizer(vocabulary: Vocabulary): Tokenizer {
  const ids = new Map<string, number>();
  let longest = 1;
  for (const [id, [piece]] of vocabulary.entries()) {
    if (id < RESERVED) continue;
    ids.set(piece, id);
    longest = Math.max(longest, [...piece].length);
  }

  /** @returns Piece ids, at most 128; [] for a text without letters. */
  return (text) => {
    const normal = text.normalize("NFKC");
    if (normal.length === 0) return [];
    const letters = [...(BLANK + normal.replaceAll(" ", BLANK))].slice(0, LETTERS_MAX);
    // best[end]: the score of the likeliest cut of the first `end` letters; cut[end]: where its last piece began, and its id.
    const best = new Float64Array(letters.length + 1).fill(-Infinity);
    const cut: { from: number; id: number }[] = Array.from({ length: letters.length + 1 });
    best[0] = 0;
    for (let from = 0; from < letters.length; from++) {
      let isKnown = false;
      let piece = "";
      for (let end = from + 1; end <= letters.length && end - from <= longest; end++) {
        piece += letters[end - 1]!;
        const id = ids.get(piece);
        if (id === undefined) continue;
        isKnown = true;
        const score = best[from]! + vocabulary[id]![1];
        if (score >= best[end]!) {
          best[end] = score;
          cut[end] = { from, id };
        }
      }
      // A letter no piece begins with: unknown, at no cost, so that the rest of the text is cut as if it were not there.
      if (!isKnown && best[from]! >= best[from + 1]!) {
        best[from + 1] = best[from]!;
        cut[from + 1] = { from, id: UNKNOWN };
      }
    }
    const pieces: number[] = [];
    for (let end = letters.length; end > 0; end = cut[end]!.from) {
      const { id } = cut[end]!;
      // A run of unknown letters counts once.
      if (id !== UNKNOWN || pieces.at(-1) !== UNKNOWN) pieces.push(id);
    }
    return pieces.reverse().slice(0, PIECES_MAX);
  };
}
