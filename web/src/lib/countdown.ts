// Time left, counted on the browser's monotonic clock from the moment the server's answer came: a wrong or changed wall
// clock on the device moves nothing.

import type { SessionState } from "$protocol/session.ts";

/** A server's answer and when it came, in milliseconds of `performance.now()`. */
export interface Observed<State> {
  state: State;
  receivedAtMs: number;
}

type Counting = Pick<SessionState, "status" | "remainingSeconds">;

/** Whole seconds of active time left; stands still while paused, never below zero. */
export function remainingSeconds(observed: Observed<Counting>, nowMs: number): number {
  const { state, receivedAtMs } = observed;
  if (state.status !== "active") return Math.max(0, state.remainingSeconds);
  return Math.max(0, Math.ceil(state.remainingSeconds - (nowMs - receivedAtMs) / 1000));
}

/** "59:48" or "1:04:09": fixed width per magnitude, for tabular figures. */
export function clockFace(totalSeconds: number): string {
  const seconds = Math.max(0, Math.floor(totalSeconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

/** Moments worth saying aloud to a screen reader: five minutes and one minute left. */
export function spokenMark(beforeSeconds: number, nowSeconds: number): 300 | 60 | null {
  if (beforeSeconds > 300 && nowSeconds <= 300) return 300;
  if (beforeSeconds > 60 && nowSeconds <= 60) return 60;
  return null;
}
