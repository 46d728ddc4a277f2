// A model that just failed is not asked again for a minute: people get the next one, or the embedded engine, at once instead of
// after a timeout. Kept by each isolate for itself; one that does not know yet learns it from two calls.

import { BoundedMap } from "../bounded-map.ts";
import type { Millis } from "../clock.ts";
import type { ModelError } from "../gateways/language-model.ts";
import { ModelMissing } from "../gateways/model-errors.ts";

export const OPEN_MS = 60_000;
/** One failure may be chance. What no second call can change opens at once. */
const FAILURES_MAX = 2;
const MODELS_REMEMBERED = 32;

interface State {
  failures: number;
  lastFailureAt: Millis;
}

export class Breaker {
  readonly #states = new BoundedMap<string, State>(MODELS_REMEMBERED);

  /** Whether `model` may be asked. After the minute one call may find out. */
  isClosed(model: string, now: Millis): boolean {
    const state = this.#current(model, now);
    return !state || state.failures < FAILURES_MAX;
  }

  succeeded(model: string): void {
    this.#states.delete(model);
  }

  failed(model: string, error: ModelError, now: Millis): void {
    const isFinal = error instanceof ModelMissing || error.code === "quota";
    const before = this.#current(model, now)?.failures ?? 0;
    this.#states.set(model, { failures: isFinal ? FAILURES_MAX : before + 1, lastFailureAt: now });
  }

  /** A failure from the future, which a clock that was set back leaves, is none. */
  #current(model: string, now: Millis): State | null {
    const state = this.#states.get(model);
    return state && now >= state.lastFailureAt && now - state.lastFailureAt < OPEN_MS ? state : null;
  }
}
