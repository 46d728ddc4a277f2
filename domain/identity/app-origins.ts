// Which web origins are apps of ours: the only foreign pages the browser may let talk to the API.

import { BoundedMap } from "../bounded-map.ts";
import type { Millis } from "../clock.ts";
import { hasAppOrigin } from "./store.ts";

/** An app's origin changes only through a review, so an isolate may remember it; heartbeats then cost no database read. */
const KNOWN_MS = 5 * 60 * 1000;
/** A stranger's origin is remembered for less, so that a new app works at once. */
const UNKNOWN_MS = 5 * 1000;
const ORIGIN_MAX_LENGTH = 300;
const answers = new BoundedMap<string, { isApp: boolean; until: Millis }>(5_000);

export async function isAppOrigin(db: D1Database, origin: string, now: Millis): Promise<boolean> {
  if (origin.length > ORIGIN_MAX_LENGTH) return false;
  const known = answers.get(origin);
  if (known && now < known.until) return known.isApp;
  const isApp = await hasAppOrigin(db, origin);
  answers.set(origin, { isApp, until: now + (isApp ? KNOWN_MS : UNKNOWN_MS) });
  return isApp;
}
