// Which jobs each schedule of wrangler.toml runs. A job that fails is logged and the others still run; every job is safe to
// run again, so the next minute or hour repairs what this one missed.

import type { Millis } from "../../domain/clock.ts";
import type { Env } from "../env.ts";
import { catchUpStripeEvents, finishRefundsOnRequest, reconcileStripe } from "./reconcile-stripe.ts";
import { checkLedger } from "./check-ledger.ts";
import { closeSlices } from "./close-slices.ts";
import { endOverdueSessions } from "./end-overdue-sessions.ts";
import { expireLots } from "./expire-lots.ts";
import { rollUpSessions, startPrices } from "./prices.ts";
import { countTogether } from "./count-together.ts";
import { indexCatalogue } from "./index-catalogue.ts";
import { purgeExpired } from "./purge-expired.ts";
import { purgeListeners } from "./purge-listeners.ts";
import { purgeWebhooks } from "./purge-webhooks.ts";
import { signReceipts } from "./sign-receipts.ts";
import { rewardDueReferrals } from "./reward-referrals.ts";
import { makePayouts, sendPayouts } from "./run-payouts.ts";
import { sweepOutbox } from "./sweep-outbox.ts";
import { measureTruth } from "./measure-truth.ts";
import { ownCards, whereOwnersArePaid } from "./own-cards.ts";
import { mirrorUse } from "./mirror-use.ts";
import { renewSubscriptions } from "./renew-subscriptions.ts";
import { tendPlans } from "./tend-plans.ts";
import { topUp } from "./top-up.ts";
import { watchApps } from "./watch-apps.ts";

type Job = (env: Env, now: Millis) => Promise<void>;

/** By cron expression, as wrangler.toml declares them. */
const SCHEDULES: Record<string, Record<string, Job>> = {
  "* * * * *": {
    endOverdueSessions,
    expireLots,
    sweepOutbox,
    reconcileStripe,
    finishRefundsOnRequest,
    closeSlices,
    signReceipts,
    startPrices,
    topUp,
    tendPlans,
    renewSubscriptions,
    sendPayouts,
    indexCatalogue,
    mirrorUse,
    watchApps,
  },
  "17 * * * *": {
    catchUpStripeEvents,
    checkLedger,
    purgeExpired,
    purgeWebhooks,
    purgeListeners,
    rewardDueReferrals,
    rollUpSessions,
    countTogether,
    makePayouts,
    measureTruth,
    ownCards,
    whereOwnersArePaid,
  },
};

export async function runSchedule(env: Env, { cron, scheduledTime }: ScheduledController): Promise<void> {
  const jobs = Object.entries(SCHEDULES[cron] ?? {});
  const outcomes = await Promise.allSettled(jobs.map(([, job]) => job(env, scheduledTime)));
  for (const [index, outcome] of outcomes.entries())
    if (outcome.status === "rejected")
      console.error(
        JSON.stringify({ message: "scheduled job failed", job: jobs[index]![0], error: String(outcome.reason) }),
      );
}
