// What sessions of the last days would have cost at another price: the stored facts of each settlement through the engine
// that settles. At its own price a session comes to exactly what it was charged.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { splitPaid } from "../money.ts";
import { needsReports } from "../pricing/charge.ts";
import { isTimeMeter, type PriceComponent } from "../pricing/components.ts";
import { billFor } from "../sessions/bill.ts";
import { countedUse } from "../sessions/two-sides.ts";
import { readReports, readSettledFacts, type SettledFacts } from "./store.ts";

export const WHAT_IF_DAYS_MAX = 90;
/** Newest first; who has more is told that the answer is about these. */
export const WHAT_IF_SESSIONS_MAX = 2_000;
const REPORTS_MAX = 50_000;

export interface WhatIfSum {
  tokens: number;
  feeTokens: number;
  shareTokens: number;
}
export interface WhatIf {
  sessions: number;
  /** There were more sessions than are looked at. */
  isPartial: boolean;
  actual: WhatIfSum;
  whatIf: WhatIfSum;
  /** Reported meters of these sessions that the other price does not have: they would cost nothing. */
  unpricedMeters: string[];
  /** Meters of the other price that these sessions never reported. */
  unusedMeters: string[];
  /** Sessions that would cost more, the same, less. */
  dearer: number;
  same: number;
  cheaper: number;
}

/** A price to try; trial and rebate stay each session's own. */
export interface OtherPrice {
  components: readonly PriceComponent[];
  /** Absent: each session's own. */
  feeBasisPoints?: number;
}
export interface ReplayedSession {
  facts: SettledFacts;
  whatIf: WhatIfSum;
}

/**
 * Replay settled sessions at `price`.
 * @param whose A person's sessions (of one app, or all), or all sessions of an app that are not its owner's own.
 * @throws DomainError `pricing_unsupported` when the price could hold more than any session may.
 */
export async function whatIf(
  db: D1Database,
  whose: { userId: string; providerId: string | null } | { providerId: string },
  price: OtherPrice,
  days: number,
  now: Millis,
): Promise<{ sum: WhatIf; sessions: ReplayedSession[] }> {
  const since = now - days * 24 * 60 * 60 * 1000;
  const facts = await readSettledFacts(db, whose, since, WHAT_IF_SESSIONS_MAX + 1);
  const looked = facts.slice(0, WHAT_IF_SESSIONS_MAX);
  const events = needsReports(price.components) ? await eventsOf(db, looked) : null;
  const sessions = looked.map((one) => ({ facts: one, whatIf: replay(one, price, events?.get(one.id)) }));
  return { sum: { ...sumOf(sessions, price), isPartial: facts.length > looked.length }, sessions };
}

/** One settled session at another price. */
export function replay(
  facts: SettledFacts,
  price: OtherPrice,
  eventsMicro: Record<string, number[]> | undefined,
): WhatIfSum {
  const terms = {
    components: [...price.components],
    feeBasisPoints: price.feeBasisPoints ?? facts.feeBasisPoints,
    trialSeconds: facts.trialSeconds,
    rebateBasisPoints: facts.rebateBasisPoints,
    durationSeconds: facts.durationSeconds,
  };
  const reported = { activeSeconds: facts.activeSeconds, unitsMicro: facts.usedMicro, eventsMicro };
  const use = countedUse(reported, facts.countedMicro);
  const { usedTokens, feeTokens, shareTokens } = billFor(terms, use, facts.endReason);
  return { tokens: usedTokens, feeTokens, shareTokens };
}

async function eventsOf(
  db: D1Database,
  facts: readonly SettledFacts[],
): Promise<Map<string, Record<string, number[]>>> {
  const rows = await readReports(
    db,
    facts.map(({ id }) => id),
    REPORTS_MAX + 1,
  );
  if (rows.length > REPORTS_MAX)
    throw new DomainError(
      "pricing_unsupported",
      `These sessions have more than ${REPORTS_MAX} reports, too many to price one by one here. Ask for fewer days.`,
    );
  const events = new Map<string, Record<string, number[]>>();
  for (const { sessionId, meter, units } of rows) {
    const known = events.get(sessionId) ?? {};
    (known[meter] ??= []).push(units);
    events.set(sessionId, known);
  }
  return events;
}

/** The fee as it would have been without a plan. */
function wholeFee({ tokens, includedTokens, feeTokens, feeBasisPoints, rebateBasisPoints }: SettledFacts): number {
  if (includedTokens === 0) return feeTokens;
  let split = splitPaid(tokens, feeBasisPoints, rebateBasisPoints);
  // What was paid is the price less the rebate; the price itself is a little more.
  for (let gross = tokens; split.paidTokens < tokens;) {
    gross += tokens - split.paidTokens;
    split = splitPaid(gross, feeBasisPoints, rebateBasisPoints);
  }
  return split.feeTokens;
}

function sumOf(sessions: readonly ReplayedSession[], price: OtherPrice): Omit<WhatIf, "isPartial"> {
  const actual = { tokens: 0, feeTokens: 0, shareTokens: 0 };
  const other = { tokens: 0, feeTokens: 0, shareTokens: 0 };
  const counts = { dearer: 0, same: 0, cheaper: 0 };
  const reported = new Set<string>();
  for (const { facts, whatIf: replayed } of sessions) {
    // Prices are compared, so what a plan included counts as what it would have cost.
    const feeTokens = wholeFee(facts);
    actual.tokens += facts.tokens;
    actual.feeTokens += feeTokens;
    actual.shareTokens += facts.tokens - feeTokens;
    other.tokens += replayed.tokens;
    other.feeTokens += replayed.feeTokens;
    other.shareTokens += replayed.shareTokens;
    counts[replayed.tokens > facts.tokens ? "dearer" : replayed.tokens < facts.tokens ? "cheaper" : "same"] += 1;
    for (const meter of Object.keys(facts.usedMicro)) reported.add(meter);
  }
  const priced = price.components.map(({ meter }) => meter).filter((meter) => !isTimeMeter(meter));
  return {
    sessions: sessions.length,
    actual,
    whatIf: other,
    unpricedMeters: [...reported].filter((meter) => !priced.includes(meter)),
    unusedMeters: sessions.length === 0 ? [] : priced.filter((meter) => !reported.has(meter)),
    ...counts,
  };
}
