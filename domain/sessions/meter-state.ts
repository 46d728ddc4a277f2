// What a meter knows: everything its clock goes by, and nothing that could be computed from it.

import type { EndReason, PauseCause } from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";

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
  /** The person's own rule: idle after this many seconds instead of 120. Absent: the contract's. */
  idleSeconds?: number;
  /** The person's own rule: the clock stops when it has run so long; null once they went on all the same. */
  pauseAtActiveMs?: number | null;
  /** The person agreed to pay for a fixed duration: nothing but its end stops this clock (domain/sessions/fixed.ts). */
  isFixed?: boolean;
  /** When a report was refused because nothing else is paid for and the units ran out. */
  depletedAt: Millis | null;
  ended: { at: Millis; reason: EndReason } | null;
}
