// From a message to what it means, by rules alone: slots it fills, what it asks of the cards shown, and the need that is
// left. A model may fill what stays blank (parts.ts); numbers are only ever read here.

import { readBudget } from "./read-budget.ts";
import { readIntent, type Intent } from "./read-intent.ts";
import { readUse, singular } from "./read-use.ts";
import { readPlace, readPricedBy, readRating, readWithout, readWithoutData } from "./read-wishes.ts";
import { NO_SLOTS, type ChatMemory, type SlotName, type Slots } from "./slots.ts";
import { Reading } from "./taken.ts";

export interface Understood {
  intent: Intent;
  /** Slots as they are after this message. */
  slots: Slots;
  /** Slots this message spoke of. */
  touched: SlotName[];
  /** A sum in another currency was left out. */
  hasForeignCurrency: boolean;
}

const DROPPED: [SlotName, RegExp][] = [
  [
    "budget",
    /^\s*(?:(?:the )?(?:price|budget|cost|money) (?:doesn['’]?t|does not|is not|isn['’]?t) (?:matter|important|a problem|an issue)|(?:any|no) (?:price|budget)(?: limit)?|forget (?:about )?the (?:budget|price)|no limit|kein limit|egal was es kostet|preis(?: ist)? egal)[\s.!]*$/iu,
  ],
  [
    "use",
    /^\s*(?:i (?:don['’]?t|do not) know(?: yet)?|no idea|not sure|it depends|weiß (?:ich )?(?:noch )?nicht|keine ahnung|kommt darauf an)[\s.!]*$/iu,
  ],
];
/** What a need starts with when it adds to the one before. */
const REFINES =
  /^\s*(?:and|also|but|it (?:should|must|has to)|that (?:can|also|is)|which|with|for my|for a|for the|preferably|ideally|und|auch|aber|es soll|mit|am besten)(?!\p{L})/iu;
const NEED_LENGTH_MAX = 400;

export function understand(message: string, memory: ChatMemory): Understood {
  const intent = readIntent(message, memory);
  const start = intent.kind === "restart" ? NO_SLOTS : memory.slots;
  const none: Understood = { intent, slots: start, touched: [], hasForeignCurrency: false };
  if (intent.kind === "restart" || intent.kind === "greet" || intent.kind === "help" || intent.kind === "nearest")
    return none;

  const dropped = DROPPED.find(([, pattern]) => pattern.test(message));
  if (dropped && memory.slots.need !== null)
    return { ...none, slots: { ...start, [dropped[0]]: null }, touched: [dropped[0]] };

  const reading = new Reading(message);
  const found: Partial<Slots> = {};
  const put = <Name extends SlotName>(name: Name, value: Slots[Name] | null): void => {
    if (value !== null) found[name] = value;
  };
  // "Compare 1 and 2" is no answer to a question that stands there.
  const answers = intent.kind === "find" || intent.kind === "about" ? memory.pending : null;
  const money = readBudget(reading, answers === "budget");
  put("budget", money?.budget ?? null);
  put("use", readUse(reading, answers === "use"));
  put("region", readPlace(reading));
  put("minRating", readRating(reading));
  put("pricedBy", readPricedBy(reading));
  const ruledOut = [readWithoutData(reading), memory.shown.length > 0 ? readWithout(reading) : null];
  const without = ruledOut.filter((word) => word !== null);
  if (without.length > 0) found.without = [...new Set([...start.without, ...without])];

  // "Use it for 2 hours a week" and a "3" that answers a question say how much, not which card.
  const saysHowMuch = found.use !== undefined || found.budget !== undefined;
  const asked: Intent = saysHowMuch && (intent.kind === "start" || intent.kind === "about") ? { kind: "find" } : intent;
  const rest = reading.rest();
  // "300 photos a month" tells how many; the photos left of it are no need of their own.
  const isCount = found.use?.kind === "units" && singular(rest) === found.use.unit && start.need !== null;
  const need = intent.kind !== "find" || isCount ? null : needOf(rest, start.need, memory.pending === "need");
  if (need) found.need = need;
  // How often belongs to the need it was told with.
  const isOther = need !== null && start.need !== null && !need.startsWith(start.need);
  const kept = isOther ? { ...start, use: null } : start;
  return {
    intent: asked,
    slots: { ...kept, ...found },
    touched: Object.keys(found) as SlotName[],
    hasForeignCurrency: money?.isForeign ?? false,
  };
}

/** Null: nothing that is left says what is needed. */
function needOf(rest: string, before: string | null, wasAsked: boolean): string | null {
  if (!saysSomething(rest)) return null;
  if (before !== null && !wasAsked && REFINES.test(rest)) return `${before}, ${rest}`.slice(0, NEED_LENGTH_MAX);
  return rest.slice(0, NEED_LENGTH_MAX);
}

const EMPTY_WORDS =
  /(?<!\p{L})(?:i|it|the|an?|is|are|be|my|me|what|how|if|instead|rather|then|make|more|like|’d|’ll|for|of|to|on|in|at|with|and|or|but|so|that|this|would|will|could|can|use|using|used|need|want|have|think|guess|about|around|maybe|probably|please|thanks|thank|you|ok|okay|yes|yeah|no|hm+|well|just|only|only|app|apps|one|some|something|budget|spend|pay|cost|costs|price|per|max|most|ich|es|ein|eine|einen|das|die|der|und|ja|nein|bitte|danke|ist|wäre|würde|brauche|möchte|will|nutze|nutzen|vielleicht|etwa|so|pro|app|hätte|habe)(?!\p{L})|[\p{P}\p{S}\s\d]+/giu;
const saysSomething = (text: string): boolean => text.replaceAll(EMPTY_WORDS, "").length >= 2;
