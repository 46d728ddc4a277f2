// A token bucket as one number: the moment it will be full again. Pure, so that memory and SQL can keep the same rule.
// Known as the generic cell rate algorithm (ITU-T I.371); a bucket refilled tap by tap gives the same answers, which
// test/domain/limits/token-bucket.test.ts shows.

import type { Millis } from "../clock.ts";

export interface Bucket {
  /** What may come at once after a rest. */
  capacity: number;
  /** One more is allowed every so many milliseconds. */
  intervalMs: number;
}

export interface Verdict {
  isAllowed: boolean;
  /** The new state; unchanged by a refusal. */
  fullAt: Millis;
  /** How many more would be allowed right now. */
  remaining: number;
  /** Whole seconds until one is allowed; 0 when one is. */
  retryAfterSeconds: number;
}

/** Which bucket a request was counted against, and what it said. */
export interface AskedBucket {
  name: string;
  bucket: Bucket;
  verdict: Verdict;
}

/** Take one. @param fullAt The state, or undefined for a bucket nobody took from yet. */
export function take(bucket: Bucket, fullAt: Millis | undefined, now: Millis): Verdict {
  const before = Math.max(fullAt ?? now, now);
  const after = before + bucket.intervalMs;
  const isAllowed = after - now <= bucket.capacity * bucket.intervalMs;
  return { isAllowed, ...describe(bucket, isAllowed ? after : before, now) };
}

/** What a state means at `now`. */
export function describe(bucket: Bucket, fullAt: Millis, now: Millis): Omit<Verdict, "isAllowed"> {
  const emptyForMs = Math.max(fullAt, now) - now;
  const waitMs = emptyForMs + bucket.intervalMs - bucket.capacity * bucket.intervalMs;
  return {
    fullAt,
    remaining: Math.max(0, Math.floor(bucket.capacity - emptyForMs / bucket.intervalMs)),
    retryAfterSeconds: Math.max(0, Math.ceil(waitMs / 1000)),
  };
}
