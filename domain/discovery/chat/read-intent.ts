// What a message asks for beside its slots: cheaper ones, the second one, a comparison, a start. English and German; only
// what refers to cards that were shown counts, anything else is a need.

export type Intent =
  | { kind: "find" }
  | { kind: "cheaper" | "more" | "nearest" | "restart" | "greet" | "help" }
  | { kind: "about"; card: number }
  | { kind: "compare"; cards: number[] }
  /** `card` 0: which one was not said, and it is not clear. */
  | { kind: "start"; card: number };

export interface Shown {
  shown: readonly { id: string; name: string }[];
  focus: string | null;
}

const ORDINALS: Record<string, number> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  erste: 1,
  zweite: 2,
  dritte: 3,
  vierte: 4,
  fünfte: 5,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  eins: 1,
  zwei: 2,
  drei: 3,
};
const ORDINAL =
  /(?<![\p{L}\p{N}])(first|second|third|fourth|fifth|erste|zweite|dritte|vierte|fünfte)[nrs]?(?!\p{L})/giu;
const NUMBERED =
  /(?<![\p{L}\p{N}$€.,])(?:(?:number|no\.?|nummer|nr\.?|option|card|app|#)\s*)?([1-5])(?![\p{L}\p{N}%]|[.,]\d)/giu;
const WORDED =
  /(?<!\p{L})(?:number|nummer|option|compare|between|and|und|or|vs\.?)\s+(one|two|three|four|five|eins|zwei|drei)(?!\p{L})/giu;

const GREETING =
  /^\s*(?:hi|hello|hey|good (?:morning|evening|afternoon)|hallo|guten (?:tag|morgen|abend)|moin|servus|thanks?|thank you|danke|ok(?:ay)?|cool|great|super)(?:\s+(?:there|a lot|so much|very much|schön|you|all))?[\s.!,]*$/iu;
const HELP = /^\s*(?:help|what can you do|who are you|how does this work|hilfe|was kannst du|wie geht das)[\s?.!]*$/iu;
const RESTART =
  /^\s*(?:(?:let['’]?s )?start over|start again|restart|reset|new search|forget (?:it all|everything|all)|neu anfangen|von vorn(?:e)?|neue suche|alles vergessen)[\s.!]*$/iu;
const CHEAPER =
  /(?<!\p{L})(?:cheaper|less expensive|lower[- ]priced?|cheapest|too (?:expensive|much|dear|pricey)|(?:cost|costs) less|billiger|günstiger|zu teuer|am günstigsten)(?!\p{L})/iu;
const MORE =
  /^\s*(?:(?:show|give|zeig)(?: me| mir)?\s+)?(?:(?:some |any )?(?:more|others?)(?: (?:apps|options|ones|results))?|(?:what|anything) else|next(?: ones)?|mehr|weitere|andere|noch (?:mehr|andere)|was noch)[\s?.!]*$/iu;
const NEAREST =
  /^\s*(?:(?:please |bitte )?(?:show|zeig)(?: me| mir)?(?: the| die| them| it| sie)?(?: nearest| closest| near)?(?: ones| nächsten)?(?: anyway| trotzdem)|anyway|trotzdem)[\s.!]*$/iu;
const COMPARE =
  /(?<!\p{L})(?:compare|comparison|difference|versus|vs\.?|which (?:one )?is (?:better|cheaper)|vergleich\p{L}*|unterschied)(?!\p{L})/iu;
const START =
  /^\s*(?:(?:ok(?:ay)?|yes|great|please|then|let['’]?s|i(?:['’]ll| will|['’]d like to| want to)|ja|bitte|dann|ich (?:will|möchte|nehme))[\s,]+)*(?:start|open|launch|run|try|use|book|take|begin|go with|go for|choose|pick|i['’]?ll take|starte|öffne|nimm|nehme|nehmen|starten)(?!\s+over)(?!\p{L})\s*(.*)$/iu;
/** What may follow "start" without being a need of its own. */
const START_OBJECT =
  /^(?:it|this|that|this one|that one|one|now|the app|a session|with it|es|das|diese?[ns]?|jetzt)?(?:\s+(?:now|please|app|one|jetzt|bitte))*[\s.!]*$/iu;

/** @param message As it was written. @returns `find` where it is no follow-up. */
export function readIntent(message: string, memory: Shown): Intent {
  const text = message.trim();
  if (RESTART.test(text)) return { kind: "restart" };
  if (HELP.test(text)) return { kind: "help" };
  if (GREETING.test(text)) return { kind: "greet" };
  if (memory.shown.length === 0) return { kind: "find" };
  if (NEAREST.test(text)) return { kind: "nearest" };
  const cards = cardsIn(text, memory.shown);
  if (COMPARE.test(text)) {
    const which = cards.length > 0 ? cards : memory.shown.slice(0, 2).map((_, index) => index + 1);
    const both = which.length === 1 ? [...new Set([which[0]!, focusOf(memory) || 1, 1, 2])].slice(0, 2) : which;
    return { kind: "compare", cards: both.filter((card) => card <= memory.shown.length) };
  }
  const start = START.exec(text);
  if (start && (cards.length === 1 || START_OBJECT.test(start[1]!)))
    return { kind: "start", card: cards[0] ?? (focusOf(memory) || (memory.shown.length === 1 ? 1 : 0)) };
  if (CHEAPER.test(text)) return { kind: "cheaper" };
  if (MORE.test(text)) return { kind: "more" };
  return cards.length === 1 && isShort(text, memory.shown, cards[0]!)
    ? { kind: "about", card: cards[0]! }
    : { kind: "find" };
}

/** The cards a text names: by number, by "the second", "the last one", or by name. In the order they are named. */
function cardsIn(text: string, shown: Shown["shown"]): number[] {
  const found: { at: number; card: number }[] = [];
  const lower = text.toLowerCase();
  for (const [index, { name }] of shown.entries()) {
    const at = lower.indexOf(name.toLowerCase());
    if (at >= 0) found.push({ at, card: index + 1 });
  }
  for (const pattern of [ORDINAL, WORDED])
    for (const match of text.matchAll(pattern))
      found.push({ at: match.index, card: ORDINALS[match[1]!.toLowerCase()]! });
  for (const match of text.matchAll(NUMBERED)) found.push({ at: match.index, card: Number(match[1]) });
  const last = /(?<!\p{L})(?:the last(?: one)?|(?:der|die|das) letzte)(?!\p{L})/iu.exec(text);
  if (last) found.push({ at: last.index, card: shown.length });
  const inOrder = found.toSorted((a, b) => a.at - b.at).map(({ card }) => card);
  return [...new Set(inOrder)].filter((card) => card >= 1 && card <= shown.length);
}

const focusOf = ({ shown, focus }: Shown): number => shown.findIndex(({ id }) => id === focus) + 1;

const ABOUT_WORDS =
  /(?<!\p{L})(?:the|one|tell|me|more|about|what|how|much|is|does|do|it|cost|costs|price|of|details?|show|and|number|no|option|card|app|i|like|please|which|explain|why|looks?|good|last|der|die|das|mehr|über|zu|was|wie|viel|kostet|preis|zeig|mir|nummer|erste[nrs]?|zweite[nrs]?|dritte[nrs]?|vierte[nrs]?|fünfte[nrs]?|letzte[nrs]?|first|second|third|fourth|fifth|two|three|four|five)(?!\p{L})|[\p{P}\p{S}\p{N}\s]+/giu;
/** Nothing but the reference and words around one: "the second one", not "the second draft of my essay". */
const isShort = (text: string, shown: Shown["shown"], card: number): boolean =>
  text
    .toLowerCase()
    .replaceAll(shown[card - 1]!.name.toLowerCase(), "")
    .replaceAll(ABOUT_WORDS, "") === "";
