// Paying providers: every hour the payouts of the payout day are made, every minute what is due is sent.

import type { Millis } from "../../domain/clock.ts";
import { makeScheduledPayouts, sendDuePayouts } from "../../domain/payouts/run-payouts.ts";
import type { Env } from "../env.ts";
import { logCaughtUp } from "../notices.ts";

export const makePayouts = (env: Env, now: Millis): Promise<void> => makeScheduledPayouts(env, now);

export const sendPayouts = async (env: Env, now: Millis): Promise<void> => logCaughtUp(await sendDuePayouts(env, now));
