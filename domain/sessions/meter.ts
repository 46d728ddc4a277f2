// The taxi meter: a pure clock that says how long a session was active and what happens to it next. It never reads the
// time and never does I/O; the session's Durable Object feeds it and acts on what it says.
//
// Contract section 3. Every cause has a moment it is *noticed* and a moment it is *effective* (a lost heartbeat is noticed
// after 90 s and effective at the last good beat), and the earliest effective one wins. So that it always can, nothing
// later than the last good beat takes effect by itself: only the next beat, or the lack of it, says whether anybody was
// there by then. The bill is a function of what was heard, whenever the clock is looked at. See
// docs/decisions/0003-the-meter.md and 0042-no-stop-without-a-witness.md.

import { IDLE_SECONDS, warningSeconds, type EndReason, type PauseCause } from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";
import type { Meter } from "./meter-state.ts";
import { activeMs, causes, idleAt, lostAt, remainingSeconds, seconds, warningAt } from "./meter-causes.ts";

export { activeMs, activeSeconds, checkpointAt, remainingSeconds } from "./meter-causes.ts";

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

/** What else a session's clock goes by, fixed at its start. */
export type ClockRules = Pick<Meter, "idleSeconds" | "pauseAtActiveMs" | "isFixed">;

export const startMeter = (now: Millis, durationSeconds: number, rules: ClockRules = {}): Meter => ({
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
  ...rules,
});

/** When the clock must be looked at again; null once it has ended. */
export function nextDue(meter: Meter): Millis | null {
  if (meter.ended) return null;
  const due = Math.min(...causes(meter, 0).map((cause) => cause.noticedAt));
  return Math.min(due, warningAt(meter) ?? due);
}

/** Bring the clock to `now`: apply everything noticed by then, earliest effect first. Safe to repeat. */
export const advance = (meter: Meter, now: Millis): Step => advanceWith(meter, now, 0);

function advanceWith(meter: Meter, now: Millis, witnessedUntil: Millis): Step {
  const transitions: Transition[] = [];
  let current = meter;
  for (;;) {
    const noticed = causes(current, witnessedUntil).filter((cause) => cause.noticedAt <= now);
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

/**
 * Advance, apply a command to a clock that has not ended, then what the command made due at once: a clock started again
 * at the very second of its warning warns now, and not at the next look. A command that comes before the heartbeat is
 * lost finds the clock as it would be with the page still there: who ends an idle session pays until it was idle.
 */
function command(meter: Meter, now: Millis, apply: (meter: Meter) => Step, witnessedUntil = now): Step {
  const before = advanceWith(meter, now, witnessedUntil);
  if (before.meter.ended) return before;
  const applied = apply(before.meter);
  const after = advanceWith(applied.meter, now, witnessedUntil);
  return {
    meter: after.meter,
    transitions: [...before.transitions, ...applied.transitions, ...after.transitions],
  };
}

/** A clock that runs, as it stands if the page is still there: what people are shown until the next beat decides. */
export function asShown(meter: Meter, now: Millis): Meter {
  const step = advanceWith(meter, now, now);
  return step.meter.ended ? meter : step.meter;
}

/**
 * A sign of life, and of activity where `active`. Liveness lifts only a heartbeat-lost pause; activity an idle one too.
 * @param actedAt When the person last did something, as the page has it: counted only where that is earlier than `now`,
 *   so no page can make a session dearer with it.
 */
export function beat(meter: Meter, now: Millis, active: boolean, actedAt = now): Step {
  const before = advance(meter, now);
  if (before.meter.ended) return before;
  const { lastBeatAt, lastActivityAt, runningSince } = before.meter;
  const actedLastAt = active ? Math.max(lastActivityAt, Math.min(now, actedAt)) : lastActivityAt;
  // What was done before the clock went idle kept it from that; what was done later can only lift the pause.
  const wasInTime = runningSince !== null && actedLastAt < idleAt(before.meter);
  const seen = { ...before.meter, lastBeatAt: Math.max(lastBeatAt, now) };
  const alive = advance({ ...seen, lastActivityAt: wasInTime ? actedLastAt : lastActivityAt }, now);
  const lifted = lift({ ...alive.meter, lastActivityAt: actedLastAt }, now, active);
  return {
    meter: lifted.meter,
    transitions: [...before.transitions, ...alive.transitions, ...lifted.transitions],
  };
}

/** Start the clock again where a sign of life is all it waits for. */
function lift(meter: Meter, now: Millis, active: boolean): Step {
  if (meter.pauseCause !== "heartbeat_lost" && !(meter.pauseCause === "idle" && active))
    return { meter, transitions: [] };
  // The page is back, but nobody is at it: it stays paused, now for that reason, and costs nothing.
  if (now >= meter.lastActivityAt + seconds(meter.idleSeconds ?? IDLE_SECONDS))
    return { meter: { ...meter, pauseCause: "idle" }, transitions: [] };
  const started = run(meter, now);
  const after = advance(started.meter, now);
  return { meter: after.meter, transitions: [...started.transitions, ...after.transitions] };
}

/**
 * Liveness learnt late, from the times of automatic WebSocket answers, of which only the last is known: it counts where it came
 * before the heartbeat known until then was lost. After a longer silence nothing shows that the page was there between, so it
 * has to say in words that it is (`beat`). Never moves backwards, lifts nothing. Docs: docs/decisions/0080.
 */
export function seenAt(meter: Meter, at: Millis): Meter {
  if (at <= meter.lastBeatAt) return meter;
  const isKnownToRun = meter.runningSince !== null && !meter.isFixed;
  return isKnownToRun && at >= lostAt(meter) ? meter : { ...meter, lastBeatAt: at };
}

const STRENGTH: Record<PauseCause, number> = {
  heartbeat_lost: 0,
  idle: 0,
  provider: 1,
  page: 1,
  // The person's own rule is the person's own pause.
  daily_limit: 2,
  user: 2,
};

/** Stop the clock on request. On a paused session the stronger cause stays, so a person's own pause is never weakened. */
export function pause(meter: Meter, now: Millis, by: Actor): Step {
  return command(meter, now, (current) => {
    if (current.isFixed) return { meter: current, transitions: [] };
    if (current.runningSince !== null) return stop(current, now, by);
    const stronger = STRENGTH[by] > STRENGTH[current.pauseCause!];
    return { meter: stronger ? { ...current, pauseCause: by } : current, transitions: [] };
  });
}

/** True when `by` may lift the pause: one the person made on the marketplace is lifted only by the person. */
export const mayResume = (meter: Meter, by: Actor): boolean =>
  by === "user" || (meter.pauseCause !== "user" && meter.pauseCause !== "daily_limit");

/** Start the clock again. Counts as activity; only a page's own resume is also a sign of life. */
export function resume(meter: Meter, now: Millis, by: Actor): Step {
  return command(meter, now, (current) => {
    if (current.runningSince !== null || !mayResume(current, by)) return { meter: current, transitions: [] };
    const lastBeatAt = by === "user" ? current.lastBeatAt : now;
    // Who goes on although their own rule has stopped them has decided for this session.
    const isPast = typeof current.pauseAtActiveMs === "number" && current.activeMs >= current.pauseAtActiveMs;
    return run({ ...current, lastActivityAt: now, lastBeatAt, ...(isPast && { pauseAtActiveMs: null }) }, now);
  });
}

/** Raise the limit (the tokens are already held). A given warning is taken back when there is time again. */
export function extend(meter: Meter, now: Millis, durationSeconds: number): Step {
  const extended = (current: Meter): Step => {
    const raised = { ...current, durationSeconds, depletedAt: null };
    return {
      meter: { ...raised, warned: raised.warned && remainingSeconds(raised, now) <= warningSeconds(durationSeconds) },
      transitions: [],
    };
  };
  // A limit that no beat has confirmed yet is simply raised: the person was in time.
  return command(meter, now, extended, 0);
}

/** Units ran out and nothing else is paid for: the end comes after a grace unless the person extends. */
export const deplete = (meter: Meter, now: Millis): Step =>
  command(meter, now, (current) => ({ meter: { ...current, depletedAt: current.depletedAt ?? now }, transitions: [] }));

export const end = (meter: Meter, now: Millis, reason: EndReason): Step =>
  command(meter, now, (current) => finish(current, now, reason));
