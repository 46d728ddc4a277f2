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
import { readSettings } from "../domain/settings/read-settings.ts";
import type { Env } from "./env.ts";

/** What failed lately; each isolate learns it for itself. */
export const breaker = new Breaker();

/**
 * @param asker `user:<id>` or `visitor:<what tells one from another>`: whose part of the budget it is.
 * @returns null where there is none: the embedded engine then answers alone.
 */
export async function languageModelFor(env: Env, asker: string, now: Millis): Promise<LanguageModel | null> {
  if (env.LLM_BASE_URL) {
    const own = { baseUrl: env.LLM_BASE_URL, key: env.LLM_API_KEY ?? null };
    const models = modelsNamed(env.LLM_MODEL ?? DEFAULT_OWN_MODEL);
    // No budget: whoever runs the server knows what it may cost.
    return ladder(
      models.map((model) => openAiCompatibleModel({ ...own, model }, env.ENVIRONMENT)),
      breaker,
      wallClock,
      logFailure,
    );
  }
  const settings = await readSettings(env.DB, now);
  const ids = settings.chatModels.length > 0 ? settings.chatModels : modelsNamed(env.AI_MODELS);
  if (ids.length === 0 || settings.modelNeuronsPerDay === 0) return null;
  const allowances = allowancesOf(settings, asker);
  const models = ids.map((id) =>
    withinBudget(workersAiModel(env.AI, id, env.AI_GATEWAY_ID ?? null), env.DB, allowances, now),
  );
  return ladder(models, breaker, wallClock, logFailure);
}

export const logFailure = ({ model, error }: { model: string; error: ModelError }): void =>
  console.warn(JSON.stringify({ message: "a model did not answer", model, code: error.code, error: error.message }));

/** What Ollama calls a small model that can answer in JSON. */
const DEFAULT_OWN_MODEL = "llama3.2";
