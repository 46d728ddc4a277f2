// The meter a second time, written to be believed rather than to be fast: it walks through a session second by second and
// knows nothing of domain/sessions/meter.ts. `charged` is exact when every command is known, whenever the alarms rang;
// `chargeable` is what can never be exceeded, whatever was lost.

import type { Command } from "./model.ts";

const HEARTBEAT_LOST = 90;
const IDLE = 120;
const ABANDONED = 30 * 60;
const CAP = 12 * 3600;

export interface Life {
  startedAt: number;
  endedAt: number;
  /** The limit in seconds, as it was from each moment on. */
  durations: readonly { at: number; seconds: number }[];
}

/** Seconds that are billed. Times must be whole seconds apart from the start. */
export function charged(life: Life, commands: readonly Command[]): number {
  const seconds = Math.round((life.endedAt - life.startedAt) / 1000);
  const at = (time: number): number => Math.round((time - life.startedAt) / 1000);
  const isCharged = Array.from({ length: seconds }, () => false);
  const count = (): number => isCharged.filter(Boolean).length;
  const limitAt = (second: number): number =>
    life.durations.findLast((duration) => at(duration.at) <= second)?.seconds ?? life.durations[0]!.seconds;

  let [runningSince, pausedSince]: [number | null, number] = [0, 0];
  type Cause = "idle" | "lost" | "asked" | "asked by the person";
  let cause = "asked" as Cause;
  let [beat, activity] = [0, 0];
  const stop = (why: Cause, since: number): void => {
    for (let second = since; second < seconds; second++) isCharged[second] = false;
    [runningSince, pausedSince, cause] = [null, since, why];
  };

  /** Somebody was there until `witnessed`: did the limit or two idle minutes stop the clock by then? True when it is over. */
  const isOver = (witnessed: number, now: number): boolean => {
    if (runningSince === null) return false;
    const before = isCharged.slice(0, runningSince).filter(Boolean).length;
    const limit = runningSince + limitAt(now) - before;
    const idle = Math.max(runningSince, activity + IDLE);
    // At the same moment the end wins over the pause.
    if (limit <= Math.min(witnessed, idle)) {
      for (let second = limit; second < seconds; second++) isCharged[second] = false;
      return true;
    }
    if (idle <= witnessed) stop("idle", idle);
    return false;
  };

  for (let second = 0; second <= seconds; second++) {
    if (runningSince !== null) {
      const lastSign: number = Math.max(runningSince, beat);
      if (isOver(lastSign, second) || second >= CAP) break;
      // Of what is noticed in one second the earliest effect wins.
      if (runningSince !== null && second >= lastSign + HEARTBEAT_LOST) stop("lost", lastSign);
    }
    if (runningSince === null && second >= pausedSince + ABANDONED) break;

    for (const { kind, by } of commands.filter((command) => at(command.at) === second)) {
      if (isOver(second, second)) return count();
      if (kind === "end") return count();
      if (kind === "pause") {
        if (runningSince !== null) stop(by === "user" ? "asked by the person" : "asked", second);
        else if (by === "user") cause = "asked by the person";
        else if (cause === "idle" || cause === "lost") cause = "asked";
        continue;
      }
      // It shows that somebody is there, and starts nothing.
      if (kind === "answer") {
        if (runningSince !== null) beat = second;
        continue;
      }
      if (kind === "beat" || kind === "activity") beat = second;
      if (kind === "activity") activity = second;
      const isBack = cause === "lost" || (cause === "idle" && kind === "activity");
      const isAway = kind !== "resume" && second >= activity + IDLE;
      if (runningSince === null && isBack && isAway) cause = "idle";
      const lifts = kind === "resume" ? cause !== "asked by the person" || by === "user" : isBack && !isAway;
      if (runningSince === null && lifts) {
        runningSince = second;
        if (kind === "resume") activity = second;
        if (kind === "resume" && by !== "user") beat = second;
      }
    }
    if (runningSince !== null && second < seconds) isCharged[second] = true;
  }
  return count();
}

/** Seconds in which somebody was there, at the most: what may be billed whatever happened. */
export function chargeable(life: Life, commands: readonly Command[]): number {
  const signs = [{ kind: "activity", by: "page", at: life.startedAt } satisfies Command, ...commands];
  const limit = Math.max(...life.durations.map(({ seconds }) => seconds));
  let most = 0;
  for (let time = life.startedAt; time < life.endedAt; time += 1000) {
    const within = (seconds: number, kinds: Command["kind"][]): boolean =>
      signs.some(({ kind, at }) => kinds.includes(kind) && at <= time && time < at + seconds * 1000);
    if (within(HEARTBEAT_LOST, ["beat", "activity", "answer", "resume"]) && within(IDLE, ["activity", "resume"]))
      most++;
  }
  return Math.min(most, limit);
}
