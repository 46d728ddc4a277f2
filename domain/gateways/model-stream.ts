// What a model's answer looks like on the wire, in the two shapes Workers AI has: its own (`{"response": ...}`) and the one
// it shares with OpenAI-compatible servers (`{"choices": [...]}`). Both end with `[DONE]`; where neither that nor a reason
// to finish came, the answer was cut off. Thoughts (`reasoning_content`) are never shown and never kept.

import { modelErrorIn } from "./model-errors.ts";
import { ModelError, type ModelPart, type ModelUsage } from "./language-model.ts";

/** Longer lines are no events of ours; a server that sends one is not to fill our memory. */
const LINE_LENGTH_MAX = 256 * 1024;

interface Choice {
  delta?: { content?: unknown };
  message?: { content?: unknown };
  finish_reason?: unknown;
}
interface Chunk {
  response?: unknown;
  choices?: Choice[];
  finish_reason?: unknown;
  usage?: unknown;
}

/**
 * The text of a streamed answer in pieces, then its use where the server tells it.
 * @param signal Ends the reading: the body is given back, and what came is treated as cut off.
 * @throws ModelError `truncated` (after the text that came), `bad_answer` when there was none, or what the stream says.
 */
export async function* readModelStream(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<ModelPart> {
  const said = { text: false, done: false, finish: null as string | null };
  const uses: ModelUsage[] = [];
  const broken = { is: false };
  for await (const data of eventData(body, broken, signal)) {
    if (data === "[DONE]") {
      said.done = true;
      continue;
    }
    const chunk = chunkOf(data);
    const error = modelErrorIn(chunk);
    if (error) throw error;
    said.finish = finishOf(chunk) ?? said.finish;
    const use = usageOf(chunk.usage);
    if (use) uses.push(use);
    const text = textOf(chunk);
    if (text === "") continue;
    said.text = true;
    yield { text };
  }
  const isWhole = !broken.is && (said.done || said.finish !== null);
  const usage = isWhole ? uses.at(-1) : sumOf(uses);
  if (usage) yield { usage };
  if (!isWhole) throw new ModelError("truncated", true, "the answer was cut off");
  if (said.finish === "length") throw new ModelError("truncated", false, "the answer reached its length limit");
  if (!said.text) throw new ModelError("bad_answer", true, "the model said nothing");
}

/**
 * The JSON value of an answer that came in one piece, and its use where it is told.
 * @throws ModelError `bad_answer`, `truncated`, or what the answer says.
 */
export function readModelAnswer(answer: unknown): { value: unknown; usage: ModelUsage | null } {
  if (typeof answer !== "object" || answer === null) throw new ModelError("bad_answer", true, "no answer object");
  const error = modelErrorIn(answer);
  if (error) throw error;
  const chunk = answer as Chunk;
  const content = chunk.response ?? chunk.choices?.[0]?.message?.content;
  const usage = usageOf(chunk.usage);
  if (finishOf(chunk) === "length") throw new ModelError("truncated", false, "the answer reached its length limit");
  // Workers AI parses JSON mode's answer itself for some models and leaves it as text for others.
  if (typeof content === "object" && content !== null) return { value: content, usage };
  if (typeof content !== "string" || content.trim() === "")
    throw new ModelError("bad_answer", true, "the model said nothing");
  return { value: jsonIn(content), usage };
}

/** The `data` of each event. An end in the middle of the body sets `broken`; what came before it is kept. */
async function* eventData(
  body: ReadableStream<Uint8Array>,
  broken: { is: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const reader = body.getReader();
  const giveBack = (): void => void reader.cancel().catch(() => undefined);
  if (signal?.aborted) giveBack();
  signal?.addEventListener("abort", giveBack, { once: true });
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const piece = await reader.read().catch(() => null);
      if (piece === null) broken.is = true;
      rest += piece?.value ? decoder.decode(piece.value, { stream: true }) : "";
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = piece === null || piece.done ? "" : lines.pop()!;
      if (rest.length > LINE_LENGTH_MAX) throw new ModelError("bad_answer", false, "an event without an end");
      for (const line of lines) if (line.startsWith("data:")) yield line.slice("data:".length).trim();
      if (piece === null || piece.done) return;
    }
  } finally {
    // Also when the reader is gone: nobody is to pay for words that nobody reads.
    signal?.removeEventListener("abort", giveBack);
    giveBack();
  }
}

function chunkOf(data: string): Chunk {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? (value as Chunk) : {};
  } catch {
    // A line that is no JSON says nothing.
    return {};
  }
}

function textOf({ response, choices }: Chunk): string {
  const text = response ?? choices?.[0]?.delta?.content;
  return typeof text === "string" ? text : typeof text === "number" ? String(text) : "";
}

function finishOf({ finish_reason, choices }: Chunk): string | null {
  const reason = choices?.[0]?.finish_reason ?? finish_reason;
  return typeof reason === "string" && reason !== "" ? reason : null;
}

const isCount = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value >= 0;

function usageOf(usage: unknown): ModelUsage | null {
  if (typeof usage !== "object" || usage === null) return null;
  const { prompt_tokens: input, completion_tokens: output } = usage as Record<string, unknown>;
  if (!isCount(input) && !isCount(output)) return null;
  return { inputTokens: isCount(input) ? Math.ceil(input) : 0, outputTokens: isCount(output) ? Math.ceil(output) : 0 };
}

/** Each piece of a stream tells its own part; the last event, which tells the whole, never came. */
const sumOf = (uses: readonly ModelUsage[]): ModelUsage | null =>
  uses.length === 0
    ? null
    : {
        inputTokens: uses.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
        outputTokens: uses.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
      };

/** Models like to wrap JSON into a code fence or a sentence. */
function jsonIn(text: string): unknown {
  const from = text.search(/[[{]/);
  const to = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  try {
    return JSON.parse(from >= 0 && to > from ? text.slice(from, to + 1) : text) as unknown;
  } catch {
    throw new ModelError("bad_answer", true, "the answer is not JSON");
  }
}
