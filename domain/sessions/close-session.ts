// The end of a session in the books: price what was used, pay provider and platform, return the rest, tell everyone. One D1
// batch keyed by the session, so that running it twice, or twice at once, settles once.

import { END_REASON_STATUS, type EndReason } from "../../sdk/src/protocol/session.ts";
import { iso, type Millis } from "../clock.ts";
import { assert } from "../errors.ts";
import { newId } from "../ids.ts";
import { needsReports } from "../pricing/charge.ts";
import { coverOf, type Cover } from "./bill.ts";
import { sessionEvent, type SessionEvent } from "./events.ts";
import type { Interval } from "./meter.ts";
import type { Session } from "./row.ts";
import { readSettings } from "../settings/read-settings.ts";
import { readEventsMicro, readReportedUntil } from "./report-store.ts";
import { markEnded, type Closed, type CloseOperation, type SessionAccount } from "./store.ts";
import { billBothSides, type Observed } from "./two-sides.ts";

/** Reports can only arrive a bounded number of times between a read and a write; more is our own bug. */
const ATTEMPTS_MAX = 8;

/** The sealed facts of an end. The event ids are fixed with it, so that a retry tells nobody twice. */
export interface Ending {
  at: Millis;
  reason: EndReason;
  activeSeconds: number;
  /** Every stretch of active and paused time, in order. */
  intervals: Interval[];
  endedEventId: string;
  settledEventId: string;
}

/** What the caller believes was reported; wrong is harmless and costs one more round. */
export interface KnownUsage {
  reports: number;
  usedMicro: Record<string, number>;
  /** What the person's page saw, where it said so. */
  observed?: Observed | null;
}

/** Commits one closing; the ledger's writer groups what comes at once. */
export type WriteClosing = (operation: CloseOperation) => Promise<Closed>;

/**
 * Settle a session. Repeating it, from the object, its alarm or the cron, changes nothing more.
 * @returns the account after settlement.
 */
export async function closeSession(
  db: D1Database,
  write: WriteClosing,
  session: Session,
  ending: Ending,
  known: KnownUsage,
  now: Millis,
): Promise<SessionAccount> {
  let usage = known;
  let current = session;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    // Prices with a part per event need every single report; the count below refuses a read that missed one.
    const eventsMicro = needsReports(current.components) ? await readEventsMicro(db, session.id) : undefined;
    const use = { activeSeconds: ending.activeSeconds, unitsMicro: usage.usedMicro, eventsMicro };
    const settings = known.observed ? await readSettings(db, now) : null;
    const sides =
      known.observed && settings
        ? {
            observed: known.observed,
            comparedMicro: await comparedMicro(db, session.id, known.observed, ending, usage),
            tolerance: {
              basisPoints: settings.meterToleranceBasisPoints,
              minimumTokens: settings.sliceMinimumTokens,
            },
          }
        : null;
    const { bill, comparisons, slice } = billBothSides(current, use, sides, ending.reason);
    const cover = coverOf(current, bill, slice?.tokens ?? 0);
    const dueAt = now + (settings?.evidenceHours ?? 0) * HOUR_MS;
    const { closed, account } = await write({
      sessionId: session.id,
      status: END_REASON_STATUS[ending.reason],
      endReason: ending.reason,
      endedAt: ending.at,
      activeSeconds: ending.activeSeconds,
      reports: usage.reports,
      durationSeconds: current.durationSeconds,
      usedTokens: bill.usedTokens,
      includedTokens: cover.includedTokens,
      feeTokens: cover.feeTokens,
      lines: bill.lines,
      intervals: ending.intervals,
      comparisons,
      slice: slice && current.mode === "live" ? { ...slice, reservedTokens: cover.sliceTokens, dueAt } : null,
      now,
      events: closingEvents(current, ending, { used: bill.usedTokens, slice: slice?.tokens ?? 0, ...cover }, now),
    });
    assert(account, `session ${session.id} is in the books`);
    if (closed || account.session.settledAt !== null) return account;
    current = account.session;
    usage = { reports: account.session.reports, usedMicro: account.usedMicro };
  }
  throw new Error(`session ${session.id} could not be settled in ${ATTEMPTS_MAX} rounds`);
}

const HOUR_MS = 60 * 60 * 1000;

/** What was reported for the time the page spoke of. Its word at the end, or after it, is of all that was reported. */
const comparedMicro = async (
  db: D1Database,
  sessionId: string,
  observed: Observed,
  ending: Ending,
  usage: KnownUsage,
): Promise<Record<string, number>> =>
  observed.at >= ending.at ? usage.usedMicro : readReportedUntil(db, sessionId, observed.at);

/** Nobody came: the whole hold goes back. Only D1 knows such a session, so anyone may close it; a racing start decides there. */
export const closeUnstarted = (
  db: D1Database,
  write: WriteClosing,
  session: Session,
  now: Millis,
): Promise<SessionAccount> =>
  closeSession(
    db,
    write,
    session,
    {
      at: now,
      reason: "never_started",
      activeSeconds: 0,
      intervals: [],
      endedEventId: newId(now),
      settledEventId: newId(now),
    },
    { reports: 0, usedMicro: {} },
    now,
  );

/** The end is known but late reports may still come: refuse later ones, tell the provider, keep the hold. */
export const announceEnd = (db: D1Database, session: Session, ending: Ending): Promise<void> =>
  markEnded(
    db,
    session.id,
    {
      at: ending.at,
      reason: ending.reason,
      status: END_REASON_STATUS[ending.reason],
      activeSeconds: ending.activeSeconds,
    },
    endedEvents(session, ending),
  );

function endedEvents(session: Session, ending: Ending): SessionEvent[] {
  // A session that never started was never the provider's to hear of.
  if (ending.reason === "never_started") return [];
  const status = END_REASON_STATUS[ending.reason];
  const type = status === "failed" ? "session.failed" : "session.completed";
  const facts = { status, endReason: ending.reason, activeSeconds: ending.activeSeconds, endedAt: iso(ending.at) };
  return [sessionEvent(type, session, ending.at, facts, ending.endedEventId)];
}

function closingEvents(
  session: Session,
  ending: Ending,
  amount: Cover & { used: number; slice: number },
  now: Millis,
): SessionEvent[] {
  const ended = endedEvents(session, ending);
  if (ended.length === 0) return [];
  const amounts = {
    tokensAllocated: session.heldTokens,
    tokensConsumed: amount.used,
    tokensRefunded: session.heldTokens - amount.used - amount.slice,
    ...(amount.slice > 0 && { tokensDisputed: amount.slice }),
    ...(amount.includedTokens > 0 && { tokensIncluded: amount.includedTokens }),
    providerShareTokens: amount.used - amount.includedTokens - amount.feeTokens,
    platformFeeTokens: amount.feeTokens,
  };
  return [
    ...ended.map((event) => ({ ...event, data: { ...event.data, ...amounts } })),
    sessionEvent(
      "session.settled",
      session,
      now,
      { endReason: ending.reason, activeSeconds: ending.activeSeconds, ...amounts },
      ending.settledEventId,
    ),
  ];
}
