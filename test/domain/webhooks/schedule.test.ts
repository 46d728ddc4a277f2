import { describe, expect, it } from "vitest";
import { ATTEMPTS_MAX, nextAttemptAt, readRetryAfter } from "../../../domain/webhooks/schedule.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const now = Date.UTC(2026, 10, 22, 12);
const next = (attempts: number, wish: { retryAfterMs?: number; dice?: number } = {}) =>
  nextAttemptAt({ attempts, retryAfterMs: wish.retryAfterMs ?? null, now, dice: wish.dice ?? 0 });

it("waits 1, 2, 4, 8 s, 5 and 30 min, then 2, 5, 10, 14, 20 and 24 h, and gives up", () => {
  const waits = Array.from({ length: ATTEMPTS_MAX }, (_, index) => next(index + 1)).map(
    (at) => at && (at - now) / SECOND,
  );
  expect(waits).toEqual([1, 2, 4, 8, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, null]);
});

it("never tries earlier than the schedule says, and at most a tenth later", () => {
  for (let attempts = 1; attempts < ATTEMPTS_MAX; attempts++) {
    const wait = next(attempts)! - now;
    expect(next(attempts, { dice: 0.999_999 })! - now).toBeLessThanOrEqual(wait * 1.1);
    expect(next(attempts, { dice: 0.5 })! - now).toBeGreaterThan(wait);
  }
});

describe("Retry-After", () => {
  it("makes the wait longer, never shorter", () => {
    expect(next(1, { retryAfterMs: 30 * SECOND })).toBe(now + 30 * SECOND);
    expect(next(5, { retryAfterMs: 30 * SECOND })).toBe(now + 300 * SECOND);
  });
  it("is capped at a day", () => {
    expect(next(1, { retryAfterMs: 1_000 * HOUR })).toBe(now + 24 * HOUR);
  });
  it("does not revive a delivery whose attempts are used up", () => {
    expect(next(ATTEMPTS_MAX, { retryAfterMs: SECOND })).toBeNull();
  });
  it.each([
    ["120", 120 * SECOND],
    [" 7 ", 7 * SECOND],
    ["0", 0],
    [new Date(now + 90 * SECOND).toUTCString(), 90 * SECOND],
    [new Date(now - 90 * SECOND).toUTCString(), 0],
    ["soon", null],
    ["", null],
    ["12345678901", null],
  ])("reads %j", (header, expected) => {
    expect(readRetryAfter(header, now)).toBe(expected);
  });
  it("reads nothing from a missing header", () => {
    expect(readRetryAfter(null, now)).toBeNull();
  });
});
