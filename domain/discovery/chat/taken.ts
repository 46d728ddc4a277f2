// A message while it is being read: each reader takes out what it understood, and the rest is the need. What was taken
// leaves a gap, so that words on both sides never become one phrase.

/** Private use (Unicode 23.5); control and private characters of a message are taken out before it is read. */
const GAP = "\u{F0000}";

export class Reading {
  #text: string;

  constructor(message: string) {
    this.#text = message.replaceAll(/[\p{Cc}\p{Cf}\p{Co}]+/gu, " ").replaceAll(/\s+/g, " ");
  }

  /** What is left, as one text for expressions to look at. */
  get text(): string {
    return this.#text;
  }

  /**
   * Take the first match out.
   * @param read Null: it was not what it looked like, and stays.
   * @param keep What of the match stays in its place.
   */
  take<Value>(
    expression: RegExp,
    read: (match: RegExpExecArray) => Value | null,
    keep: (match: RegExpExecArray) => string = () => "",
  ): Value | null {
    const match = expression.exec(this.#text);
    const value = match && read(match);
    if (!match || value === null) return null;
    const end = match.index + match[0].length;
    this.#text = `${this.#text.slice(0, match.index)} ${GAP} ${keep(match)} ${this.#text.slice(end)}`;
    return value;
  }

  /** What nobody took, tidied: no dangling conjunctions, prepositions or punctuation around the gaps. */
  rest(): string {
    const pieces = this.#text.split(GAP).map(tidy);
    return pieces
      .filter((piece) => /[\p{L}\p{N}]/u.test(piece))
      .join(" ")
      .replaceAll(/\s+/g, " ")
      .trim();
  }
}

const DANGLING_END =
  /(?:[\s,;:.!?–-]+|\b(?:i[’'](?:d|ll|m)|for|with|at|and|but|or|about|around|in|is|of|i|it|my|me|the|a|an|to|use|using|spend|have|can|want|would|like|please|will|need|should|be|cost|costs|costing|max|budget|on|per|für|und|mit|aber|ich|es|im|zu|soll|kosten|etwa|maximal)\s*)+$/iu;
const DANGLING_START =
  /^(?:[\s,;:.!?–-]+|\b(?:and|but|or|for|of|with|please|also|then|it|und|aber|oder|bitte|auch|dann)\b(?![’'])\s*)+/iu;

function tidy(piece: string, index: number, all: string[]): string {
  // Only beside a gap: what somebody wrote at the very start or end is theirs.
  const start = index > 0 ? piece.replace(DANGLING_START, "") : piece;
  return (index < all.length - 1 ? start.replace(DANGLING_END, "") : start).replace(/^[\s,;:.!?]+|[\s,;:]+$/gu, "");
}
