// What can go wrong between two steps. A crash stops everything at once: the call in progress, and whatever else that
// process was doing, never goes on; its memory is gone, what was written stays. An error leaves the process alive and the
// caller without an answer, whether the call took effect or not; an outage is errors from one call to the step's end.

import type { Dice } from "./dice.ts";

export const FAULT_KINDS = ["crash_before", "crash_after", "error_before", "error_after", "outage"] as const;
export interface Fault {
  kind: (typeof FAULT_KINDS)[number];
  /** At which call to the outside, counted from 1. */
  at: number;
}

export const throwFault = (dice: Dice): Fault => ({
  kind: dice.pick(FAULT_KINDS),
  at: dice.between(1, dice.pick([4, 12, 40])),
});

export class Crashed extends Error {
  constructor() {
    super("the process is gone");
    this.name = "Crashed";
  }
}

const forever = (): Promise<never> => new Promise(() => undefined);

export class Faults {
  #plan: Fault | null = null;
  #calls = 0;
  #crash: { promise: Promise<never>; reject: (error: Crashed) => void };
  /** Which life of the process this is; what belongs to an earlier one stands still. */
  life = 1;
  hasCrashed = false;
  /** Something went wrong in this step, so an answer that says so is no surprise. */
  hasStruck = false;

  constructor() {
    this.#crash = Faults.#signal();
  }

  arm(plan: Fault | null): void {
    this.#plan = plan;
    this.#calls = 0;
    this.hasStruck = false;
  }

  restart(): void {
    this.life++;
    this.hasCrashed = false;
    this.#crash = Faults.#signal();
  }

  /** Whatever comes first: the answer, or the end of the process. @throws Crashed */
  untilCrash<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#crash.promise]);
  }

  /** One call to the outside, by a process in its `life`. */
  async around<T>(life: number, effect: () => T | Promise<T>): Promise<T> {
    if (life !== this.life || this.hasCrashed) return forever();
    const strikes = this.#next();
    if (strikes) this.hasStruck = true;
    if (strikes === "crash_before") return this.#die();
    if (strikes === "error_before" || strikes === "outage") throw new Error("D1_ERROR: Network connection lost.");
    const answer = await effect();
    if (life !== this.life || this.hasCrashed) return forever();
    if (strikes === "crash_after") return this.#die();
    if (strikes === "error_after") throw new Error("D1_ERROR: Network connection lost.");
    return answer;
  }

  #next(): Fault["kind"] | null {
    if (!this.#plan) return null;
    const { kind, at } = this.#plan;
    this.#calls++;
    return this.#calls === at || (kind === "outage" && this.#calls > at) ? kind : null;
  }

  #die(): Promise<never> {
    this.hasCrashed = true;
    this.#crash.reject(new Crashed());
    return forever();
  }

  static #signal() {
    let reject!: (error: Crashed) => void;
    const promise = new Promise<never>((_, fail) => (reject = fail));
    promise.catch(() => undefined);
    return { promise, reject };
  }
}
