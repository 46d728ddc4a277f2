// How often a session's clock is told what was reported: its pages want a fresh figure, not one call per record.

import type { Millis } from "../../domain/clock.ts";
import type { KnownUsage } from "../../domain/sessions/close-session.ts";

/** A session hears of its usage at most this often from one isolate; the bill itself always comes from D1. */
const NOTE_EVERY_MS = 2_000;
/** A wait that is over by so much was cut off with its request, and nobody tells what it held. */
const CUT_OFF_MS = 1_000;
const SESSIONS_REMEMBERED = 10_000;
/** When each session was last told, or will be by a wait under way. */
const notedAt = new Map<string, Millis>();
/** What came since the last note of a session, and is told when the next one is due. */
const waiting = new Map<string, KnownUsage>();

/**
 * Tell a session's clock what was reported so far: at once, or together with what else comes in these two seconds, so that
 * the last report is never the one nobody hears of. Several calls at once for one session make one note.
 * @returns null where a note that is waiting already takes this along.
 */
export function noteUsage(
  sessionId: string,
  usage: KnownUsage,
  now: Millis,
  { tell, wait }: { tell: (usage: KnownUsage) => Promise<void>; wait: (ms: number) => Promise<void> },
): Promise<void> | null {
  const known = waiting.get(sessionId);
  const sinceMs = now - (notedAt.get(sessionId) ?? -Infinity);
  const newest = known ? later(known, usage) : usage;
  if (known && sinceMs >= -NOTE_EVERY_MS && sinceMs < CUT_OFF_MS) {
    waiting.set(sessionId, newest);
    return null;
  }
  waiting.delete(sessionId);
  // A note from the future is from before the clock was set back.
  const waitMs = sinceMs >= 0 && sinceMs < NOTE_EVERY_MS ? NOTE_EVERY_MS - sinceMs : 0;
  if (notedAt.size >= SESSIONS_REMEMBERED) notedAt.clear();
  notedAt.set(sessionId, now + waitMs);
  if (waitMs === 0) return tell(newest);
  waiting.set(sessionId, newest);
  return wait(waitMs).then(() => {
    const all = waiting.get(sessionId);
    waiting.delete(sessionId);
    return all && tell(all);
  });
}

/** Totals only grow: of each, the larger. */
function later(one: KnownUsage, other: KnownUsage): KnownUsage {
  const usedMicro = { ...one.usedMicro };
  for (const [meter, used] of Object.entries(other.usedMicro)) usedMicro[meter] = Math.max(usedMicro[meter] ?? 0, used);
  return { reports: Math.max(one.reports, other.reports), usedMicro };
}
