// What a session's clock goes by beside the contract's rules, from its frozen row: the person's own auto-pause rules, or a
// fixed duration, which runs through and is paid as a whole because that is what the person agreed to.

import type { EndReason } from "../../sdk/src/protocol/session.ts";
import type { Millis } from "../clock.ts";
import type { Meter } from "./meter-state.ts";
import { activeSeconds, type ClockRules } from "./meter.ts";
import type { Session } from "./row.ts";

export const clockRules = (
  session: Pick<Session, "fixedDuration" | "idleSeconds" | "dailyLeftSeconds">,
): ClockRules => ({
  ...(session.fixedDuration && { isFixed: true }),
  ...(typeof session.idleSeconds === "number" && { idleSeconds: session.idleSeconds }),
  ...(typeof session.dailyLeftSeconds === "number" && { pauseAtActiveMs: session.dailyLeftSeconds * 1000 }),
});

/** Ends that leave the person with what they agreed to pay for: the time ran out, or they chose to leave before. */
const PAID_IN_FULL = new Set<EndReason>(["time_expired", "user_ended"]);

/**
 * Seconds to be paid for. A fixed duration is paid as a whole, unless somebody else cut it short: then, as everywhere, only
 * the seconds that passed.
 * @param reason How it ended; null while it runs, when a fixed one shows what it will cost.
 */
export const billedSeconds = (meter: Meter, at: Millis, reason: EndReason | null): number =>
  meter.isFixed && (reason === null || PAID_IN_FULL.has(reason)) ? meter.durationSeconds : activeSeconds(meter, at);
