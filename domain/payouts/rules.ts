// By which rules providers are paid. Settings, so that an operator can change them without a release.

import type { Millis } from "../clock.ts";
import { readSettings } from "../settings/read-settings.ts";
import { DAY_MS } from "./schedule.ts";

export interface PayoutRules {
  /** A share waits so long for what may still go wrong with it: a complaint, a disputed card. */
  holdMs: number;
  /** Less than this is carried forward. */
  minimumCents: number;
  /** 1 is Monday; 0: on request only. */
  weekday: number;
}

export async function readPayoutRules(db: D1Database, now: Millis): Promise<PayoutRules> {
  const { payoutHoldDays, payoutMinimumCents, payoutWeekday } = await readSettings(db, now);
  return { holdMs: payoutHoldDays * DAY_MS, minimumCents: payoutMinimumCents, weekday: payoutWeekday };
}

/** What began its hold days by then is payable. */
export const countsUntil = (rules: PayoutRules, at: Millis): Millis => at - rules.holdMs;
