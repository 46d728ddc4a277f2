// Payouts by schedule, and the second try of those that could not be sent. Run by cron; safe to run any number of times.

import type { Millis } from "../clock.ts";
import { StripeUnavailable } from "../gateways/stripe-errors.ts";
import { newId } from "../ids.ts";
import { CURRENCY } from "../money.ts";
import type { CaughtUp } from "../payments/notice.ts";
import { countsUntil, readPayoutRules } from "./rules.ts";
import { DAY_MS, lastPayoutDay } from "./schedule.ts";
import { sendPayout, type PayoutsEnv } from "./send-payout.ts";
import { duePayoutIds, dueBySchedule, insertPayout, isPayoutOvertaken, readPayable } from "./store.ts";

/** Two calls to Stripe each at most: well inside a minute. */
const SENT_PER_RUN = 50;
const MADE_PER_RUN = 500;

/** Send what is due: made and never sent because somebody crashed, or put off because Stripe could not be reached. */
export async function sendDuePayouts(env: PayoutsEnv, now: Millis): Promise<CaughtUp> {
  const outcome: CaughtUp = { notices: [], failures: [] };
  for (const id of await duePayoutIds(env.DB, now, SENT_PER_RUN)) {
    try {
      outcome.notices.push(...(await sendPayout(env, id, now)));
    } catch (error) {
      if (error instanceof StripeUnavailable) throw error;
      outcome.failures.push({ id, error: String(error) });
    }
  }
  return outcome;
}

/**
 * Make the payouts of the last payout day: for each provider what was payable when that day began. Whoever could not be
 * paid then (no account, a failure) is paid as soon as it is possible; what became payable since waits for the next day.
 */
export async function makeScheduledPayouts(env: PayoutsEnv, now: Millis): Promise<void> {
  const rules = await readPayoutRules(env.DB, now);
  const day = lastPayoutDay(rules.weekday, now);
  if (day === null) return;
  const until = countsUntil(rules, day);
  const minimumCents = Math.max(1, rules.minimumCents);
  const due = await dueBySchedule(env.DB, {
    until,
    minimumCents,
    failedSince: now - DAY_MS,
    reversedSince: day,
    limit: MADE_PER_RUN,
  });
  for (const { providerId, stripeAccountId } of due) {
    const payable = await readPayable(env.DB, { providerId, until, minimumCents });
    if (payable.amountCents < minimumCents) continue;
    const payout = {
      ...payable,
      id: newId(now),
      stripeAccountId,
      origin: "schedule" as const,
      currency: CURRENCY,
      now,
    };
    try {
      await insertPayout(env.DB, payout).run();
    } catch (error) {
      // Its provider asked for one at this very moment.
      if (!isPayoutOvertaken(error)) throw error;
    }
  }
}
