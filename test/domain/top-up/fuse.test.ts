// The fuse under every history a generator can think of: what it lets through is never more than the person allowed.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterAttempt,
  COOL_DOWN_FAILED_MS,
  COOL_DOWN_MS,
  decide,
  FAILURES_MAX,
  LIVE_USE_MS,
  type FuseFacts,
  type FuseRule,
  type Outcome,
} from "../../../domain/top-up/fuse.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const RULE: FuseRule = {
  state: "on",
  thresholdTokens: 500,
  topUpTokens: 2_000,
  dayMaxTokens: 4_000,
  monthMaxTokens: 10_000,
  failures: 0,
};
const NOW = 100 * DAY;
const FACTS: FuseFacts = {
  totalTokens: 499,
  hasOpenFiring: false,
  lastFiredAt: null,
  dayTokens: 0,
  monthTokens: 0,
  lastUseAt: NOW - MINUTE,
  hasCard: true,
};

describe("the fuse", () => {
  it("fires below the threshold, and not at it", () => {
    expect(decide(RULE, FACTS, NOW)).toEqual({ kind: "fire" });
    expect(decide(RULE, { ...FACTS, totalTokens: 500 }, NOW)).toEqual({ kind: "rest", because: "not_below" });
  });

  it.each([
    ["is off", { state: "off" }, {}, { kind: "rest", because: "off" }],
    ["has tripped", { state: "asking" }, {}, { kind: "rest", because: "off" }],
    [
      "has one under way",
      {},
      { hasOpenFiring: true },
      { kind: "later", at: NOW + COOL_DOWN_MS, because: "firing_open" },
    ],
    [
      "has just fired",
      {},
      { lastFiredAt: NOW - COOL_DOWN_MS + 1 },
      { kind: "later", at: NOW + 1, because: "cool_down" },
    ],
    [
      "failed not an hour ago",
      { failures: 1 },
      { lastFiredAt: NOW - COOL_DOWN_MS },
      { kind: "later", at: NOW - COOL_DOWN_MS + COOL_DOWN_FAILED_MS, because: "cool_down" },
    ],
    ["sees nobody using anything", {}, { lastUseAt: NOW - LIVE_USE_MS - 1 }, { kind: "rest", because: "no_live_use" }],
    ["never saw anybody", {}, { lastUseAt: null }, { kind: "rest", because: "no_live_use" }],
    ["would pass the day's cap", {}, { dayTokens: 2_001 }, { kind: "rest", because: "day_cap" }],
    ["would pass the month's cap", {}, { monthTokens: 8_001 }, { kind: "rest", because: "month_cap" }],
    ["has no card", {}, { hasCard: false }, { kind: "trip", because: "no_card" }],
  ] as const)("does not charge when it %s", (_, rule, facts, decision) => {
    expect(decide({ ...RULE, ...rule }, { ...FACTS, ...facts }, NOW)).toEqual(decision);
  });

  it("stays within the caps, the pauses and three failures, whatever happens", () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 2 * 60 * MINUTE }),
      isUsing: fc.boolean(),
      totalTokens: fc.integer({ min: 0, max: 1_000 }),
      outcome: fc.constantFrom<Outcome>("paid", "declined", "needs_person"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        let fuse = { ...RULE };
        let now = NOW;
        const paid: { at: number }[] = [];
        let lastFiredAt: number | null = null;
        let inARow = 0;
        for (const { waitMs, isUsing, totalTokens, outcome } of steps) {
          now += waitMs;
          const since = (from: number) => paid.filter(({ at }) => at >= from).length * fuse.topUpTokens;
          const facts: FuseFacts = {
            totalTokens,
            hasOpenFiring: false,
            lastFiredAt,
            dayTokens: since(now - (now % DAY)),
            monthTokens: since(NOW),
            lastUseAt: isUsing ? now : null,
            hasCard: true,
          };
          if (decide(fuse, facts, now).kind !== "fire") continue;
          expect(isUsing && totalTokens < fuse.thresholdTokens && inARow < FAILURES_MAX).toBe(true);
          if (lastFiredAt !== null) expect(now - lastFiredAt).toBeGreaterThanOrEqual(COOL_DOWN_MS);
          lastFiredAt = now;
          if (outcome === "paid") paid.push({ at: now });
          inARow = outcome === "paid" ? 0 : inARow + 1;
          fuse = { ...fuse, ...afterAttempt(fuse, outcome) };
          expect(fuse.state).toBe(inARow >= FAILURES_MAX ? "asking" : "on");
          expect(since(now - (now % DAY))).toBeLessThanOrEqual(fuse.dayMaxTokens);
          expect(since(NOW)).toBeLessThanOrEqual(fuse.monthMaxTokens);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is not turned on again by a payment the person made by hand", () => {
    expect(afterAttempt({ state: "asking", failures: 3 }, "paid")).toEqual({ state: "asking", failures: 0 });
    expect(afterAttempt({ state: "on", failures: 2 }, "paid")).toEqual({ state: "on", failures: 0 });
    expect(afterAttempt({ state: "on", failures: 2 }, "lapsed")).toEqual({ state: "on", failures: 2 });
    expect(afterAttempt({ state: "off", failures: 2 }, "declined")).toEqual({ state: "off", failures: 3 });
  });
});
