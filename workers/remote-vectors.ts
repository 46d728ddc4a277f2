// Vectors and final orders by models of Workers AI, within the budget and behind the same breaker as the models that speak.

import { BoundedMap } from "../domain/bounded-map.ts";
import { wallClock, type Millis } from "../domain/clock.ts";
import type { RemoteEmbedder } from "../domain/discovery/index-query.ts";
import type { Rerank } from "../domain/discovery/rerank.ts";
import { ModelError } from "../domain/gateways/language-model.ts";
import { tokensIn } from "../domain/gateways/workers-ai.ts";
import { embedTexts, RERANK_MODEL, rerankTexts } from "../domain/gateways/workers-ai-vectors.ts";
import { milliNeuronsOf } from "../domain/models/catalogue.ts";
import { Lease } from "../domain/models/lease.ts";
import { readSettings } from "../domain/settings/read-settings.ts";
import type { Env } from "./env.ts";
import { breaker, logFailure } from "./language-model.ts";

/** A person waits for it; our own encoder takes a tenth of a second. */
const QUERY_MS = 1_500;
/** Nobody waits for the phrases of an app. */
const PHRASES_MS = 20_000;

const QUERIES_REMEMBERED = 500;
/** By model and text. */
const remembered = new BoundedMap<string, Float32Array>(QUERIES_REMEMBERED);
const lease = new Lease();

/** For queries. Null where no model is named. */
export function remoteEmbedder(env: Env, now: Millis): RemoteEmbedder | null {
  const model = env.AI_EMBEDDING_MODEL;
  if (!model) return null;
  return {
    model,
    embed: async (text) => {
      const key = `${model} ${text}`;
      const known = remembered.get(key);
      if (known) return known;
      const vector = (await embedPhrases(env, model, [text], now, QUERY_MS))?.[0] ?? null;
      if (vector) remembered.set(key, vector);
      return vector;
    },
  };
}

/** Vectors of `texts`, in order; null where the model does not answer or the day's budget is used up. */
export const embedPhrases = (
  env: Env,
  model: string,
  texts: readonly string[],
  now: Millis,
  milliseconds = PHRASES_MS,
): Promise<Float32Array[] | null> =>
  within(env, model, texts, now, () =>
    embedTexts(env.AI, model, texts, { milliseconds, gatewayId: env.AI_GATEWAY_ID ?? null }),
  );

/** The reranker, where an operator switched it on and there are models at all. */
export async function reranker(env: Env, now: Millis): Promise<Rerank | null> {
  const { rerankSearches } = await readSettings(env.DB, now);
  if (!rerankSearches) return null;
  return (need, texts) =>
    within(env, RERANK_MODEL, [...texts, ...texts.map(() => need)], now, () =>
      rerankTexts(env.AI, need, texts, env.AI_GATEWAY_ID ?? null),
    );
}

async function within<Answer>(
  env: Env,
  model: string,
  texts: readonly string[],
  now: Millis,
  call: () => Promise<Answer>,
): Promise<Answer | null> {
  if (!breaker.isClosed(model, wallClock())) return null;
  const inputTokens = texts.reduce((sum, text) => sum + tokensIn(text), 0);
  const cost = milliNeuronsOf(model, { inputTokens, outputTokens: 0 });
  if (!(await lease.take(env.DB, await readSettings(env.DB, now), cost, now))) return null;
  try {
    const answer = await call();
    breaker.succeeded(model);
    return answer;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    breaker.failed(model, error, wallClock());
    logFailure({ model, error });
    return null;
  }
}
