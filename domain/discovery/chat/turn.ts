// One turn of the chat: from a message and what is remembered to the events a client hears, cards before prose. Stores
// nothing and knows no transport; conversation.ts does the first, the route the second.

import { estimateText } from "./answer.ts";
import { chatCard, isCheaper, type ChatCard } from "./cards.ts";
import { askedOf, chipsOf, nextQuestion, remember, type Chip, type Question } from "./dialogue.ts";
import type { Found } from "./find.ts";
import { proseFilter, type ProsePart } from "./output-filter.ts";
import { EMBEDDED, type Author, type ChatParts } from "./parts.ts";
import type { TurnFacts } from "./turn-facts.ts";
import { NEW_MEMORY, withoutChip, type ChatMemory, type Slots } from "./slots.ts";
import type { Understood } from "./understand.ts";
import type { ChatLanguage } from "./chat-words.ts";
import { wordsOf } from "./words.ts";

/** As many cards as one looks at, and as many as are shown where none of them fits. */
const CARDS_MAX = 5;
const NEAR_MAX = 3;
const NEAR_COSINE_MIN = 0.42;

/** `near`: nothing fits, these are only near to it; `chosen`: some of the list before; `start`: the one to go to. */
type CardsKind = "list" | "near" | "chosen" | "start";

export interface Said {
  message: string;
  /** Chips taken away; the message may then be empty. */
  remove: string[];
  language: ChatLanguage;
}

export type TurnEvent =
  | { event: "slots"; data: { slots: Slots; chips: Chip[] } }
  | { event: "cards"; data: { cards: ChatCard[]; confidence: Found["confidence"]; kind: CardsKind } }
  | { event: "delta"; data: { text: string } }
  | {
      event: "citation";
      data: { card: string; number: number; name: string; start: number; end: number; path: string };
    }
  | { event: "question"; data: Question }
  | { event: "done"; data: { usage: { inputTokens: number; outputTokens: number } | null } };

/** All that is fixed before any prose: what is remembered, and what is shown. */
export interface Plan {
  memory: ChatMemory;
  facts: TurnFacts;
  /** Known before the prose and shown before it. */
  events: TurnEvent[];
  question: Question | null;
}

export async function planTurn(parts: ChatParts, memory: ChatMemory, said: Said, signal: AbortSignal): Promise<Plan> {
  const understood = await read(parts, memory, said, signal);
  const isAfresh = understood.intent.kind === "restart";
  const before = isAfresh ? NEW_MEMORY : memory;
  const looks = understood.slots.need !== null && !["greet", "help", "restart"].includes(understood.intent.kind);
  let { slots } = understood;
  let found = looks ? await parts.retrieve(slots) : null;
  if (found && found.unmatched.length > 0) {
    // "Without cheese" rules no app out; it says something about the need.
    const words = found.unmatched;
    const need = `${slots.need} ${words.map((word) => `without ${word}`).join(" ")}`;
    slots = { ...slots, need, without: slots.without.filter((word) => !words.includes(word)) };
    found = await parts.retrieve(slots);
  }
  const shown = found ? choose(understood, before, slots, found) : { cards: [], isList: false, from: 0, than: null };
  const confidence = found?.confidence ?? "none";
  // Who looks at a card, or only says hello, is asked nothing but what they need.
  const isAside = ["about", "compare", "start", "greet", "help"].includes(understood.intent.kind);
  const question =
    isAside && slots.need !== null
      ? null
      : nextQuestion(slots, shown.cards, confidence, askedOf(before, slots), said.language);
  const facts: TurnFacts = {
    language: said.language,
    message: said.message,
    intent: understood.intent,
    slots,
    cards: shown.cards,
    confidence,
    corrections: found && understood.intent.kind === "find" ? found.corrections : [],
    readAs: found && understood.intent.kind === "find" ? found.readAs : null,
    categories: found?.categories ?? [],
    ruledOut: found?.ruledOut ?? 0,
    hasForeignCurrency: understood.hasForeignCurrency,
    cheaperThan: shown.than,
    question: question?.text ?? null,
  };
  return {
    memory: remember(before, { ...shown, slots, question }),
    facts,
    question,
    events: [
      { event: "slots", data: { slots, chips: chipsOf(slots, said.language) } },
      ...(found && (shown.isList || shown.cards.length > 0)
        ? [
            {
              event: "cards" as const,
              data: { cards: shown.cards, confidence, kind: kindOf(understood, shown, confidence) },
            },
          ]
        : []),
    ],
  };
}

/** The prose of a plan, filtered; then what is asked. `onAuthor` hears who writes, before their first word. */
export async function* proseOf(
  parts: ChatParts,
  plan: Plan,
  onAuthor: (author: Author) => void,
  signal: AbortSignal,
): AsyncGenerator<TurnEvent> {
  const { facts } = plan;
  const words = wordsOf(facts.language);
  const cards = facts.cards.map((card) => ({
    number: card.number,
    id: card.id,
    name: card.name,
    estimate: estimateText(card, words),
  }));
  let author = EMBEDDED;
  let filter = proseFilter(cards, true);
  let length = 0;
  let usage: { inputTokens: number; outputTokens: number } | null = null;
  const tell = function* (pieces: ProsePart[]): Generator<TurnEvent> {
    for (const piece of pieces) {
      const text = "text" in piece ? piece.text : piece.citation.name;
      yield { event: "delta", data: { text } };
      if ("citation" in piece) {
        const { id, number, name } = piece.citation;
        const path = facts.cards.find((card) => card.id === id)!.path;
        yield { event: "citation", data: { card: id, number, name, start: length, end: length + text.length, path } };
      }
      length += text.length;
    }
  };
  for await (const part of parts.answer(facts, signal)) {
    signal.throwIfAborted();
    if ("by" in part) {
      author = part.by;
      filter = proseFilter(cards, author.engine === "embedded");
      onAuthor(author);
    } else if ("usage" in part) usage = part.usage;
    else yield* tell(filter.push(part.text));
  }
  yield* tell(filter.end());
  if (plan.question) yield { event: "question", data: plan.question };
  yield { event: "done", data: { usage } };
}

function kindOf({ intent }: Understood, { isList }: Shown, confidence: Found["confidence"]): CardsKind {
  if (isList) return confidence === "none" ? "near" : "list";
  return intent.kind === "start" ? "start" : "chosen";
}

async function read(parts: ChatParts, memory: ChatMemory, said: Said, signal: AbortSignal): Promise<Understood> {
  const slots = said.remove.reduce(withoutChip, memory.slots);
  if (said.message === "") return { intent: { kind: "find" }, slots, touched: [], hasForeignCurrency: false };
  return parts.understand(said.message, { ...memory, slots }, signal);
}

interface Shown {
  cards: ChatCard[];
  isList: boolean;
  from: number;
  than: string | null;
}

function choose({ intent }: Understood, memory: ChatMemory, slots: Slots, found: Found): Shown {
  const list = (from: number, hits = found.hits): Shown => ({
    cards: hits.slice(from, from + CARDS_MAX).map((hit, index) => chatCard(hit, index + 1, slots)),
    isList: true,
    from,
    than: null,
  });
  const chosen = (numbers: number[]): Shown => ({
    cards: numbers.flatMap((number) => {
      const hit = found.hits.find(({ app }) => app.id === memory.shown[number - 1]?.id);
      return hit ? [chatCard(hit, number, slots)] : [];
    }),
    isList: false,
    from: memory.from,
    than: null,
  });
  switch (intent.kind) {
    case "about":
      return chosen([intent.card]);
    case "start":
      return chosen(intent.card === 0 ? [] : [intent.card]);
    case "compare":
      return chosen(intent.cards);
    case "more":
      return found.hits.length > memory.from + CARDS_MAX
        ? list(memory.from + CARDS_MAX)
        : { ...chosen([]), isList: false };
    case "cheaper":
      return cheaper(memory, slots, found);
    case "nearest":
      return list(0);
    case "find":
      return list(0, found.confidence === "none" ? found.hits.filter(isNear).slice(0, NEAR_MAX) : found.hits);
    case "greet":
    case "help":
    case "restart":
      return { cards: [], isList: false, from: memory.from, than: null };
  }
}

/** Of a need nobody meets: whether an app at least shares a word or some meaning with it. */
const isNear = ({ cosine, why }: Found["hits"][number]): boolean => why.length > 0 || (cosine ?? 0) >= NEAR_COSINE_MIN;

/** Those that cost less than the card spoken of last, cheapest first; that card alone where none does. */
function cheaper(memory: ChatMemory, slots: Slots, found: Found): Shown {
  const all = found.hits.map((hit, index) => chatCard(hit, index + 1, slots));
  const than = all.find(({ id }) => id === memory.focus) ?? all[0];
  if (!than) return { cards: [], isList: true, from: 0, than: null };
  const less = all
    .filter((card) => isCheaper(card, than))
    .toSorted((a, b) => (isCheaper(a, b) ? -1 : isCheaper(b, a) ? 1 : 0))
    .slice(0, CARDS_MAX)
    .map((card, index) => ({ ...card, number: index + 1 }));
  return less.length > 0
    ? { cards: less, isList: true, from: 0, than: than.name }
    : { cards: [{ ...than, number: 1 }], isList: true, from: 0, than: null };
}
