// What a conversation knows of what somebody wants: the slots it fills, and what else it has to remember. Data only; it is
// stored as JSON (store.ts), so a change of a shape here says how an older one is read.

export interface Range {
  min: number;
  max: number;
}
/** Once every `count` days, working days, weeks, months or years. */
export interface Every {
  count: number;
  unit: "day" | "workday" | "week" | "month" | "year";
}
/** Time: `minutes` is the length of each of `times` sessions, or the whole time of a period where `times` is null. */
export interface TimeUse {
  kind: "time";
  times: Range | null;
  /** Null: so many times, and nobody said how long. */
  minutes: Range | null;
  every: Every;
}
/** Pieces: so many `unit`s (as people say it, in the singular) a period. */
export interface UnitUse {
  kind: "units";
  units: Range;
  unit: string;
  every: Every;
}
export type Use = TimeUse | UnitUse;

export interface Budget {
  /** At most; whole tokens. */
  tokens: number;
  per: "day" | "week" | "month" | "year" | "hour" | "session" | "unit";
  /** Nobody said for how long it is meant. */
  isPeriodAssumed: boolean;
}

/** How an app has to be priced. */
export type PricedBy = "time" | "unit" | "flat";

export interface Slots {
  /** What is needed, in the person's words, without what the other slots hold. */
  need: string | null;
  use: Use | null;
  budget: Budget | null;
  /** Words or names that rule an app out. */
  without: string[];
  /** A place the app must be offered in, as people write it. */
  region: string | null;
  minRating: number | null;
  pricedBy: PricedBy | null;
  /** The need `of` in English, by a language model: what is searched for while the need is still that one. */
  english?: { of: string; text: string };
}
export type SlotName = Exclude<keyof Slots, "english">;

export const NO_SLOTS: Slots = {
  need: null,
  use: null,
  budget: null,
  without: [],
  region: null,
  minRating: null,
  pricedBy: null,
};

/** Questions the chat may ask, each once in a conversation. */
export type QuestionSlot = "need" | "use" | "budget";

export interface ChatMemory {
  slots: Slots;
  /** The cards shown last, in the order of their numbers. */
  shown: { id: string; name: string }[];
  /** The card spoken of last. */
  focus: string | null;
  asked: QuestionSlot[];
  /** What the last turn asked. */
  pending: QuestionSlot | null;
  /** How many hits were shown before `shown`. */
  from: number;
}

export const NEW_MEMORY: ChatMemory = { slots: NO_SLOTS, shown: [], focus: null, asked: [], pending: null, from: 0 };

/** Removable one by one: `budget`, or `without:video` for one of several. */
export type ChipId = SlotName | `without:${string}`;

export function withoutChip(slots: Slots, id: string): Slots {
  if (id.startsWith("without:")) {
    const word = id.slice("without:".length);
    return { ...slots, without: slots.without.filter((known) => known !== word) };
  }
  return Object.hasOwn(NO_SLOTS, id) ? { ...slots, [id]: NO_SLOTS[id as SlotName] } : slots;
}

/** How often a period comes in a month, as an exact fraction: a month is 52/12 weeks. */
export function timesAMonth({ count, unit }: Every): { numerator: number; denominator: number } {
  const weeks = { day: 7, workday: 5, week: 1 };
  if (unit === "month") return { numerator: 1, denominator: count };
  if (unit === "year") return { numerator: 1, denominator: 12 * count };
  return { numerator: 52 * weeks[unit], denominator: 12 * count };
}
