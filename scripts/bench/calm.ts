// What a scenario leaves behind (objects that leave memory after ten seconds, sessions forgotten, an index that takes apps in,
// tables a database tidies) would fall into the windows of the next. So the next one begins when all of it is done.

import { cpuMicros } from "./cpu.ts";

const LOOK_MS = 1_000;
/** Of one core. A stack at rest uses about 0.5 % for its schedules. */
const CALM_SHARE = 0.03;
const CALM_LOOKS = 2;
/** A stack that is never calm is measured as it is. */
const LOOKS_MAX = 45;

/** Waits until the process trees under `roots` have nothing more to do. @returns the seconds waited, or null if they never rested. */
export async function untilCalm(
  roots: readonly number[],
  read = cpuMicros,
  pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<number | null> {
  let calm = 0;
  let before = read(roots);
  for (let looks = 1; looks <= LOOKS_MAX && before !== null; looks++) {
    await pause(LOOK_MS);
    const now = read(roots) ?? before;
    calm = now - before < CALM_SHARE * LOOK_MS * 1_000 ? calm + 1 : 0;
    before = now;
    if (calm === CALM_LOOKS) return (looks * LOOK_MS) / 1_000;
  }
  return null;
}
