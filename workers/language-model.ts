// Which language model answers this person now: the ladder of Workers AI's models within the budget, or the server named by
// LLM_BASE_URL. docs/workers-ai.md.

import { wallClock, type Millis } from "../domain/clock.ts";
import type { LanguageModel, ModelError } from "../domain/gateways/language-model.ts";
import { openAiCompatibleModel } from "../domain/gateways/openai-compatible.ts";
import { workersAiModel } from "../domain/gateways/workers-ai.ts";
import { Breaker } from "../domain/models/breaker.ts";
import { allowancesOf, withinBudget } from "../domain/models/budget.ts";
import { ladder } from "../domain/models/ladder.ts";
import { modelsNamed } from "../domain/models/model-list.ts";
import type { Settings } from "../domain/settings/definitions.ts";
import { readSettings } from "../domain/settings/read-settings.ts";
import type { Env } from "./env.ts";

/** What failed lately; each isolate learns it for itself. */
export const breaker = new Breaker();

export interface ModelsInOrder {
  engine: "workers-ai" | "openai-compatible" | "embedded";
  models: string[];
}
/** Which models are asked in the chat, first one first. */
export function modelsInOrder(env: Env, settings: Settings): ModelsInOrder {
  if (env.LLM_BASE_URL) return { engine: "openai-compatible", models: modelsNamed(env.LLM_MODEL ?? DEFAULT_OWN_MODEL) };
  const named = settings.chatModels.length > 0 ? settings.chatModels : modelsNamed(env.AI_MODELS);
  const models = settings.modelNeuronsPerDay === 0 ? [] : named;
  return { engine: models.length > 0 ? "workers-ai" : "embedded", models };
}

/**
 * @param asker `user:<id>` or `visitor:<what tells one from another>`: whose part of the budget it is.
 * @returns null where there is none: the embedded engine then answers alone.
 */
export async function languageModelFor(env: Env, asker: string, now: Millis): Promise<LanguageModel | null> {
  const settings = await readSettings(env.DB, now);
  const { engine, models } = modelsInOrder(env, settings);
  if (engine === "embedded") return null;
  const allowances = allowancesOf(settings, asker);
  const rungs = models.map((id) =>
    engine === "workers-ai"
      ? withinBudget(workersAiModel(env.AI, id, env.AI_GATEWAY_ID ?? null), env.DB, allowances, now)
      : // No budget: whoever runs the server knows what it may cost.
        openAiCompatibleModel({ baseUrl: env.LLM_BASE_URL!, model: id, key: env.LLM_API_KEY ?? null }, env.ENVIRONMENT),
  );
  return ladder(rungs, breaker, wallClock, logFailure);
}

export const logFailure = ({ model, error }: { model: string; error: ModelError }): void =>
  console.warn(JSON.stringify({ message: "a model did not answer", model, code: error.code, error: error.message }));

/** What Ollama calls a small model that can answer in JSON. */
const DEFAULT_OWN_MODEL = "llama3.2";
