// When a delivery is tried again. Pure: callers pass `now` and the dice.

import type { Millis } from "../clock.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first, second, third ... failed attempt; a little over three days in all (contract section 5). */
export const RETRY_DELAYS_MS: readonly Millis[] = [
  1 * SECOND,
  2 * SECOND,
  4 * SECOND,
  8 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
export const ATTEMPTS_MAX = RETRY_DELAYS_MS.length + 1;
/** Up to this share of a wait is added, so that what failed together does not come back together. */
const JITTER_SHARE = 0.1;
/** A receiver can ask for a longer wait than ours, but not for more than the longest of ours. */
const RETRY_AFTER_MAX_MS = 24 * HOUR;

/**
 * When to try again.
 * @param attempts Attempts made so far, the one that just failed included.
 * @param retryAfterMs What the receiver asked for (429 and 503 only), or null. Never shortens our own wait.
 * @param dice 0 to 1.
 * @returns null when the attempts are used up.
 */
export function nextAttemptAt(facts: {
  attempts: number;
  retryAfterMs: number | null;
  now: Millis;
  dice: number;
}): Millis | null {
  const wait = RETRY_DELAYS_MS[facts.attempts - 1];
  if (wait === undefined) return null;
  const jittered = Math.floor(wait * (1 + JITTER_SHARE * facts.dice));
  return facts.now + Math.max(jittered, Math.min(facts.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS));
}

/** Milliseconds a `Retry-After` asks for: whole seconds or an HTTP date (RFC 9110 section 10.2.3); null: nothing usable. */
export function readRetryAfter(header: string | null, now: Millis): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
