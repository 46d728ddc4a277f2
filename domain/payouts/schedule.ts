// When providers are paid without asking: once a week, on a day that is a setting. Pure; all days are UTC.

import type { Millis } from "../clock.ts";

export const DAY_MS = 24 * 60 * 60 * 1000;
const WEEK_MS = 7 * DAY_MS;
/** 1970-01-01 was a Thursday; this was the Monday before it. */
const A_MONDAY = -3 * DAY_MS;

/**
 * The start of the last payout day up to `now`.
 * @param weekday 1 is Monday, 7 is Sunday; 0: nobody is paid by schedule, and the answer is null.
 */
export function lastPayoutDay(weekday: number, now: Millis): Millis | null {
  if (weekday === 0) return null;
  const first = A_MONDAY + (weekday - 1) * DAY_MS;
  return now - ((((now - first) % WEEK_MS) + WEEK_MS) % WEEK_MS);
}

/** The start of the next payout day after `now`; null when nobody is paid by schedule. */
export function nextPayoutDay(weekday: number, now: Millis): Millis | null {
  const last = lastPayoutDay(weekday, now);
  return last === null ? null : last + WEEK_MS;
}
