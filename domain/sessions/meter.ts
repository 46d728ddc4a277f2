// The taxi meter: a pure clock that says how long a session was active and what happens to it next. It never reads the
// time and never does I/O; the session's Durable Object feeds it and acts on what it says.
//
// Contract section 3. Every cause has a moment it is *noticed* and a moment it is *effective* (a lost heartbeat is noticed
// after 90 s and effective at the last good beat). Of all causes noticed by `now`, the earliest effective one wins, so a
// clock that was asleep comes to the answer that charges least. See docs/decisions/0003-the-meter.md.

import {
  ABANDONED_SECONDS,
  HEARTBEAT_LOST_SECONDS,
  IDLE_SECONDS,
  SESSION_CAP_SECONDS,
  warningSeconds,
  type EndReason,
  type PauseCause,
} from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";
import { DEPLETION_GRACE_SECONDS } from "./limits.ts";

export interface Meter {
  startedAt: Millis;
  /** The limit, in active seconds. */
  durationSeconds: number;
  /** Active milliseconds of all closed intervals. */
  activeMs: number;
  /** Start of the open active interval; null while paused or ended. */
  runningSince: Millis | null;
  pausedAt: Millis | null;
  pauseCause: PauseCause | null;
  lastBeatAt: Millis;
  lastActivityAt: Millis;
  warned: boolean;
  /** When a report was refused because nothing else is paid for and the units ran out. */
  depletedAt: Millis | null;
  ended: { at: Millis; reason: EndReason } | null;
}

/** What changed, in the order it took effect. `at` is the effective moment. */
export type Transition =
  | { kind: "paused"; at: Millis; cause: PauseCause; closed: Interval }
  | { kind: "resumed"; at: Millis; closed: Interval }
  | { kind: "expiring"; at: Millis }
  | { kind: "ended"; at: Millis; reason: EndReason; closed: Interval };

/** A stretch of the session's life, for the receipt. */
export interface Interval {
  kind: "active" | "paused";
  from: Millis;
  to: Millis;
  /** Why the clock stood; null while active. */
  cause: PauseCause | null;
}

export interface Step {
  meter: Meter;
  transitions: Transition[];
}

/** Who asks. `user` is the person's own credential on the marketplace, `page` the app's page, `provider` its server. */
export type Actor = "user" | "page" | "provider";

const seconds = (count: number): number => count * 1000;

export const startMeter = (now: Millis, durationSeconds: number): Meter => ({
  startedAt: now,
  durationSeconds,
  activeMs: 0,
  runningSince: now,
  pausedAt: null,
  pauseCause: null,
  lastBeatAt: now,
  lastActivityAt: now,
  warned: false,
  depletedAt: null,
  ended: null,
});

/** Active milliseconds up to `at`, never above the limit. */
export const activeMs = (meter: Meter, at: Millis): number =>
  Math.min(
    meter.activeMs + (meter.runningSince === null ? 0 : Math.max(0, at - meter.runningSince)),
    seconds(meter.durationSeconds),
  );

/** What is billed: whole seconds, rounded down (contract section 2). */
export const activeSeconds = (meter: Meter, at: Millis): number => Math.floor(activeMs(meter, at) / 1000);

export const remainingSeconds = (meter: Meter, at: Millis): number =>
  Math.ceil(meter.durationSeconds - activeMs(meter, at) / 1000);

interface Cause {
  noticedAt: Millis;
  effectiveAt: Millis;
  effect: { pause: PauseCause } | { end: EndReason };
}

/** Everything that stops a clock by itself, from stored facts only: computing it again is harmless. */
function causes(meter: Meter): Cause[] {
  if (meter.ended) return [];
  const cap = meter.startedAt + seconds(SESSION_CAP_SECONDS);
  const found: Cause[] = [{ noticedAt: cap, effectiveAt: cap, effect: { end: "time_expired" } }];
  if (meter.depletedAt !== null) {
    const at = meter.depletedAt + seconds(DEPLETION_GRACE_SECONDS);
    found.push({ noticedAt: at, effectiveAt: at, effect: { end: "tokens_depleted" } });
  }
  if (meter.runningSince === null) {
    const at = meter.pausedAt! + seconds(ABANDONED_SECONDS);
    found.push({ noticedAt: at, effectiveAt: at, effect: { end: "abandoned" } });
    return found;
  }
  const limit = meter.runningSince + seconds(meter.durationSeconds) - meter.activeMs;
  const idle = Math.max(meter.runningSince, meter.lastActivityAt + seconds(IDLE_SECONDS));
  // Nobody pays for a closed tab: a clock started again from the marketplace with no page behind it stops where it started.
  const beat = Math.max(meter.runningSince, meter.lastBeatAt);
  found.push(
    { noticedAt: limit, effectiveAt: limit, effect: { end: "time_expired" } },
    { noticedAt: idle, effectiveAt: idle, effect: { pause: "idle" } },
    { noticedAt: beat + seconds(HEARTBEAT_LOST_SECONDS), effectiveAt: beat, effect: { pause: "heartbeat_lost" } },
  );
  return found;
}

/** The moment the warning is due, or null when it was given or the clock stands. */
function warningAt(meter: Meter): Millis | null {
  if (meter.ended || meter.warned || meter.runningSince === null) return null;
  return meter.runningSince + seconds(meter.durationSeconds - warningSeconds(meter.durationSeconds)) - meter.activeMs;
}

/** When the clock must be looked at again; null once it has ended. */
export function nextDue(meter: Meter): Millis | null {
  if (meter.ended) return null;
  const due = Math.min(...causes(meter).map((cause) => cause.noticedAt));
  return Math.min(due, warningAt(meter) ?? due);
}

/** Bring the clock to `now`: apply everything noticed by then, earliest effect first. Safe to repeat. */
export function advance(meter: Meter, now: Millis): Step {
  const transitions: Transition[] = [];
  let current = meter;
  for (;;) {
    const noticed = causes(current).filter((cause) => cause.noticedAt <= now);
    const first = noticed.sort(
      (a, b) => a.effectiveAt - b.effectiveAt || Number("pause" in a.effect) - Number("pause" in b.effect),
    )[0];
    const warnAt = warningAt(current);
    if (warnAt !== null && warnAt <= now && (!first || warnAt < first.effectiveAt)) {
      current = { ...current, warned: true };
      transitions.push({ kind: "expiring", at: warnAt });
      continue;
    }
    if (!first) return { meter: current, transitions };
    const step =
      "pause" in first.effect
        ? stop(current, first.effectiveAt, first.effect.pause)
        : finish(current, first.effectiveAt, first.effect.end);
    current = step.meter;
    transitions.push(...step.transitions);
  }
}

const openInterval = (meter: Meter, to: Millis): Interval =>
  meter.runningSince !== null
    ? { kind: "active", from: meter.runningSince, to, cause: null }
    : { kind: "paused", from: meter.pausedAt!, to, cause: meter.pauseCause };

function stop(meter: Meter, at: Millis, cause: PauseCause): Step {
  return {
    meter: { ...meter, activeMs: activeMs(meter, at), runningSince: null, pausedAt: at, pauseCause: cause },
    transitions: [{ kind: "paused", at, cause, closed: openInterval(meter, at) }],
  };
}

function finish(meter: Meter, at: Millis, reason: EndReason): Step {
  return {
    meter: {
      ...meter,
      activeMs: activeMs(meter, at),
      runningSince: null,
      pausedAt: null,
      pauseCause: null,
      ended: { at, reason },
    },
    transitions: [{ kind: "ended", at, reason, closed: openInterval(meter, at) }],
  };
}

function run(meter: Meter, now: Millis): Step {
  return {
    meter: { ...meter, runningSince: now, pausedAt: null, pauseCause: null },
    transitions: [{ kind: "resumed", at: now, closed: openInterval(meter, now) }],
  };
}

/** Advance, apply a command to a clock that has not ended, then what the command made due at once: a clock started again
 * at the very second of its warning warns now, and not at the next look. */
function command(meter: Meter, now: Millis, apply: (meter: Meter) => Step): Step {
  const before = advance(meter, now);
  if (before.meter.ended) return before;
  const applied = apply(before.meter);
  const after = advance(applied.meter, now);
  return {
    meter: after.meter,
    transitions: [...before.transitions, ...applied.transitions, ...after.transitions],
  };
}

/** A sign of life, and of activity where `active`. Liveness lifts only a heartbeat-lost pause; activity an idle one too. */
export function beat(meter: Meter, now: Millis, active: boolean): Step {
  return command(meter, now, (current) => {
    const seen = {
      ...current,
      lastBeatAt: Math.max(current.lastBeatAt, now),
      lastActivityAt: active ? now : current.lastActivityAt,
    };
    if (seen.pauseCause !== "heartbeat_lost" && !(seen.pauseCause === "idle" && active))
      return { meter: seen, transitions: [] };
    // The page is back, but nobody is at it: it stays paused, now for that reason, and costs nothing.
    if (now >= seen.lastActivityAt + seconds(IDLE_SECONDS))
      return { meter: { ...seen, pauseCause: "idle" }, transitions: [] };
    return run(seen, now);
  });
}

/** Liveness learnt late, from the timestamps of automatic WebSocket answers. Never moves backwards, lifts nothing. */
export const seenAt = (meter: Meter, at: Millis): Meter =>
  at > meter.lastBeatAt ? { ...meter, lastBeatAt: at } : meter;

const STRENGTH: Record<PauseCause, number> = { heartbeat_lost: 0, idle: 0, provider: 1, page: 1, user: 2 };

/** Stop the clock on request. On a paused session the stronger cause stays, so a person's own pause is never weakened. */
export function pause(meter: Meter, now: Millis, by: Actor): Step {
  return command(meter, now, (current) => {
    if (current.runningSince !== null) return stop(current, now, by);
    const stronger = STRENGTH[by] > STRENGTH[current.pauseCause!];
    return { meter: stronger ? { ...current, pauseCause: by } : current, transitions: [] };
  });
}

/** True when `by` may lift the pause: one the person made on the marketplace is lifted only by the person. */
export const mayResume = (meter: Meter, by: Actor): boolean => meter.pauseCause !== "user" || by === "user";

/** Start the clock again. Counts as activity; only a page's own resume is also a sign of life. */
export function resume(meter: Meter, now: Millis, by: Actor): Step {
  return command(meter, now, (current) => {
    if (current.runningSince !== null || !mayResume(current, by)) return { meter: current, transitions: [] };
    return run({ ...current, lastActivityAt: now, lastBeatAt: by === "user" ? current.lastBeatAt : now }, now);
  });
}

/** Raise the limit (the tokens are already held). A given warning is taken back when there is time again. */
export function extend(meter: Meter, now: Millis, durationSeconds: number): Step {
  return command(meter, now, (current) => {
    const raised = { ...current, durationSeconds, depletedAt: null };
    return {
      meter: { ...raised, warned: raised.warned && remainingSeconds(raised, now) <= warningSeconds(durationSeconds) },
      transitions: [],
    };
  });
}

/** Units ran out and nothing else is paid for: the end comes after a grace unless the person extends. */
export const deplete = (meter: Meter, now: Millis): Step =>
  command(meter, now, (current) => ({ meter: { ...current, depletedAt: current.depletedAt ?? now }, transitions: [] }));

export const end = (meter: Meter, now: Millis, reason: EndReason): Step =>
  command(meter, now, (current) => finish(current, now, reason));
