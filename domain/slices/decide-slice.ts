// What becomes of a disputed slice: the provider shows evidence, the person accepts or contests it, an operator decides what
// is contested, and time decides the rest. Every step is written once and says what it does to the tokens.
// docs/two-sided-meter.md, docs/decisions/0048-the-disputed-slice.md.

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { feeOfCharged } from "../money.ts";
import { needsReports } from "../pricing/charge.ts";
import { billFor } from "../sessions/bill.ts";
import { readEventsMicro } from "../sessions/report-store.ts";
import { countedUse } from "../sessions/two-sides.ts";
import { readSettings } from "../settings/read-settings.ts";
import {
  closeDue,
  closeStatement,
  contestStatement,
  findSlice,
  readSlicePrice,
  reportsNamed,
  showStatement,
  type EvidenceRecord,
  type Slice,
  type SliceCharge,
} from "./store.ts";
import { sliceView, type SliceView } from "./view.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** One batch of the cron; what is left waits a minute. */
const CLOSED_AT_ONCE_MAX = 100;
const UNKNOWN_KEYS_SHOWN = 10;

/**
 * The provider shows evidence: each record names a report of the session by its key and says what was done. What the named
 * reports add up to is what counts, never less than what counted before and never more than was reported.
 * @throws DomainError `slice_not_found`, `slice_closed` (too late, or shown before), `slice_evidence_invalid`.
 */
export async function showEvidence(
  db: D1Database,
  it: {
    providerId: string;
    sessionId: string;
    records: EvidenceRecord[];
    note: string | null;
    claim: IdempotencyClaim | null;
  },
  now: Millis,
): Promise<{ slice: SliceView }> {
  const slice = await findSlice(db, it.sessionId);
  if (!slice || slice.providerId !== it.providerId) throw notFound();
  if (slice.status !== "open" || slice.dueAt <= now) throw stepIsOver(slice);
  const proven = await chargeFor(db, slice, await provenUnits(db, slice, it.records));
  if (proven.tokens === 0)
    throw new DomainError(
      "slice_evidence_invalid",
      "These reports come to no more than what was charged already. Name all reports of the disputed meter that you can show.",
    );
  const { contestHours } = await readSettings(db, now);
  const dueAt = now + contestHours * HOUR_MS;
  const shown: Slice = {
    ...slice,
    status: "shown",
    evidence: it.records,
    note: it.note,
    provenTokens: proven.tokens,
    shownAt: now,
    dueAt,
  };
  return step(db, it.claim, shown, [showStatement(db, { ...it, proven, dueAt }, now)], now);
}

/** The person agrees with the provider: what is shown is charged, or all of it while nothing is shown yet. */
export async function acceptSlice(
  db: D1Database,
  it: { userId: string; sessionId: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ slice: SliceView }> {
  const slice = await ownSlice(db, it);
  const units = slice.status === "shown" ? await provenUnits(db, slice, slice.evidence) : allReported(slice);
  const charge = await chargeFor(db, slice, units);
  return close(db, it.claim, slice, { outcome: "accepted", charge, by: it.userId, reason: null }, now);
}

/** The person says the evidence is wrong: an operator decides. */
export async function contestSlice(
  db: D1Database,
  it: { userId: string; sessionId: string; text: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ slice: SliceView }> {
  const slice = await ownSlice(db, it);
  if (slice.status !== "shown" || slice.dueAt <= now) throw stepIsOver(slice);
  const { sliceDecisionDays } = await readSettings(db, now);
  const dueAt = now + sliceDecisionDays * DAY_MS;
  const contested: Slice = { ...slice, status: "contested", contest: it.text, contestedAt: now, dueAt };
  return step(db, it.claim, contested, [contestStatement(db, { ...it, dueAt }, now)], now);
}

/** What an operator says counts: the provider's reports, what the page saw, or units of each disputed meter in between. */
export type SliceDecision = "provider" | "person" | Record<string, number>;

/** @throws DomainError `slice_not_found`, `slice_closed`, `slice_evidence_invalid` for units outside what is disputed. */
export async function decideSlice(
  db: D1Database,
  it: {
    sessionId: string;
    decision: SliceDecision;
    operatorId: string;
    reason: string;
    claim: IdempotencyClaim | null;
  },
  now: Millis,
): Promise<{ slice: SliceView }> {
  const slice = await findSlice(db, it.sessionId);
  if (!slice) throw notFound();
  const units = decidedUnits(slice, it.decision);
  const charge = await chargeFor(db, slice, units);
  const ending = { outcome: "decided" as const, charge, by: it.operatorId, reason: it.reason };
  return close(db, it.claim, slice, ending, now);
}

/** Run by cron every minute: nothing waits longer than its time. */
export const closeDueSlices = (db: D1Database, now: Millis): Promise<number> => closeDue(db, now, CLOSED_AT_ONCE_MAX);

/** @throws DomainError `slice_not_found` where there is none or the session is not this person's. */
export async function ownSlice(db: D1Database, it: { userId: string; sessionId: string }): Promise<Slice> {
  const slice = await findSlice(db, it.sessionId);
  if (!slice || slice.userId !== it.userId) throw notFound();
  return slice;
}

// What it costs ----------------------------------------------------------------------------------------------------

const allReported = (slice: Slice): Record<string, number> =>
  Object.fromEntries(slice.meters.map(({ meter, reportedMicro }) => [meter, reportedMicro]));

/** What the named reports prove of each disputed meter. */
async function provenUnits(
  db: D1Database,
  slice: Slice,
  records: readonly EvidenceRecord[],
): Promise<Record<string, number>> {
  const keys = [...new Set(records.map(({ idempotencyKey }) => idempotencyKey))];
  const meters = new Set(slice.meters.map(({ meter }) => meter));
  const reports = (await reportsNamed(db, slice.sessionId, keys)).filter(({ meter }) => meters.has(meter));
  const known = new Set(reports.map(({ key }) => key));
  const unknown = keys.filter((key) => !known.has(key));
  if (unknown.length > 0)
    throw new DomainError(
      "slice_evidence_invalid",
      `${unknown.length} of these keys are not reports of a disputed meter in this session. Leave them out.`,
      { unknownKeys: unknown.slice(0, UNKNOWN_KEYS_SHOWN) },
    );
  return Object.fromEntries(
    slice.meters.map(({ meter, countedMicro, reportedMicro }) => {
      const proven = reports.reduce((sum, report) => sum + (report.meter === meter ? report.unitsMicro : 0), 0);
      return [meter, Math.min(reportedMicro, Math.max(countedMicro, proven))];
    }),
  );
}

function decidedUnits(slice: Slice, decision: SliceDecision): Record<string, number> {
  if (decision === "provider") return allReported(slice);
  const units = decision === "person" ? {} : decision;
  return Object.fromEntries(
    slice.meters.map(({ meter, countedMicro, reportedMicro }) => {
      const micro = Object.hasOwn(units, meter) ? units[meter]! : countedMicro;
      if (micro < countedMicro || micro > reportedMicro)
        throw new DomainError(
          "slice_evidence_invalid",
          `Units of ${meter} must lie between what the page saw and what was reported.`,
        );
      return [meter, micro];
    }),
  );
}

/** What these units cost beyond what settled at once: the session's own price, priced again as a whole. */
async function chargeFor(db: D1Database, slice: Slice, unitsMicro: Record<string, number>): Promise<SliceCharge> {
  const { session, usedMicro, usedTokens, feeTokens, coveredTokens } = await readSlicePrice(db, slice.sessionId);
  const eventsMicro = needsReports(session.components) ? await readEventsMicro(db, slice.sessionId) : undefined;
  const use = { activeSeconds: session.activeSeconds ?? 0, unitsMicro: usedMicro, eventsMicro };
  const bill = billFor(session, countedUse(use, unitsMicro), session.endReason);
  const tokens = bill.usedTokens - usedTokens;
  // A price that falls with more use can make the whole cheaper than what settled; then nothing more is charged.
  if (tokens <= 0) return { tokens: 0, feeTokens: 0, lines: null };
  const charged = bill.usedTokens - Math.min(coveredTokens, bill.usedTokens);
  const fee = feeOfCharged(bill, charged, session.feeBasisPoints, session.rebateBasisPoints ?? 0);
  return { tokens: Math.min(tokens, slice.tokens), feeTokens: fee - feeTokens, lines: bill.lines };
}

// Writing ----------------------------------------------------------------------------------------------------------

function close(
  db: D1Database,
  claim: IdempotencyClaim | null,
  slice: Slice,
  ending: { outcome: "accepted" | "decided"; charge: SliceCharge; by: string; reason: string | null },
  now: Millis,
): Promise<{ slice: SliceView }> {
  if (slice.status === "closed") throw stepIsOver(slice);
  const closed: Slice = {
    ...slice,
    status: "closed",
    outcome: ending.outcome,
    chargedTokens: ending.charge.tokens,
    reason: ending.reason,
    closedAt: now,
  };
  return step(db, claim, closed, [closeStatement(db, { sessionId: slice.sessionId, ...ending }, now)], now);
}

async function step(
  db: D1Database,
  claim: IdempotencyClaim | null,
  after: Slice,
  statements: D1PreparedStatement[],
  now: Millis,
): Promise<{ slice: SliceView }> {
  const body = { slice: sliceView(after) };
  try {
    await db.batch([...statements, ...(await recordAnswer(db, claim, { status: 200, body }, now))]);
  } catch (error) {
    if (String((error as Error)?.message).includes("slice_step")) throw stepIsOver(after);
    throw error;
  }
  return body;
}

const notFound = () => new DomainError("slice_not_found", "There is no disputed slice of such a session of yours.");
const stepIsOver = ({ sessionId }: Slice) =>
  new DomainError(
    "slice_closed",
    "This slice has moved on, or its time is over. Read it again to see what it came to.",
    {
      sessionId,
    },
  );
