// What becomes of prose before anyone reads it. Prose comes with marks, `[[card:2]]` and `[[est:2]]`; they become the app's
// name with a citation, and the figures of the pricing engine. In a model's prose nothing else may speak of money: a sentence
// with a number and a word of price, or a number beside such a sentence, is dropped, and so are sentences with addresses or
// with marks of cards that were not shown; markup is taken off. It works on whole sentences, so the way the text was cut
// into pieces makes no difference.

export interface FilterCard {
  number: number;
  id: string;
  name: string;
  /** The estimate in words, or what the app costs where there is none. */
  estimate: string;
}
export type ProsePart = { text: string } | { citation: { number: number; id: string; name: string } };

export interface ProseFilter {
  /** @returns what may be shown now. */
  push: (piece: string) => ProsePart[];
  /** The text is over. */
  end: () => ProsePart[];
}

/** Longer sentences are dropped: nobody writes them, and they would be held back for long. */
const SENTENCE_LENGTH_MAX = 600;
const PROSE_LENGTH_MAX = 4_000;
/** After the mark of a sentence, once a blank follows. A line's end is a blank: lines are shown as one paragraph. */
const BOUNDARY = /[.!?…]["'”’»)]*(?=\s)/u;
const MARK = /\[\[\s*(card|est)\s*:\s*(\d{1,3})\s*\]\]/giu;

const MONEY =
  /[\p{Sc}%‰]|token|dollar|(?<!\p{L})(?:credits?|coins?|bucks?|usd|eur|euros?|gbp|pounds?|cents?|pric\p{L}*|costs?|costing|pay\p{L}*|paid|charg\p{L}*|fees?|bill\p{L}*|rates?|cheap\p{L}*|expensive|spend\p{L}*|budget\p{L}*|discount\p{L}*|free|refund\p{L}*|per|percent|monthly|hourly|preis\p{L}*|kost\p{L}*|zahl\p{L}*|gebühr\p{L}*|günstig\p{L}*|billig\p{L}*|teuer|prozent|rabatt\p{L}*|pro|monatlich|stündlich)(?!\p{L})/iu;
const NUMBER =
  /\p{N}|(?<!\p{L})(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\p{L}+teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|millions?|billions?|dozens?|half|twice|double|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|\p{L}+zig|hundert|tausend|halb\p{L}*|doppelt)(?!\p{L})|(?<!\p{L})(?:an?|one|ein\p{L}*)\s+(?:token|credit|coin|dollar|buck|cent|euro|pound)(?!\p{L})/iu;
const ADDRESS =
  /(?<!\p{L})(?:https?|ftp|file|data|javascript|vbscript|mailto|tel|blob|wss?)\s*:|\/\/|www\.|[\p{L}\p{N}_-]+\.\p{L}{2,}(?![\p{L}.])|\S+@\S+/iu;

/**
 * @param isOurs The text was made by our own templates: marks are filled in, figures stay.
 */
export function proseFilter(cards: readonly FilterCard[], isOurs: boolean): ProseFilter {
  let waiting = "";
  /** A sentence with a number, until the next one shows whether it is a price. */
  let held: Sentence | null = null;
  let wasMoney = false;
  let length = 0;

  const show = (sentence: Sentence): ProsePart[] => {
    const shown = sentence.parts.reduce((sum, part) => sum + textOf(part).length, 0);
    if (length + shown > PROSE_LENGTH_MAX) {
      length = PROSE_LENGTH_MAX;
      return [];
    }
    const parts = length === 0 ? trimmed(sentence.parts) : sentence.parts;
    length += shown;
    return parts;
  };
  const take = (text: string): ProsePart[] => {
    const sentence = readSentence(text, cards, isOurs);
    if (!sentence) return [];
    if (isOurs) return show(sentence);
    const isPrice = sentence.hasNumber && (sentence.hasMoney || wasMoney);
    if (sentence.hasMoney) held = null;
    // What is not shown stands between nothing: its neighbours are neighbours of each other.
    const isShown = !isPrice && !sentence.isRefused;
    wasMoney = sentence.hasMoney || (wasMoney && !isShown);
    if (!isShown) return [];
    const before = held ? show(held) : [];
    held = sentence.hasNumber ? sentence : null;
    return held ? before : [...before, ...show(sentence)];
  };
  const drain = (): ProsePart[] => {
    const parts: ProsePart[] = [];
    for (let match = BOUNDARY.exec(waiting); match; match = BOUNDARY.exec(waiting)) {
      const end = match.index + match[0].length;
      const sentence = waiting.slice(0, end);
      waiting = waiting.slice(end);
      parts.push(...take(sentence));
    }
    return parts;
  };
  return {
    push: (piece) => {
      waiting += piece;
      return drain();
    },
    end: () => {
      const parts = [...drain(), ...take(waiting)];
      waiting = "";
      const last = held ? show(held) : [];
      held = null;
      return [...parts, ...last];
    },
  };
}

interface Sentence {
  parts: ProsePart[];
  hasNumber: boolean;
  hasMoney: boolean;
  /** Too long, an address, or a card that was not shown. */
  isRefused: boolean;
}

function readSentence(raw: string, cards: readonly FilterCard[], isOurs: boolean): Sentence | null {
  const text = isOurs ? raw : raw.normalize("NFKC").replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}]/gu, "");
  if (!/\S/.test(text)) return null;
  const parts: ProsePart[] = [];
  let isRefused = !isOurs && raw.length > SENTENCE_LENGTH_MAX;
  let words = "";
  let from = 0;
  const addText = (piece: string): void => {
    const shown = isOurs ? piece : withoutMarkup(piece);
    words += `${shown} `;
    if (shown) parts.push({ text: shown });
  };
  for (const match of text.matchAll(MARK)) {
    addText(text.slice(from, match.index));
    from = match.index + match[0].length;
    const card = cards.find(({ number }) => number === Number(match[2]));
    if (!card) isRefused = true;
    else if (match[1]!.toLowerCase() === "est") parts.push({ text: card.estimate });
    else parts.push({ citation: { number: card.number, id: card.id, name: card.name } });
  }
  addText(text.slice(from));
  return {
    parts,
    hasNumber: NUMBER.test(words),
    hasMoney: MONEY.test(words),
    isRefused: isRefused || (!isOurs && ADDRESS.test(text)),
  };
}

/** No tags, no Markdown, no entities; a blank in place of a line's end, because prose is one paragraph. */
const withoutMarkup = (text: string): string =>
  text
    .replaceAll(/\]\([^)]*\)?/g, "")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/&#?\w{1,10};/g, "")
    .replaceAll(/^\s*(?:[-+•]|\d+[.)])\s+/gm, " ")
    .replaceAll(/[<>[\]{}*_`~#|\\^]/g, "")
    .replaceAll(/\s+/g, " ");

const textOf = (part: ProsePart): string => ("text" in part ? part.text : part.citation.name);

function trimmed(parts: ProsePart[]): ProsePart[] {
  const [first, ...rest] = parts;
  return first && "text" in first ? [{ text: first.text.trimStart() }, ...rest] : parts;
}

/** Whether a text of a listing may be quoted as it is: it says nothing of money and has no address. */
export function isQuotable(text: string): boolean {
  const sentence = readSentence(text, [], false);
  return (
    sentence !== null && !sentence.isRefused && !(sentence.hasNumber && sentence.hasMoney) && !/[[\]<>\n]/.test(text)
  );
}
