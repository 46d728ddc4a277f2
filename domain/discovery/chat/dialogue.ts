// What is asked, and what a turn remembers. At most two questions beside the need, each once, and only where the answer would
// change what is said.

import type { ChatCard } from "./cards.ts";
import type { Confidence } from "../rank.ts";
import { isTimeMeter } from "../../pricing/components.ts";
import type { ChatMemory, QuestionSlot, Slots } from "./slots.ts";
import type { ChatLanguage, ChatWords } from "./chat-words.ts";
import { wordsOf } from "./words.ts";

export interface Question {
  slot: QuestionSlot;
  text: string;
  /** Answers to choose from; any other words do as well. */
  choices: string[];
}

/** A budget is worth asking for where the dearest card costs so many times the cheapest. */
const BUDGET_DECIDES = 2;

export function nextQuestion(
  slots: Slots,
  cards: readonly ChatCard[],
  confidence: Confidence,
  asked: readonly QuestionSlot[],
  language: ChatLanguage,
): Question | null {
  const words = wordsOf(language);
  if (slots.need === null) return { slot: "need", text: words.ask.need, choices: words.example };
  if (confidence === "none") return { slot: "need", text: words.ask.other, choices: words.choices.nothing };
  if (cards.length === 0) return null;
  const isUnpriced = slots.use === null || (cards[0]!.estimate?.basis === "most" && countedUnit(cards[0]!) !== null);
  if (isUnpriced && slots.budget?.per !== "hour" && !asked.includes("use")) return askUse(cards[0]!, words);
  if (slots.use !== null && slots.budget === null && !asked.includes("budget") && wouldDecide(cards))
    return { slot: "budget", text: words.ask.budget, choices: words.choices.budget };
  return null;
}

/** What an app counts instead of time, where people can say how many; of sums of money or of tokens nobody can. */
function countedUnit({ tokenRatePerHour, pricing }: ChatCard): string | null {
  const counted = tokenRatePerHour === null ? pricing.find(({ meter }) => !isTimeMeter(meter)) : undefined;
  return counted && !/token|value|collected|amount/.test(counted.meter) ? counted.meter : null;
}

function askUse(first: ChatCard, words: ChatWords): Question {
  const unit = countedUnit(first);
  return {
    slot: "use",
    text: words.ask.use(unit),
    choices: unit ? words.choices.useUnits(unit) : words.choices.useTime,
  };
}

function wouldDecide(cards: readonly ChatCard[]): boolean {
  const months = cards.flatMap(({ estimate }) => (estimate ? [estimate.highTokens] : []));
  return months.length > 1 && Math.max(...months) >= BUDGET_DECIDES * Math.max(1, Math.min(...months));
}

export interface Chip {
  id: string;
  text: string;
}
/** What is known, each removable. */
export function chipsOf(slots: Slots, language: ChatLanguage): Chip[] {
  const words = wordsOf(language);
  return [
    ...(slots.need ? [{ id: "need", text: slots.need }] : []),
    ...(slots.use ? [{ id: "use", text: words.use(slots.use) }] : []),
    ...(slots.budget ? [{ id: "budget", text: words.budget(slots.budget) }] : []),
    ...slots.without.map((word) => ({ id: `without:${word}`, text: words.without(word) })),
    ...(slots.region ? [{ id: "region", text: words.region(slots.region) }] : []),
    ...(slots.minRating === null ? [] : [{ id: "minRating", text: words.rating(slots.minRating) }]),
    ...(slots.pricedBy ? [{ id: "pricedBy", text: words.pricedBy(slots.pricedBy) }] : []),
  ];
}

/** What was asked about this need: another one may be asked about anew. */
export const askedOf = (memory: ChatMemory, slots: Slots): QuestionSlot[] =>
  memory.slots.need === null || slots.need?.startsWith(memory.slots.need) ? memory.asked : [];

/** The memory after a turn. @param isList The cards are a new list, to be spoken of by their numbers from now on. */
export function remember(
  memory: ChatMemory,
  turn: { slots: Slots; cards: readonly ChatCard[]; isList: boolean; from: number; question: Question | null },
): ChatMemory {
  const { slots, cards, isList, from, question } = turn;
  const asked = askedOf(memory, slots);
  return {
    slots,
    shown: isList ? cards.map(({ id, name }) => ({ id, name })) : memory.shown,
    focus: cards[0]?.id ?? (isList ? null : memory.focus),
    asked: [...new Set([...asked, ...(question ? [question.slot] : [])])],
    pending: question?.slot ?? null,
    from: isList ? from : memory.from,
  };
}
