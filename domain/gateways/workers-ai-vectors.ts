// Texts to vectors on Workers AI, and the reranker. Both only ever help a search: whoever asks has something to go on with when
// they do not answer.

import { inTime } from "./in-time.ts";
import { ModelError } from "./language-model.ts";
import { modelErrorIn, modelErrorOf } from "./model-errors.ts";
import type { AiBinding } from "./workers-ai.ts";

/** As many texts as one call takes (developers.cloudflare.com/workers-ai/models/bge-m3/). */
export const TEXTS_MAX = 100;
const RERANK_MS = 1_000;
export const RERANK_MODEL = "@cf/baai/bge-reranker-base";
/** The same text has the same vector for ever; a gateway may keep it for a day. */
const GATEWAY_CACHE_SECONDS = 86_400;

/**
 * Unit vectors, one a text.
 * @throws ModelError `timeout` after `milliseconds`, `bad_answer` for anything but one vector of numbers a text.
 */
export async function embedTexts(
  ai: AiBinding,
  model: string,
  texts: readonly string[],
  { milliseconds, gatewayId }: { milliseconds: number; gatewayId: string | null },
): Promise<Float32Array[]> {
  try {
    const inputs = embeddingInputs(texts);
    const asked = gatewayId
      ? ai.run(model, inputs, { gateway: { id: gatewayId, cacheTtl: GATEWAY_CACHE_SECONDS } })
      : ai.run(model, inputs);
    return vectorsIn(await inTime(asked, { milliseconds }), texts.length);
  } catch (error) {
    throw modelErrorOf(error);
  }
}

export const embeddingInputs = (texts: readonly string[]) => ({ text: [...texts], truncate_inputs: true });

/**
 * Places of `texts`, best first; those the model leaves out follow in their old order.
 * @throws ModelError
 */
export async function rerankTexts(
  ai: AiBinding,
  query: string,
  texts: readonly string[],
  gatewayId: string | null,
): Promise<number[]> {
  try {
    const inputs = { query, contexts: texts.map((text) => ({ text })), top_k: texts.length };
    const asked = gatewayId
      ? ai.run(RERANK_MODEL, inputs, { gateway: { id: gatewayId } })
      : ai.run(RERANK_MODEL, inputs);
    const scored = ranksIn(await inTime(asked, { milliseconds: RERANK_MS }), texts.length);
    const rest = texts.map((_, place) => place).filter((place) => !scored.some(({ id }) => id === place));
    return [...scored.toSorted((a, b) => b.score - a.score || a.id - b.id).map(({ id }) => id), ...rest];
  } catch (error) {
    throw modelErrorOf(error);
  }
}

function vectorsIn(answer: unknown, count: number): Float32Array[] {
  const data = objectIn(answer).data;
  if (!Array.isArray(data) || data.length !== count) throw unreadable();
  const vectors = data.map(unitVector);
  if (vectors.some(({ length }) => length !== vectors[0]!.length)) throw unreadable();
  return vectors;
}

function unitVector(values: unknown): Float32Array {
  if (!Array.isArray(values) || values.length === 0 || values.length % 4 !== 0) throw unreadable();
  if (!values.every((value): value is number => typeof value === "number" && Number.isFinite(value)))
    throw unreadable();
  const length = Math.hypot(...values);
  if (length === 0) throw unreadable();
  return Float32Array.from(values, (value) => value / length);
}

function ranksIn(answer: unknown, count: number): { id: number; score: number }[] {
  const { response } = objectIn(answer);
  if (!Array.isArray(response)) throw unreadable();
  const seen = new Set<number>();
  return (response as { id?: unknown; score?: unknown }[]).map(({ id, score }) => {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= count || seen.has(id)) throw unreadable();
    if (typeof score !== "number" || !Number.isFinite(score)) throw unreadable();
    seen.add(id);
    return { id, score };
  });
}

function objectIn(answer: unknown): Record<string, unknown> {
  if (typeof answer !== "object" || answer === null) throw unreadable();
  const error = modelErrorIn(answer);
  if (error) throw error;
  return answer as Record<string, unknown>;
}

const unreadable = (): ModelError => new ModelError("bad_answer", true, "the answer cannot be read");
