// A language model of one's own: any server that speaks OpenAI's chat completions (Ollama, llama.cpp, vLLM, a hosted one),
// named by LLM_BASE_URL. docs/workers-ai.md says how.

import { assert } from "../errors.ts";
import { inTime } from "./in-time.ts";
import { ModelError, type LanguageModel, type ModelRequest } from "./language-model.ts";
import { modelErrorOf, modelErrorOfStatus } from "./model-errors.ts";
import { readModelAnswer } from "./model-stream.ts";
import { streamedAnswer } from "./streamed-answer.ts";
import { withUsage } from "./workers-ai.ts";

/** A model on one's own machine may have to be loaded first. */
const JSON_MS = 15_000;
/** As much of an error as is looked at for its code. */
const ERROR_LENGTH_MAX = 2_000;
const PROSE_TEMPERATURE = 0.3;

export interface OwnModel {
  /** With the version, as OpenAI's own: `http://localhost:11434/v1`. */
  baseUrl: string;
  model: string;
  key: string | null;
}

/**
 * @throws when the address is none, or is not https where the marketplace is in production: what people write goes there.
 */
export function openAiCompatibleModel(
  { baseUrl, model, key }: OwnModel,
  environment: "local" | "production",
): LanguageModel {
  const url = new URL(`${baseUrl.replace(/\/+$/, "")}/chat/completions`);
  assert(url.protocol === "https:" || environment === "local", "LLM_BASE_URL is https in production");
  const post = async (body: Record<string, unknown>, signal: AbortSignal): Promise<Response> => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ model, ...body }),
      // workerd knows no "error"; an answer that sends us elsewhere is none.
      redirect: "manual",
      signal,
    });
    if (answer.ok) return answer;
    throw modelErrorOfStatus(answer.status, (await answer.text()).slice(0, ERROR_LENGTH_MAX));
  };
  return {
    name: model,
    json: async (request) => {
      try {
        const asked = post(jsonBody(request), request.signal).then((answer) => answer.json());
        return withUsage(
          readModelAnswer(await inTime(asked, { milliseconds: JSON_MS, signal: request.signal })),
          request,
        );
      } catch (error) {
        throw modelErrorOf(error);
      }
    },
    stream: async function* (request) {
      try {
        yield* streamedAnswer(async () => bodyOf(await post(proseBody(request), request.signal)), request.signal);
      } catch (error) {
        throw modelErrorOf(error);
      }
    },
  };
}

const messagesOf = ({ system, messages }: ModelRequest) => [{ role: "system", content: system }, ...messages];

const jsonBody = (request: ModelRequest) => ({
  messages: messagesOf(request),
  max_tokens: request.maxTokens,
  temperature: 0,
  // Some servers know `json_schema` only, none that we know of `json_object` only.
  response_format: {
    type: "json_schema",
    json_schema: { name: "answer", schema: request.schema ?? { type: "object" } },
  },
});

const proseBody = (request: ModelRequest) => ({
  messages: messagesOf(request),
  max_tokens: request.maxTokens,
  temperature: PROSE_TEMPERATURE,
  stream: true,
  stream_options: { include_usage: true },
});

function bodyOf(answer: Response): ReadableStream<Uint8Array> {
  if (answer.body) return answer.body as ReadableStream<Uint8Array>;
  throw new ModelError("bad_answer", true, "no stream where one was asked for");
}
