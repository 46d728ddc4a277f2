// What neither an event nor the buyer's return has told us: open orders are asked for by cron, less and less often.

import type { Millis } from "../clock.ts";
import type { StripeEnv } from "../gateways/stripe.ts";
import { StripeUnavailable } from "../gateways/stripe-errors.ts";
import { IDEMPOTENCY_KEPT_MS } from "../idempotency.ts";
import type { CaughtUp } from "./notice.ts";
import { nextCheck, reconcile } from "./reconcile.ts";
import { dueOrders, postpone, purgeLeases, type Order } from "./store.ts";

/** Two calls to Stripe each: well inside one minute and Stripe's rate limit. */
const ORDERS_MAX = 50;

/** Reconcile the open orders that are due. One broken order does not stop the others; an unreachable Stripe stops all. */
export async function checkOpenOrders(env: StripeEnv & { DB: D1Database }, now: Millis): Promise<CaughtUp> {
  await purgeLeases(env.DB, now - IDEMPOTENCY_KEPT_MS).run();
  const outcome: CaughtUp = { notices: [], failures: [] };
  for (const order of await dueOrders(env.DB, now, ORDERS_MAX)) {
    try {
      outcome.notices.push(...(await reconcile(env, order, now)).notices);
    } catch (error) {
      if (error instanceof StripeUnavailable) throw error;
      outcome.failures.push({ id: order.id, error: String(error) });
      await lookLater(env.DB, order, now);
    }
  }
  return outcome;
}

const lookLater = (db: D1Database, order: Order, now: Millis) =>
  postpone(db, order.id, { nextCheckAt: nextCheck(order, now), checkoutId: null, processingSince: null }).run();
