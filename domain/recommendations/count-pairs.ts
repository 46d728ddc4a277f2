// Hourly: which apps people use together. Bounded: a few apps a run, the newest people of each, half a year back.

import type { Millis } from "../clock.ts";
import { appsToCount, countPairs } from "./store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Older use says little about what somebody needs now. */
export const PAIRS_DAYS = 180;
const APPS_MAX = 200;
/** Two hours of an hourly job, so that one missed run loses nothing. */
const LOOK_BACK_MS = 2 * 60 * 60 * 1000;
/** Also where nothing was settled: who was erased leaves the counts within a day. */
const STALE_MS = DAY_MS;

/** @returns how many apps were counted. Repeating it counts the same. */
export async function countUsedTogether(db: D1Database, now: Millis): Promise<number> {
  const apps = await appsToCount(db, now - LOOK_BACK_MS, now - STALE_MS, APPS_MAX);
  for (const id of apps) await countPairs(db, id, now - PAIRS_DAYS * DAY_MS, now);
  return apps.length;
}
