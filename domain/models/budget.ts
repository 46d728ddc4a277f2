// What models may cost in a day: for everybody together, for all visitors together, and for one person. A call reserves the most
// it can cost before it is made and settles what it did cost after it; what an isolate that died had reserved stays counted.
// Over the budget the embedded engine answers, which is no error.

import type { Millis } from "../clock.ts";
import {
  ModelError,
  type LanguageModel,
  type ModelPart,
  type ModelRequest,
  type ModelUsage,
} from "../gateways/language-model.ts";
import { inputTokensOf, tokensIn } from "../gateways/workers-ai.ts";
import { dayOf, reserveUse, settleUse, type Allowance } from "./budget-store.ts";
import { milliNeuronsOf } from "./catalogue.ts";

export interface BudgetSettings {
  modelNeuronsPerDay: number;
  modelNeuronsPerPersonPerDay: number;
}
/** Visitors together may use half: a crowd of nobodies must not take the models away from people who signed in. */
const VISITORS_SHARE = 0.5;

/** The day's neurons of this person, of all visitors or of everybody are used up. */
export class BudgetUsedUp extends ModelError {
  constructor() {
    super("quota", false, "the day's budget for models is used up");
    this.name = "BudgetUsedUp";
  }
}

/** @param asker `user:<id>` or `visitor:<anything that tells one from another>`; null for the marketplace's own work. */
export function allowancesOf(settings: BudgetSettings, asker: string | null): Allowance[] {
  const day = settings.modelNeuronsPerDay * 1_000;
  const isVisitor = asker?.startsWith("visitor:") ?? false;
  return [
    { who: "everyone", milliNeurons: day },
    ...(isVisitor ? [{ who: "visitors", milliNeurons: Math.floor(day * VISITORS_SHARE) }] : []),
    ...(asker ? [{ who: asker, milliNeurons: settings.modelNeuronsPerPersonPerDay * 1_000 }] : []),
  ];
}

/** `model`, asked only within the budget. @throws ModelError also as `BudgetUsedUp` */
export function withinBudget(
  model: LanguageModel,
  db: D1Database,
  allowances: readonly Allowance[],
  now: Millis,
): LanguageModel {
  const day = dayOf(now);
  const reserve = async (request: ModelRequest): Promise<{ settle: (use: ModelUsage) => Promise<void> }> => {
    const most = milliNeuronsOf(model.name, { inputTokens: inputTokensOf(request), outputTokens: request.maxTokens });
    if (!(await reserveUse(db, day, allowances, most))) throw new BudgetUsedUp();
    return {
      settle: async (use) => {
        const difference = milliNeuronsOf(model.name, use) - most;
        if (difference !== 0) await settleUse(db, day, allowances, difference).run();
      },
    };
  };
  return {
    name: model.name,
    json: async (request) => {
      const { settle } = await reserve(request);
      let usage = NOTHING;
      try {
        const answer = await model.json(request);
        ({ usage } = answer);
        return answer;
      } catch (error) {
        usage = useOfFailure(error, request, "");
        throw error;
      } finally {
        await settle(usage);
      }
    },
    stream: async function* (request): AsyncGenerator<ModelPart> {
      const { settle } = await reserve(request);
      let said = "";
      let told: ModelUsage | null = null;
      let failure: unknown = null;
      try {
        for await (const part of model.stream(request)) {
          if ("usage" in part) told = part.usage;
          else said += part.text;
          yield part;
        }
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        // Also when the reader left in the middle: what was said until then was made and paid for.
        const spoken = { inputTokens: inputTokensOf(request), outputTokens: tokensIn(said) };
        await settle(told ?? (failure ? useOfFailure(failure, request, said) : spoken));
      }
    },
  };
}

const NOTHING: ModelUsage = { inputTokens: 0, outputTokens: 0 };

/** A model that was out of reach cost nothing; one that spoke, or worked until its time was over, may have cost all of it. */
function useOfFailure(error: unknown, request: ModelRequest, said: string): ModelUsage {
  const inputTokens = inputTokensOf(request);
  if (said !== "") return { inputTokens, outputTokens: tokensIn(said) };
  const hasWorked = error instanceof ModelError && ["timeout", "truncated", "bad_answer"].includes(error.code);
  return hasWorked ? { inputTokens, outputTokens: request.maxTokens } : NOTHING;
}
