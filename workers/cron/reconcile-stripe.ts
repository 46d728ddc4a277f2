// Stripe's side of the books, without waiting for Stripe: open orders every minute, missed events every hour.

import type { Millis } from "../../domain/clock.ts";
import { checkOpenOrders } from "../../domain/payments/check-open-orders.ts";
import { catchUpEvents } from "../../domain/payments/stripe-events.ts";
import { finishRefunds } from "../../domain/payments/refund-order.ts";
import type { Env } from "../env.ts";
import { logCaughtUp } from "../notices.ts";

export const reconcileStripe = async (env: Env, now: Millis): Promise<void> =>
  logCaughtUp(await checkOpenOrders(env, now));

export const finishRefundsOnRequest = async (env: Env, now: Millis): Promise<void> =>
  logCaughtUp(await finishRefunds(env, now));

export const catchUpStripeEvents = async (env: Env, now: Millis): Promise<void> =>
  logCaughtUp(await catchUpEvents(env, now));
