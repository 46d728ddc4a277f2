// The chat's parts with a language model around them. It may say the need in English, for the encoder, and name wishes the rules
// overlooked, in the person's own words; and it may write the prose instead of our sentences. Cards, their order and every figure
// are fixed before it reads a listing. Whenever it does not answer, the parts it stands around do.

import { ModelError, type LanguageModel, type ModelRequest } from "../../gateways/language-model.ts";
import { cleanLine, whyNotShown } from "../../shown-text.ts";
import { proseFilter } from "./output-filter.ts";
import type { AnswerPart, Author, ChatParts } from "./parts.ts";
import type { TurnFacts } from "./turn-facts.ts";
import { prosePrompt, understandPrompt } from "./prompts.ts";
import type { ChatMemory } from "./slots.ts";
import type { Understood } from "./understand.ts";

const UNDERSTAND_TOKENS_MAX = 200;
const PROSE_TOKENS_MAX = 350;
const NEED_LENGTH_MAX = 400;
const WISH_LENGTH_MAX = 60;
const WISHES_MAX = 3;

/** @param nonce New for each call: nobody who wrote a listing can know it. */
export function withModel(
  parts: ChatParts,
  model: LanguageModel,
  engine: Exclude<Author["engine"], "embedded">,
  nonce: () => string,
): ChatParts {
  return {
    ...parts,
    author: { engine, model: model.name },
    understand: async (message, memory, signal) => {
      const rules = await parts.understand(message, memory, signal);
      const isNew = rules.intent.kind === "find" && rules.slots.need !== null && rules.touched.includes("need");
      if (!isNew) return rules;
      const { system, schema, ...asked } = understandPrompt(message);
      const request: ModelRequest = { system, schema, messages: [asked], maxTokens: UNDERSTAND_TOKENS_MAX, signal };
      try {
        return filledIn(rules, (await model.json(request)).value, message, memory);
      } catch (error) {
        // By rules alone, then.
        if (error instanceof ModelError) return rules;
        throw error;
      }
    },
    answer: async function* (facts, signal) {
      if (!isWorthAModel(facts)) {
        yield* parts.answer(facts, signal);
        return;
      }
      const { system, ...asked } = prosePrompt(facts, nonce());
      const request: ModelRequest = { system, messages: [asked], maxTokens: PROSE_TOKENS_MAX, signal };
      yield* prose(model, engine, request, facts, () => parts.answer(facts, signal));
    },
  };
}

/** The model's prose; `otherwise` where it has none that may be shown. */
async function* prose(
  model: LanguageModel,
  engine: Author["engine"],
  request: ModelRequest,
  facts: TurnFacts,
  otherwise: () => AsyncIterable<AnswerPart>,
): AsyncGenerator<AnswerPart> {
  // The same filter the turn applies, to know whether anything of it was ever shown.
  const shown = proseFilter(
    facts.cards.map(({ number, id, name }) => ({ number, id, name, estimate: "" })),
    false,
  );
  let isHeard = false;
  let hasShown = false;
  const look = (pieces: unknown[]): void => void (hasShown ||= pieces.length > 0);
  try {
    for await (const part of model.stream(request)) {
      if ("text" in part) {
        if (!isHeard) yield { by: { engine, model: model.name } };
        isHeard = true;
        look(shown.push(part.text));
      }
      yield part;
    }
    look(shown.end());
  } catch (error) {
    // At its length limit the last sentence is short; with nothing shown yet somebody else may still answer.
    const isOver = error instanceof ModelError && error.code === "truncated" && !error.retryable;
    if (!(error instanceof ModelError) || request.signal.aborted || (hasShown && !isOver)) throw error;
    if (isOver) look(shown.end());
  }
  if (!hasShown) yield* otherwise();
}

/** Where there are apps to speak of. What nothing fits, a greeting and how to start are said in our own words. */
const isWorthAModel = ({ cards, intent }: TurnFacts): boolean =>
  cards.length > 0 && ["find", "about", "compare", "cheaper", "more", "nearest"].includes(intent.kind);

/** What of the model's answer is taken: never a number, never a wish whose words the person did not use. */
function filledIn(rules: Understood, answer: unknown, message: string, memory: ChatMemory): Understood {
  const { need_in_english: english, without, region } = (answer ?? {}) as Record<string, unknown>;
  const { slots } = rules;
  const filled = { ...slots };
  const need = wordsIn(english, NEED_LENGTH_MAX);
  if (need !== null && !hasOwnNumbers(need, message)) filled.english = { of: slots.need!, text: need };
  const said = (value: unknown): string | null => {
    const words = wordsIn(value, WISH_LENGTH_MAX);
    return words !== null && message.toLowerCase().includes(words.toLowerCase()) ? words : null;
  };
  if (slots.region === null) filled.region = said(region);
  if (slots.without.length === memory.slots.without.length && Array.isArray(without)) {
    const wishes = without.slice(0, WISHES_MAX).flatMap((wish) => said(wish) ?? []);
    filled.without = [...new Set([...slots.without, ...wishes])];
  }
  return { ...rules, slots: filled };
}

function wordsIn(value: unknown, lengthMax: number): string | null {
  if (typeof value !== "string") return null;
  const text = cleanLine(value).trim();
  return text.length > 0 && text.length <= lengthMax && /\p{L}/u.test(text) && whyNotShown(text) === null ? text : null;
}

const hasOwnNumbers = (text: string, message: string): boolean =>
  (text.match(/\p{N}+/gu) ?? []).some((digits) => !message.includes(digits));
