// The open payment pages of somebody who has just deleted their account.

import type { Millis } from "../clock.ts";
import type { StripeEnv } from "../gateways/stripe.ts";
import { StripeUnavailable } from "../gateways/stripe-errors.ts";
import type { CaughtUp } from "./notice.ts";
import { reconcile } from "./reconcile.ts";
import { openOrdersOf } from "./store.ts";

/** Close them, so that nobody pays there. Where Stripe does not answer, cron meets the same orders within a minute. */
export async function closePages(env: StripeEnv & { DB: D1Database }, userId: string, now: Millis): Promise<CaughtUp> {
  const outcome: CaughtUp = { notices: [], failures: [] };
  for (const order of await openOrdersOf(env.DB, userId)) {
    try {
      outcome.notices.push(...(await reconcile(env, order, now)).notices);
    } catch (error) {
      if (error instanceof StripeUnavailable) return outcome;
      outcome.failures.push({ id: order.id, error: String(error) });
    }
  }
  return outcome;
}
