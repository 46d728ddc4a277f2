// What can go wrong between us and a model, read from Workers AI's numbers and from HTTP statuses. Messages of others are not
// passed on: they may echo what was asked.

import { ModelError } from "./language-model.ts";

/** The model is not (or no longer) there; another one of the list may be. */
export class ModelMissing extends ModelError {
  constructor(message: string) {
    super("unavailable", false, message);
    this.name = "ModelMissing";
  }
}

/** Workers AI's own numbers (developers.cloudflare.com/workers-ai/platform/errors/), the ones that tell us what to do. */
const NUMBERS: Record<number, (number: number) => ModelError> = {
  3036: () => new ModelError("quota", false, "3036: the day's allowance of the account is used up"),
  3040: () => new ModelError("unavailable", true, "3040: out of capacity"),
  3007: () => new ModelError("timeout", true, "3007: the model took too long"),
  3008: () => new ModelError("timeout", true, "3008: the request was aborted"),
  3042: () => new ModelMissing("3042: no such model"),
  5007: () => new ModelMissing("5007: no such model"),
  // Closed to this account: of no use to us, like a model that is not there.
  5016: () => new ModelMissing("5016: the model's terms are not agreed to"),
  5018: () => new ModelMissing("5018: the model is private"),
  5024: () => new ModelError("bad_answer", true, "5024: JSON mode could not be met"),
};

/** What the binding throws: `InferenceUpstreamError("<number>: <description>")`. */
export function modelErrorOf(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const text = error instanceof Error ? `${error.name} ${error.message}` : String(error);
  for (const [, digits] of text.matchAll(/\b(\d{4})\b/g)) {
    const known = NUMBERS[Number(digits)];
    if (known) return known(Number(digits));
  }
  if (/no such model|model[^.]{0,40}(not found|does not exist|deprecated)/i.test(text))
    return new ModelMissing("no such model");
  if (/timeout|timed out|abort/i.test(text)) return new ModelError("timeout", true, "the model took too long");
  const number = /\b(\d{4})\s*:/.exec(text)?.[1];
  return new ModelError(
    "unavailable",
    number === undefined,
    number ? `${number}: refused` : `the model failed: ${error instanceof Error ? error.name : typeof error}`,
  );
}

/** An error inside an answer or a stream: `{error}`, `{errors: [{code, message}]}`; null where there is none. */
export function modelErrorIn(answer: object): ModelError | null {
  const { error, errors } = answer as { error?: unknown; errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return modelErrorOf(textOf(errors[0]));
  return error === undefined || error === null ? null : modelErrorOf(textOf(error));
}

/** By HTTP status, of an OpenAI-compatible server. `body` is looked at for its code only. */
export function modelErrorOfStatus(status: number, body: string): ModelError {
  if (status === 404) return new ModelMissing("404: no such model or address");
  if (status === 408 || status === 504) return new ModelError("timeout", true, `${status}: the model took too long`);
  if (status === 429 && /insufficient_quota|billing/.test(body))
    return new ModelError("quota", false, "429: the account's quota is used up");
  if (status === 429 || status >= 500) return new ModelError("unavailable", true, `${status}: out of capacity`);
  if (/model_not_found|no such model/i.test(body)) return new ModelMissing(`${status}: no such model`);
  return new ModelError("unavailable", false, `${status}: refused`);
}

function textOf(error: unknown): string {
  if (typeof error === "string") return error;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return `${typeof code === "number" || typeof code === "string" ? code : ""}: ${typeof message === "string" ? message : ""}`;
}
