import fc from "fast-check";
import { expect, it } from "vitest";
import { take, type Bucket } from "../../../domain/limits/token-bucket.ts";

/** The textbook bucket, kept in milliseconds of refill so that it is exact: full at first, one token costs an interval. */
function referenceBucket({ capacity, intervalMs }: Bucket) {
  let levelMs = capacity * intervalMs;
  let lastAt: number | null = null;
  return (now: number): { isAllowed: boolean; remaining: number } => {
    levelMs = Math.min(capacity * intervalMs, levelMs + (lastAt === null ? 0 : now - lastAt));
    lastAt = now;
    const isAllowed = levelMs >= intervalMs;
    if (isAllowed) levelMs -= intervalMs;
    return { isAllowed, remaining: Math.floor(levelMs / intervalMs) };
  };
}

const buckets = fc.record({
  capacity: fc.integer({ min: 1, max: 50 }),
  intervalMs: fc.integer({ min: 1, max: 5_000 }),
});
const gaps = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 });

it("answers like a bucket refilled drop by drop", () => {
  fc.assert(
    fc.property(buckets, gaps, (bucket, gapsMs) => {
      const reference = referenceBucket(bucket);
      let now = 1_000_000;
      let fullAt: number | undefined;
      for (const gap of gapsMs) {
        now += gap;
        const verdict = take(bucket, fullAt, now);
        fullAt = verdict.fullAt;
        const { isAllowed, remaining } = verdict;
        expect({ isAllowed, remaining }).toEqual(reference(now));
      }
    }),
  );
});

it("never allows more than capacity plus what dripped in, in any window", () => {
  fc.assert(
    fc.property(buckets, gaps, (bucket, gapsMs) => {
      const start = 1_000_000;
      let now = start;
      let fullAt: number | undefined;
      let allowed = 0;
      for (const gap of gapsMs) {
        now += gap;
        const verdict = take(bucket, fullAt, now);
        fullAt = verdict.fullAt;
        if (verdict.isAllowed) allowed++;
        expect(allowed).toBeLessThanOrEqual(bucket.capacity + (now - start) / bucket.intervalMs);
      }
    }),
  );
});

it("keeps its word: after Retry-After the next one is allowed, a second earlier it is not", () => {
  fc.assert(
    fc.property(buckets, (bucket) => {
      const now = 1_000_000;
      let verdict = take(bucket, undefined, now);
      while (verdict.isAllowed) verdict = take(bucket, verdict.fullAt, now);
      const waitMs = verdict.retryAfterSeconds * 1000;
      expect(take(bucket, verdict.fullAt, now + waitMs).isAllowed).toBe(true);
      expect(take(bucket, verdict.fullAt, now + waitMs - 1000).isAllowed).toBe(false);
    }),
  );
});

it("is not drained by being refused", () => {
  const bucket = { capacity: 1, intervalMs: 1_000 };
  let { fullAt } = take(bucket, undefined, 0);
  for (let now = 0; now < 1_000; now += 100) fullAt = take(bucket, fullAt, now).fullAt;
  expect(take(bucket, fullAt, 1_000).isAllowed).toBe(true);
});
