// Looks at app pages, on their way into the day's counts. While one write is under way, what comes meanwhile is added up
// and goes with the next: an isolate writes one statement at a time, however many people look.

import type { Millis } from "../clock.ts";
import { addDayCounts, type DayCount } from "./day-counts-store.ts";

/** Apps added up at once; more than this in one moment are not counted. */
const APPS_MAX = 1_000;
/** A writer that has not come back for this long was cut off with its request, and is waited for no longer. */
const WRITER_SILENT_MS = 10_000;

let waiting = new Map<string, number>();
let writingSince: Millis = -Infinity;

/** Count one look at an app. Await it off every caller's way; a look that cannot be written is lost, and nothing else. */
export async function countView(db: D1Database, providerId: string, now: Millis): Promise<void> {
  if (waiting.has(providerId) || waiting.size < APPS_MAX) waiting.set(providerId, (waiting.get(providerId) ?? 0) + 1);
  if (writingSince <= now && now - writingSince < WRITER_SILENT_MS) return;
  writingSince = now;
  try {
    while (waiting.size > 0) {
      const counts = [...waiting].map(([id, count]): DayCount => ({
        providerId: id,
        mode: "live",
        kind: "view",
        count,
      }));
      waiting = new Map();
      await addDayCounts(db, counts, now);
    }
  } finally {
    writingSince = -Infinity;
  }
}
