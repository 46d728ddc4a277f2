// The three parts of a turn, each replaceable: understand what was said, retrieve apps, answer in prose. The embedded engine
// is all three by rules; language models wrap `understand` (to fill blanks) and `answer` (to phrase), never `retrieve`: the
// order of the cards and every figure are fixed before a model reads anything.

import { embeddedAnswer } from "./answer.ts";
import { find, type Found, type Search } from "./find.ts";
import type { ChatMemory, Slots } from "./slots.ts";
import { understand, type Understood } from "./understand.ts";
import type { TurnFacts } from "./turn-facts.ts";

/** Who wrote the prose, as people are told. */
export interface Author {
  engine: "embedded" | "workers-ai" | "openai-compatible";
  /** The model's name; null for the embedded engine. */
  model: string | null;
}
export const EMBEDDED: Author = { engine: "embedded", model: null };

/** `by` comes before text and says whose it is; it may come again while no text has come. Text carries the marks of output-filter.ts. */
export type AnswerPart = { by: Author } | { text: string } | { usage: { inputTokens: number; outputTokens: number } };

export interface ChatParts {
  /** Numbers and intents are the rules' own; another part may only fill slots that are null. */
  understand: (message: string, memory: ChatMemory, signal: AbortSignal) => Promise<Understood>;
  retrieve: (slots: Slots) => Promise<Found>;
  answer: (facts: TurnFacts, signal: AbortSignal) => AsyncIterable<AnswerPart>;
  /** Who will probably write; `meta` comes again where it turns out to be somebody else. */
  author: Author;
}

/** All by rules, without any model. */
export const embeddedParts = (search: Search): ChatParts => ({
  understand: (message, memory) => Promise.resolve(understand(message, memory)),
  retrieve: (slots) => find(search, slots),
  async *answer(facts) {
    yield { by: EMBEDDED };
    yield* embeddedAnswer(facts).map((text) => ({ text }));
  },
  author: EMBEDDED,
});
