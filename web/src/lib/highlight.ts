// Where the words that were found stand in a text, so that a page can mark them. Found words may be inflected ("letters" for
// "letter"), so a word of the text counts that begins with one, or that one begins with, when it is long enough to mean it.

/** Shorter beginnings mean too many words. */
const BEGINNING_MIN = 4;

export interface Piece {
  text: string;
  isFound: boolean;
}

/** The text in pieces, in order; joined they are the text again. */
export function piecesOf(text: string, found: readonly string[]): Piece[] {
  const wanted = found.map((word) => word.toLowerCase());
  const isFound = (word: string): boolean => {
    const own = word.toLowerCase();
    return wanted.some(
      (one) =>
        own === one ||
        (one.length >= BEGINNING_MIN && own.startsWith(one)) ||
        (own.length >= BEGINNING_MIN && one.startsWith(own)),
    );
  };
  const pieces: Piece[] = [];
  for (const part of text.split(/([\p{L}\p{N}]+)/u)) {
    if (part === "") continue;
    const piece = { text: part, isFound: /^[\p{L}\p{N}]/u.test(part) && isFound(part) };
    const last = pieces.at(-1);
    if (last && !last.isFound && !piece.isFound) last.text += part;
    else pieces.push(piece);
  }
  return pieces;
}
