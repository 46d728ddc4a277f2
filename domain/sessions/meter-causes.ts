// What stops a session's clock by itself, each with the moment it is noticed and the moment it takes effect, and when the
// warning is due. Part of the meter (meter.ts), which applies it.

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
import { CHECKPOINT_SECONDS, DEPLETION_GRACE_SECONDS } from "./limits.ts";
import type { Meter } from "./meter-state.ts";

export const seconds = (count: number): number => count * 1000;

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

export interface Cause {
  noticedAt: Millis;
  effectiveAt: Millis;
  effect: { pause: PauseCause } | { end: EndReason };
}

/** Nobody pays for a closed tab: a clock started again from the marketplace with no page behind it stops where it started. */
const lastGoodBeat = (meter: Meter): Millis => Math.max(meter.runningSince!, meter.lastBeatAt);

/** When the heartbeat of a running clock counts as lost, as far as is known. */
export const lostAt = (meter: Meter): Millis => lastGoodBeat(meter) + seconds(HEARTBEAT_LOST_SECONDS);

export const idleAt = (meter: Meter): Millis =>
  Math.max(meter.runningSince!, meter.lastActivityAt + seconds(meter.idleSeconds ?? IDLE_SECONDS));

/** What stops a running clock at a moment of its own. */
function stops(meter: Meter): Omit<Cause, "noticedAt">[] {
  const ranAt = (ms: number): Millis => meter.runningSince! + ms - meter.activeMs;
  const limit = { effectiveAt: ranAt(seconds(meter.durationSeconds)), effect: { end: "time_expired" } } as const;
  if (meter.isFixed) return [limit];
  const found: Omit<Cause, "noticedAt">[] = [limit, { effectiveAt: idleAt(meter), effect: { pause: "idle" } }];
  if (typeof meter.pauseAtActiveMs === "number")
    found.push({ effectiveAt: ranAt(meter.pauseAtActiveMs), effect: { pause: "daily_limit" } });
  return found;
}

/**
 * Everything that stops a clock by itself, from stored facts only: computing it again is harmless.
 * @param witnessedUntil Somebody was there until then at least, as far as this look is concerned.
 */
export function causes(meter: Meter, witnessedUntil: Millis): Cause[] {
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
  const beat = lastGoodBeat(meter);
  const witnessed = meter.isFixed ? Infinity : Math.max(beat, witnessedUntil);
  for (const stop of stops(meter))
    if (stop.effectiveAt <= witnessed) found.push({ ...stop, noticedAt: stop.effectiveAt });
  if (!meter.isFixed) found.push({ noticedAt: lostAt(meter), effectiveAt: beat, effect: { pause: "heartbeat_lost" } });
  return found;
}

/** When the times of a page's automatic answers must be read next; null where nothing depends on it, or it was just done. */
export function checkpointAt(meter: Meter, now: Millis): Millis | null {
  if (meter.ended || meter.runningSince === null || meter.isFixed) return null;
  const at = lastGoodBeat(meter) + seconds(CHECKPOINT_SECONDS);
  return at > now ? at : null;
}

/** The moment the warning is due, or null when it was given, the clock stands, or it will stop before. */
export function warningAt(meter: Meter): Millis | null {
  if (meter.ended || meter.warned || meter.runningSince === null) return null;
  const at =
    meter.runningSince + seconds(meter.durationSeconds - warningSeconds(meter.durationSeconds)) - meter.activeMs;
  return stops(meter).every(({ effectiveAt }) => at < effectiveAt) ? at : null;
}
