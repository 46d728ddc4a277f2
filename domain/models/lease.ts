// Small calls, such as the vector of one query, cost less than asking D1 whether they may be made. So an isolate takes a little of
// the day's budget at once and spends it from memory; what an isolate that dies has left stays counted.

import type { Millis } from "../clock.ts";
import { allowancesOf, type BudgetSettings } from "./budget.ts";
import { dayOf, reserveUse } from "./budget-store.ts";

/** Five neurons: about two hundred queries. */
const LEASE_MILLI_NEURONS = 5_000;

export class Lease {
  #day = "";
  #left = 0;

  /** @returns whether the call may be made; then it is counted. */
  async take(db: D1Database, settings: BudgetSettings, milliNeurons: number, now: Millis): Promise<boolean> {
    const day = dayOf(now);
    if (day !== this.#day) this.#left = 0;
    this.#day = day;
    if (this.#left < milliNeurons) {
      const more = Math.max(LEASE_MILLI_NEURONS, milliNeurons);
      if (!(await reserveUse(db, day, allowancesOf(settings, null), more))) return false;
      this.#left += more;
    }
    this.#left -= milliNeurons;
    return true;
  }
}
