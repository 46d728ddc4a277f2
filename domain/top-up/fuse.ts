// The fuse of automatic top-up: whether a saved card may be charged now, and what an attempt's end does to that. Pure, so
// that every path through it can be tried (test/domain/top-up/fuse.test.ts). It errs on the side of asking the person.

import type { Millis } from "../clock.ts";

/** `asking`: tripped. Nothing is charged until the person turns it on again. */
export type FuseState = "off" | "on" | "asking";

export interface FuseRule {
  state: FuseState;
  thresholdTokens: number;
  topUpTokens: number;
  /** The most it may buy in a calendar day and month (UTC). */
  dayMaxTokens: number;
  monthMaxTokens: number;
  /** Attempts that failed since the last one that was paid. */
  failures: number;
}

export interface FuseFacts {
  /** Spendable and held: what a hold sets aside may come back. */
  totalTokens: number;
  /** An attempt is under way, or waits for the person. */
  hasOpenFiring: boolean;
  lastFiredAt: Millis | null;
  /** Bought or being bought by top-ups in this day and month. */
  dayTokens: number;
  monthTokens: number;
  /** The last sign that the person uses an app: a beat of a running session, or when the clock of one last ran. */
  lastUseAt: Millis | null;
  hasCard: boolean;
}

/** Three attempts in a row without a payment, and the person is asked instead. */
export const FAILURES_MAX = 3;
/** Between two attempts: long enough to see the first arrive, short enough for a long afternoon of work. */
export const COOL_DOWN_MS = 10 * 60 * 1000;
/** After a failed one: banks block cards that are tried again at once. */
export const COOL_DOWN_FAILED_MS = 60 * 60 * 1000;
/** Nobody is charged for a program that runs without them: use must be this fresh. */
export const LIVE_USE_MS = 15 * 60 * 1000;

export type Decision =
  | { kind: "fire" }
  /** Look again then: what is in the way passes by itself. */
  | { kind: "later"; at: Millis; because: "firing_open" | "cool_down" }
  /** Nothing to do until tokens are charged again. */
  | { kind: "rest"; because: "off" | "not_below" | "no_live_use" | "day_cap" | "month_cap" }
  | { kind: "trip"; because: "no_card" };

/** Whether to charge the card now. */
export function decide(rule: FuseRule, facts: FuseFacts, now: Millis): Decision {
  if (rule.state !== "on") return { kind: "rest", because: "off" };
  if (facts.totalTokens >= rule.thresholdTokens) return { kind: "rest", because: "not_below" };
  if (facts.hasOpenFiring) return { kind: "later", at: now + COOL_DOWN_MS, because: "firing_open" };
  const readyAt = (facts.lastFiredAt ?? -Infinity) + (rule.failures > 0 ? COOL_DOWN_FAILED_MS : COOL_DOWN_MS);
  if (now < readyAt) return { kind: "later", at: readyAt, because: "cool_down" };
  if (facts.lastUseAt === null || now - facts.lastUseAt > LIVE_USE_MS) return { kind: "rest", because: "no_live_use" };
  if (facts.dayTokens + rule.topUpTokens > rule.dayMaxTokens) return { kind: "rest", because: "day_cap" };
  if (facts.monthTokens + rule.topUpTokens > rule.monthMaxTokens) return { kind: "rest", because: "month_cap" };
  if (!facts.hasCard) return { kind: "trip", because: "no_card" };
  return { kind: "fire" };
}

/** How an attempt ended. `needs_person`: the bank asks for its owner; `lapsed`: who was asked did not pay. */
export type Outcome = "paid" | "declined" | "needs_person" | "lapsed";

/** The fuse after an attempt. A payment forgives the failures before it, but never turns a tripped fuse on again. */
export function afterAttempt(
  rule: Pick<FuseRule, "state" | "failures">,
  outcome: Outcome,
): Pick<FuseRule, "state" | "failures"> {
  switch (outcome) {
    case "paid":
      return { state: rule.state, failures: 0 };
    case "lapsed":
      return { state: rule.state, failures: rule.failures };
    case "declined":
    case "needs_person": {
      const failures = rule.failures + 1;
      return { state: rule.state === "on" && failures >= FAILURES_MAX ? "asking" : rule.state, failures };
    }
  }
}
