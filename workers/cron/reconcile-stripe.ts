// Stripe's side of the books, without waiting for Stripe: open orders every minute, missed events every hour.

import type { Millis } from "../../domain/clock.ts";
import { checkOpenOrders } from "../../domain/payments/check-open-orders.ts";
import { catchUpEvents } from "../../domain/payments/stripe-events.ts";
import { finishRefunds } from "../../domain/payments/refund-order.ts";
import { releaseDue } from "../../domain/trust/store.ts";
import type { Env } from "../env.ts";
import { logCaughtUp } from "../notices.ts";

export const reconcileStripe = async (env: Env, now: Millis): Promise<void> =>
  logCaughtUp(await checkOpenOrders(env, now));

export async function finishRefundsOnRequest(env: Env, now: Millis): Promise<void> {
  await releaseDue(env.DB, now).run();
  logCaughtUp(await finishRefunds(env, now));
}

export const catchUpStripeEvents = async (env: Env, now: Millis): Promise<void> =>
  logCaughtUp(await catchUpEvents(env, now));
