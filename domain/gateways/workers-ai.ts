// Workers AI over its native binding (`env.AI`), one model each. Locally the binding is workers/local-ai.ts, called in the
// same way over RPC; nothing here knows which of the two it talks to.

import { inTime } from "./in-time.ts";
import { ModelError, type LanguageModel, type ModelRequest, type ModelUsage } from "./language-model.ts";
import { modelErrorOf } from "./model-errors.ts";
import { readModelAnswer } from "./model-stream.ts";
import { streamedAnswer } from "./streamed-answer.ts";

/** What we use of the binding. */
export interface AiBinding {
  run: (
    model: string,
    inputs: Record<string, unknown>,
    options?: { gateway?: { id: string; cacheTtl?: number } },
  ) => Promise<unknown>;
}

/** One JSON answer; the person waits for it before anything is looked for. */
const JSON_MS = 4_000;
/** Prose may vary a little; what fills blanks may not. */
const PROSE_TEMPERATURE = 0.3;
/** Models that think aloud first unless told not to (the types of @cloudflare/workers-types say which can be told). */
const CAN_SKIP_THINKING: readonly string[] = ["@cf/zai-org/glm-4.7-flash", "@cf/google/gemma-4-26b-a4b-it"];

/** @param gatewayId An AI Gateway all calls go through; null for none. */
export function workersAiModel(ai: AiBinding, id: string, gatewayId: string | null = null): LanguageModel {
  const run = (inputs: Record<string, unknown>): Promise<unknown> =>
    // The signal is not handed over: a binding that is reached over RPC could not take it. The stream is cancelled instead.
    gatewayId ? ai.run(id, inputs, { gateway: { id: gatewayId } }) : ai.run(id, inputs);
  return {
    name: id,
    json: async (request) => {
      try {
        const answer = await inTime(run(jsonInputs(id, request)), { milliseconds: JSON_MS, signal: request.signal });
        return withUsage(readModelAnswer(answer), request);
      } catch (error) {
        throw modelErrorOf(error);
      }
    },
    stream: async function* (request) {
      try {
        yield* streamedAnswer(async () => streamIn(await run(proseInputs(id, request))), request.signal);
      } catch (error) {
        throw modelErrorOf(error);
      }
    },
  };
}

/** Roughly what a text is in a model's pieces; more than it really is, so that nothing is spent that was not counted. */
export const tokensIn = (text: string): number => Math.ceil(new TextEncoder().encode(text).length / 3);

/** What a request is before an answer is there. */
export const inputTokensOf = ({ system, messages, schema }: ModelRequest): number =>
  tokensIn(system) +
  messages.reduce((sum, { content }) => sum + tokensIn(content) + 4, 0) +
  tokensIn(schema ? JSON.stringify(schema) : "");

export const jsonInputs = (id: string, { system, messages, schema, maxTokens }: ModelRequest) => ({
  ...commonInputs(id, { system, messages, maxTokens }),
  temperature: 0,
  ...(schema && { response_format: { type: "json_schema" as const, json_schema: jsonSchemaOf(schema) } }),
});

export const proseInputs = (id: string, request: ModelRequest) => ({
  ...commonInputs(id, request),
  temperature: PROSE_TEMPERATURE,
  stream: true as const,
});

function commonInputs(id: string, { system, messages, maxTokens }: Omit<ModelRequest, "signal">) {
  return {
    messages: [{ role: "system" as const, content: system }, ...messages],
    max_tokens: maxTokens,
    ...(CAN_SKIP_THINKING.includes(id) && { chat_template_kwargs: { enable_thinking: false } }),
  };
}

/**
 * Workers AI's own models take the bare schema, those with OpenAI's face an envelope `{name, schema}`
 * (github.com/cloudflare/ai/issues/559). Keywords a reader does not know mean nothing in a JSON Schema, so this is both.
 */
const jsonSchemaOf = (schema: Readonly<Record<string, unknown>>) => ({ ...schema, name: "answer", schema });

function streamIn(answer: unknown): ReadableStream<Uint8Array> {
  if (answer instanceof ReadableStream) return answer as ReadableStream<Uint8Array>;
  if (answer instanceof Response && answer.ok && answer.body) return answer.body;
  throw new ModelError("bad_answer", true, "no stream where one was asked for");
}

/** A server that does not tell its use is taken to have used what could be used at most. */
export const withUsage = (
  { value, usage }: { value: unknown; usage: ModelUsage | null },
  request: ModelRequest,
): { value: unknown; usage: ModelUsage } => ({
  value,
  usage: usage ?? { inputTokens: inputTokensOf(request), outputTokens: request.maxTokens },
});
