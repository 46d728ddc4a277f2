// How often a session's clock is told what was reported: its pages want a fresh figure, not one call per record.

import type { Millis } from "../../domain/clock.ts";

/** A session hears of its usage at most this often from one isolate; the bill itself always comes from D1. */
const NOTE_EVERY_MS = 2_000;
const SESSIONS_REMEMBERED = 10_000;
const notedAt = new Map<string, Millis>();

export function isNoteDue(sessionId: string, now: Millis): boolean {
  const last = notedAt.get(sessionId);
  if (last !== undefined && now - last < NOTE_EVERY_MS) return false;
  if (notedAt.size >= SESSIONS_REMEMBERED) notedAt.clear();
  notedAt.set(sessionId, now);
  return true;
}
