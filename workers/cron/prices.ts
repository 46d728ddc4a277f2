// Prices that start, and what sessions came to. Neither is on any request's way: a session's start reads the moment itself.

import { startAnnouncedPrices } from "../../domain/catalogue/change-price.ts";
import { rollUpUsage } from "../../domain/catalogue/usage-stats.ts";
import type { Millis } from "../../domain/clock.ts";
import type { Env } from "../env.ts";

export async function startPrices(env: Env, now: Millis): Promise<void> {
  await startAnnouncedPrices(env.DB, now);
}

export async function rollUpSessions(env: Env, now: Millis): Promise<void> {
  await rollUpUsage(env.DB, now);
}
