// The ground truth of a session's active time: contract section 3 read aloud by somebody who already knows every message
// that will ever come. Where the meter must wait for the next beat to know whether the last one was the last, this looks
// ahead. Shares no code with domain/sessions.

import type { Message } from "./world.ts";

const LOST = 90_000;
const IDLE = 120_000;
const ABANDONED = 1_800_000;
const CAP = 43_200_000;

/** @returns active milliseconds of a session that starts at 0. */
export function activeMsOf(durationSeconds: number, messages: readonly Message[]): number {
  let limit = durationSeconds * 1000;
  let billed = 0;
  /** Up to where the life is told. */
  let told = 0;
  let runs = true;
  let [lifeAt, actedAt] = [0, 0];
  let pausedAt = 0;
  let why = "idle" as "idle" | "lost" | "page" | "user";
  const stop = (at: number, cause: typeof why) => {
    [runs, pausedAt, why] = [false, at, cause];
  };
  const extensions = messages.filter((it) => it.kind === "extend");
  const others: (Message | null)[] = messages.filter((it) => it.kind !== "extend");

  for (const next of [...others, null]) {
    const nextAt = next?.at ?? Infinity;
    for (const { at, seconds } of extensions)
      if (at >= told && at < nextAt && (runs || at < pausedAt + ABANDONED) && at < CAP) limit += seconds * 1000;
    if (runs) {
      if (nextAt >= lifeAt + LOST) stop(lifeAt, "lost");
      else {
        const wasInTime = next?.kind === "beat" && next.active && next.actedAt < actedAt + IDLE;
        if (wasInTime) actedAt = Math.max(actedAt, next.actedAt);
        const [idle, full] = [actedAt + IDLE, told + limit - billed];
        billed += Math.min(nextAt, idle, full, CAP) - told;
        if (full <= Math.min(nextAt, idle) || CAP <= nextAt) return billed;
        if (idle <= nextAt) stop(idle, "idle");
      }
    }
    if (!next || (!runs && nextAt >= pausedAt + ABANDONED) || nextAt >= CAP) return billed;
    told = nextAt;
    const starts = () => {
      runs = true;
      lifeAt = nextAt;
    };
    if (next.kind === "end") return billed;
    // It shows that somebody is there, and starts nothing.
    if (next.kind === "answer" && runs) lifeAt = nextAt;
    if (next.kind === "beat") {
      if (runs) lifeAt = nextAt;
      if (next.active) actedAt = Math.max(actedAt, Math.min(next.actedAt, nextAt));
      if (!runs && (why === "lost" || (why === "idle" && next.active))) {
        if (nextAt < actedAt + IDLE) starts();
        else why = "idle";
      }
    } else if (next.kind === "pause") {
      if (runs) stop(nextAt, next.by);
      else if (why !== "user") why = next.by;
    } else if (next.kind === "resume" && !runs && (why !== "user" || next.by === "user")) {
      starts();
      actedAt = nextAt;
    }
  }
  return billed;
}
