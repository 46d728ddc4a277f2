// A session as the wire shows it: from its row alone once it is settled or has not begun, from its row and its running
// meter in between.

import {
  BEAT_SECONDS,
  END_REASON_STATUS,
  warningSeconds,
  type PauseCause,
  type SessionState,
} from "../../sdk/src/protocol/session.ts";
import { iso, isoOrNull, type Millis } from "../clock.ts";
import { billFor } from "./bill.ts";
import { billedSeconds } from "./clock-rules.ts";
import type { Meter } from "./meter-state.ts";
import { activeSeconds, asShown, remainingSeconds } from "./meter.ts";
import type { Session } from "./row.ts";

/** State of a session whose clock is (or was) running in its object. An idle one shows as paused at once, though only the
 * next beat decides whether idle it was or already gone. */
export function runningView(
  session: Session,
  known: Meter,
  usedMicro: Record<string, number>,
  now: Millis,
): SessionState {
  if (session.settledAt !== null) return rowView(session, now);
  const meter = asShown(known, now);
  const at = meter.ended?.at ?? now;
  const active = activeSeconds(meter, at);
  const remaining = meter.ended ? 0 : remainingSeconds(meter, at);
  const reason = meter.ended?.reason ?? null;
  const use = { activeSeconds: billedSeconds(meter, at, reason), unitsMicro: usedMicro };
  const bill = billFor(session, use, reason);
  return {
    ...common(session, now),
    // A page of a fixed duration never shows it as idle.
    ...(meter.isFixed
      ? { idleSeconds: meter.durationSeconds }
      : meter.idleSeconds && { idleSeconds: meter.idleSeconds }),
    status: meter.ended ? END_REASON_STATUS[meter.ended.reason] : meter.runningSince === null ? "paused" : "active",
    endReason: meter.ended?.reason ?? null,
    pauseCause: meter.pauseCause,
    warning: !meter.ended && remaining <= warningSeconds(meter.durationSeconds),
    durationSeconds: meter.durationSeconds,
    activeSeconds: active,
    remainingSeconds: remaining,
    tokensConsumed: bill.usedTokens,
    tokensRefunded: null,
    settlement: meter.ended ? "pending" : "open",
    nextBeatDue: meter.ended ? null : iso(meter.lastBeatAt + BEAT_SECONDS * 1000),
    startedAt: iso(meter.startedAt),
    endedAt: isoOrNull(meter.ended?.at),
  };
}

/** State from the books: before the start, after the settlement, or while the object cannot be asked. */
export function rowView(session: Session, now: Millis, pauseCause: PauseCause | null = null): SessionState {
  const settled = session.settledAt !== null;
  return {
    ...common(session, now),
    status: session.status,
    endReason: session.endReason,
    pauseCause,
    warning: false,
    durationSeconds: session.durationSeconds,
    activeSeconds: session.activeSeconds ?? 0,
    remainingSeconds:
      session.endedAt === null ? Math.max(0, session.durationSeconds - (session.activeSeconds ?? 0)) : 0,
    tokensConsumed: session.consumedTokens ?? 0,
    tokensRefunded: session.refundedTokens,
    settlement: settled ? "settled" : session.endedAt === null ? "open" : "pending",
    nextBeatDue: null,
    startedAt: isoOrNull(session.startedAt),
    endedAt: isoOrNull(session.endedAt),
  };
}

const common = (session: Session, now: Millis) => ({
  id: session.id,
  providerId: session.providerId,
  mode: session.mode,
  tokensAllocated: session.heldTokens,
  ...(session.reservedTokens && { tokensReserved: session.reservedTokens }),
  ...(session.fixedDuration && { fixedDuration: true }),
  serverTime: iso(now),
});
