// Hourly: what the sessions of each busy app came to, for the "likely" line of a quote.

import type { Millis } from "../clock.ts";
import { rollUpStats, settledSince } from "./usage-stats-store.ts";

/** Apps looked at in one run; with more, the next hour sees the rest of those still busy. */
const APPS_MAX = 500;
/** Two hours of an hourly job, so that one missed run loses nothing. */
const LOOK_BACK_MS = 2 * 60 * 60 * 1000;

export async function rollUpUsage(db: D1Database, now: Millis): Promise<number> {
  const apps = await settledSince(db, now - LOOK_BACK_MS, APPS_MAX);
  for (const id of apps) await rollUpStats(db, id, now);
  return apps.length;
}
