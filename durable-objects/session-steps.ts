// What follows from a step of the clock: first it is stored, then carried to D1. Functions from record to record; the
// object decides when they run.

import { REPORT_GRACE_SECONDS } from "../sdk/src/protocol/session.ts";
import type { Millis } from "../domain/clock.ts";
import { newId } from "../domain/ids.ts";
import { reportedMeters } from "../domain/pricing/components.ts";
import { billedSeconds } from "../domain/sessions/clock-rules.ts";
import { announceEnd, closeSession, type Ending, type WriteClosing } from "../domain/sessions/close-session.ts";
import { transitionEvents, type SessionEvent } from "../domain/sessions/events.ts";
import { SETTLE_RETRY_MAX_SECONDS, SETTLE_RETRY_SECONDS } from "../domain/sessions/limits.ts";
import type { Meter } from "../domain/sessions/meter-state.ts";
import { checkpointAt, nextDue, type Step } from "../domain/sessions/meter.ts";
import { relayEvents } from "../domain/sessions/store.ts";
import type { SessionRecord, SessionStore } from "./session-store.ts";

/** A settled object forgets itself at its next alarm, or where it has none after this; D1 has the session. */
const KEPT_AFTER_SETTLEMENT_MS = 10 * 60 * 1000;
/** Events carried to D1 in one batch. */
const RELAYED_AT_ONCE = 100;

/**
 * Store a step: the clock, the intervals it closed, the events it gives rise to and, at the end, the sealed facts. One
 * write, so it is stored whole or not at all.
 * @param final The caller says no more reports will come: settle without waiting for them.
 */
export function storeStep(
  store: SessionStore,
  before: SessionRecord,
  { meter, transitions }: Step,
  now: Millis,
  final: boolean,
): SessionRecord {
  if (transitions.length === 0 && !final) {
    const storedMeter = isNews(before.storedMeter, meter) ? meter : before.storedMeter;
    if (storedMeter !== before.storedMeter) store.writeMeter(meter);
    return { ...before, meter, storedMeter };
  }
  const session = before.session!;
  const intervals = [
    ...before.intervals,
    ...transitions.flatMap((transition) => ("closed" in transition ? [transition.closed] : [])),
  ];
  const queued = [
    ...before.queued,
    ...transitions.flatMap((transition) => transitionEvents(transition, session, meter)),
  ];
  const ended = transitions.find((transition) => transition.kind === "ended");
  const ending: Ending | null = ended
    ? {
        at: ended.at,
        reason: ended.reason,
        activeSeconds: billedSeconds(meter, ended.at, ended.reason),
        intervals,
        endedEventId: newId(now),
        settledEventId: newId(now),
      }
    : before.ending;
  const after = {
    ...before,
    meter,
    storedMeter: meter,
    // The sealed end has them.
    intervals: ending ? [] : intervals,
    queued,
    ending,
    settlement: settlementAfter(before, ending, now, final),
  };
  store.write(after);
  return after;
}

/** Liveness younger than this is kept in memory only; a crash then bills up to this much less, never more. */
const BEAT_STORED_EVERY_MS = 5_000;

/** Whether the clock says more than what is stored, beyond a beat or an activity a moment later. */
export function isNews(stored: Meter | null, meter: Meter): boolean {
  if (!stored) return true;
  const { lastBeatAt, lastActivityAt, ...rest } = meter;
  if (
    lastBeatAt - stored.lastBeatAt >= BEAT_STORED_EVERY_MS ||
    lastActivityAt - stored.lastActivityAt >= BEAT_STORED_EVERY_MS
  )
    return true;
  return (Object.keys(rest) as (keyof typeof rest)[]).some((key) => rest[key] !== stored[key]);
}

function settlementAfter(
  before: SessionRecord,
  ending: Ending | null,
  now: Millis,
  final: boolean,
): SessionRecord["settlement"] {
  if (!ending) return null;
  if (before.settlement)
    return final ? { ...before.settlement, dueAt: Math.min(before.settlement.dueAt, now) } : before.settlement;
  const waits = reportedMeters(before.session!.components).length > 0 && !final;
  return { dueAt: waits ? ending.at + REPORT_GRACE_SECONDS * 1000 : now, failures: 0, announced: false };
}

/** Carry the object's own outbox to D1. @returns what was carried, which may then be forgotten. */
export async function relayQueued(db: D1Database, record: SessionRecord): Promise<SessionEvent[]> {
  const events = record.queued.slice(0, RELAYED_AT_ONCE);
  if (events.length === 0) return events;
  const meter = record.meter!;
  await relayEvents(
    db,
    record.session!.id,
    meter.ended ? null : meter.runningSince === null ? "paused" : "active",
    events,
  );
  return events;
}

/** Settle when it is time; before that, announce the end once. @returns the record after it, and the balance when it settled. */
export async function settleWhenDue(
  db: D1Database,
  write: WriteClosing,
  record: SessionRecord,
  now: Millis,
): Promise<{ record: SessionRecord; available: number | null }> {
  const { ending, settlement, session, usage, settled } = record;
  if (!ending || !settlement || settled) return { record, available: null };
  if (settlement.dueAt <= now) {
    const facts = { ...usage, observed: record.observed ?? null };
    const account = await closeSession(db, write, session!, ending, facts, now);
    const known = { reports: account.session.reports, usedMicro: account.usedMicro };
    return {
      record: { ...record, session: account.session, settled: true, usage: known },
      available: account.available,
    };
  }
  if (!settlement.announced) {
    await announceEnd(db, session!, ending);
    return { record: { ...record, settlement: { ...settlement, announced: true } }, available: null };
  }
  return { record, available: null };
}

/** D1 could not be reached: try again later, ever more slowly. */
export function postponed(record: SessionRecord, now: Millis): { record: SessionRecord; retryAt: Millis } {
  const failures = (record.settlement?.failures ?? 0) + 1;
  const waitSeconds = Math.min(SETTLE_RETRY_SECONDS * 2 ** (failures - 1), SETTLE_RETRY_MAX_SECONDS);
  const retryAt = now + waitSeconds * 1000;
  return {
    record: { ...record, settlement: record.settlement && { ...record.settlement, failures, dueAt: retryAt } },
    retryAt,
  };
}

/**
 * When the alarm must ring next, from stored facts only; null when nothing is due any more.
 * @param hasPages Pages hold a live socket, whose automatic answers nobody hears of otherwise.
 */
export function nextAlarm(record: SessionRecord, now: Millis, hasPages: boolean): Millis | null {
  const { meter, settled, settlement } = record;
  if (settled) return now + KEPT_AFTER_SETTLEMENT_MS;
  const due = settlement ? settlement.dueAt : meter && nextDue(meter);
  if (due === null) return null;
  const checkpoint = meter && hasPages ? checkpointAt(meter, now) : null;
  return Math.max(Math.min(due, checkpoint ?? due), now + 1);
}
