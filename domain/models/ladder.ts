// Several models as one: the first that may be asked and answers. Below the last rung stands the embedded engine, which is the
// caller's: it answers whenever this throws. Once words were given out no other model takes over, because two halves of two
// answers are no answer.

import type { Millis } from "../clock.ts";
import { ModelError, type LanguageModel, type ModelPart, type ModelRequest } from "../gateways/language-model.ts";
import { modelErrorOf, ModelMissing } from "../gateways/model-errors.ts";
import type { Breaker } from "./breaker.ts";
import { BudgetUsedUp } from "./budget.ts";

/** Models asked in vain before the embedded engine answers: each may have cost a timeout. One that is not there costs none. */
const TRIES_MAX = 2;

/**
 * `name` is the model that answered last, or the one that would be asked.
 * @param report Hears of every model that did not answer.
 */
export function ladder(
  models: readonly LanguageModel[],
  breaker: Breaker,
  clock: () => Millis,
  report: (failure: { model: string; error: ModelError }) => void,
): LanguageModel {
  let answered: string | null = null;
  const rungs = () => models.filter(({ name }) => breaker.isClosed(name, clock()));

  /** @throws the last rung's error; at once what another model cannot change. */
  async function climb<Answer>(
    { signal }: ModelRequest,
    attempt: (model: LanguageModel) => Promise<Answer>,
  ): Promise<Answer> {
    let last = new ModelError("unavailable", true, "no model may be asked right now");
    let tries = 0;
    for (const model of rungs()) {
      try {
        const answer = await attempt(model);
        answered = model.name;
        return answer;
      } catch (thrown) {
        last = modelErrorOf(thrown);
        // No fault of the model, and the same for the next one.
        if (signal.aborted || last instanceof BudgetUsedUp) throw last;
        breaker.failed(model.name, last, clock());
        report({ model: model.name, error: last });
        if (last.code === "quota") throw last;
        if (!(last instanceof ModelMissing) && ++tries === TRIES_MAX) throw last;
      }
    }
    throw last;
  }

  return {
    get name() {
      return answered ?? rungs()[0]?.name ?? "none";
    },
    json: (request) =>
      climb(request, async (model) => {
        const answer = await model.json(request);
        breaker.succeeded(model.name);
        return answer;
      }),
    stream: async function* (request: ModelRequest): AsyncGenerator<ModelPart> {
      const { model, parts, first } = await climb(request, async (rung) => {
        const opened = rung.stream(request)[Symbol.asyncIterator]();
        return { model: rung, parts: opened, first: await opened.next() };
      });
      try {
        for (let next = first; !next.done; next = await parts.next()) yield next.value;
        breaker.succeeded(model.name);
      } catch (thrown) {
        const error = modelErrorOf(thrown);
        if (error.retryable && !request.signal.aborted) breaker.failed(model.name, error, clock());
        throw error;
      } finally {
        await parts.return?.();
      }
    },
  };
}
