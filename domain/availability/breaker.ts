// When an app counts as down: a circuit breaker over what our checks and people's starts saw. Pure; watch-apps.ts feeds it.
// Why these rules: docs/decisions/0046-when-an-app-is-down.md.

import type { Millis } from "../clock.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A window begins with a failed check, so that a busy hour before it does not hide an outage. */
export const WINDOW_MS = 5 * MINUTE;
/** Open when half of at least so many observations of the window failed ... */
export const OBSERVATIONS_MIN = 4;
/** ... and the trouble lasts so long: a restart or a deployment is no outage. */
export const TROUBLE_MIN_MS = 60 * SECOND;
/** Open for so long, then one check decides (half open). */
export const OPEN_MS = 30 * SECOND;

/** Between checks of an app that answers, while nobody uses it and while somebody does. */
export const CALM_MS = 5 * MINUTE;
export const WATCHED_MS = MINUTE;
/** Between checks of one that has just stopped answering. */
export const SUSPECT_MS = 15 * SECOND;
/** A long outage, or an app that never answered, is looked at ever more rarely: after an eighth of its age, within these. */
const PATIENCE_SHARE = 8;
const DOWN_MAX_MS = 10 * MINUTE;
const NEVER_MAX_MS = 6 * 60 * MINUTE;

export interface Health {
  createdAt: Millis;
  firstOkAt: Millis | null;
  lastOkAt: Millis | null;
  failingSince: Millis | null;
  windowAt: Millis;
  windowSeen: number;
  windowFailed: number;
  openSince: Millis | null;
}

/** What was learned since the last check. */
export interface Observation {
  /** Our own check. */
  isOk: boolean;
  /** People whose page redeemed its launch token: the app was there for them. They count in a window that has begun. */
  arrived: number;
  /** People who never arrived. They may have changed their mind, so this counts only beside a failed check of ours. */
  lost: number;
  /** Somebody has a session there. */
  isWatched: boolean;
}

export interface Judgement {
  health: Health;
  nextCheckAt: Millis;
  change: "opened" | "closed" | null;
}

/** What an observation makes of an app's health, and when to look again. */
export function judge(before: Health, seen: Observation, now: Millis): Judgement {
  const health = seen.isOk ? afterAnswer(before, seen, now) : afterFailure(before, seen, now);
  const change =
    (before.openSince === null) === (health.openSince === null)
      ? null
      : health.openSince === null
        ? "closed"
        : "opened";
  return { health, change, nextCheckAt: now + waitOf(health, seen, now) };
}

/**
 * Whether what runs there shall end: the breaker is open and not one check was answered for a minute. One that answers now
 * and then takes no new sessions, but leaves people the ones they have.
 */
export const isSilent = ({ openSince, failingSince }: Health, now: Millis): boolean =>
  openSince !== null && failingSince !== null && now - failingSince >= TROUBLE_MIN_MS;

function afterAnswer(before: Health, seen: Observation, now: Millis): Health {
  const window = before.openSince === null ? windowAfter(before, 1 + seen.arrived, 0, now) : NO_WINDOW;
  return {
    ...before,
    ...window,
    firstOkAt: before.firstOkAt ?? now,
    lastOkAt: now,
    failingSince: null,
    openSince: null,
  };
}

function afterFailure(before: Health, seen: Observation, now: Millis): Health {
  const window = windowAfter(before, 1 + seen.arrived + seen.lost, 1 + seen.lost, now);
  const isDown =
    before.firstOkAt !== null &&
    now - window.windowAt >= TROUBLE_MIN_MS &&
    window.windowSeen >= OBSERVATIONS_MIN &&
    window.windowFailed * 2 >= window.windowSeen;
  const openSince = before.openSince ?? (isDown ? now : null);
  return { ...before, ...window, failingSince: before.failingSince ?? now, openSince };
}

type Window = Pick<Health, "windowAt" | "windowSeen" | "windowFailed">;
const NO_WINDOW: Window = { windowAt: 0, windowSeen: 0, windowFailed: 0 };

function windowAfter(
  { windowAt, windowSeen, windowFailed }: Health,
  seen: number,
  failed: number,
  now: Millis,
): Window {
  const isRunning = windowFailed > 0 && now - windowAt < WINDOW_MS && windowAt <= now;
  if (isRunning) return { windowAt, windowSeen: windowSeen + seen, windowFailed: windowFailed + failed };
  return failed === 0 ? NO_WINDOW : { windowAt: now, windowSeen: seen, windowFailed: failed };
}

function waitOf(health: Health, { isOk, isWatched }: Observation, now: Millis): number {
  if (isOk) return isWatched || health.windowFailed > 0 ? WATCHED_MS : CALM_MS;
  if (health.openSince !== null) return patience(now - health.openSince, OPEN_MS, DOWN_MAX_MS);
  if (health.firstOkAt === null) return patience(now - health.createdAt, MINUTE, NEVER_MAX_MS);
  return SUSPECT_MS;
}

const patience = (age: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.floor(age / PATIENCE_SHARE)));
