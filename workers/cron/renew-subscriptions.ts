// Subscriptions that nobody told us of: the net below Stripe's events.

import type { Millis } from "../../domain/clock.ts";
import { checkSubscriptions } from "../../domain/subscriptions/reconcile.ts";
import type { Env } from "../env.ts";
import { logCaughtUp } from "../notices.ts";

export const renewSubscriptions = async (env: Env, now: Millis): Promise<void> =>
  logCaughtUp(await checkSubscriptions(env, now));
