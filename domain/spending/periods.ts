// The periods that limits and caps count in: calendar days, weeks from Monday and months, in UTC, so that anyone can say
// when one begins anew. The triggers of migrations/0019_spending.sql reckon the same way.

import type { Millis } from "../clock.ts";

export const PERIODS = ["day", "week", "month"] as const;
export type Period = (typeof PERIODS)[number];

const DAY_MS = 24 * 60 * 60 * 1000;
const WEEK_MS = 7 * DAY_MS;
/** 1970-01-05, the first Monday after the epoch. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** The period that `at` is in: from its first millisecond to the first of the next. */
export function periodAround(period: Period, at: Millis): { from: Millis; until: Millis } {
  switch (period) {
    case "day":
      return lasting(at - (at % DAY_MS), DAY_MS);
    case "week":
      return lasting(at - ((at - FIRST_MONDAY_MS) % WEEK_MS), WEEK_MS);
    case "month": {
      const date = new Date(at);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      return { from: Date.UTC(year, month), until: Date.UTC(year, month + 1) };
    }
  }
}

const lasting = (from: Millis, ms: Millis) => ({ from, until: from + ms });
