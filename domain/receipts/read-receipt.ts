// The receipt a person sees: everything a settled session was charged for, from the books, and the signed document that
// says the same to anybody else.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { needsReports } from "../pricing/charge.ts";
import type { Interval } from "../sessions/meter.ts";
import { readEventsMicro } from "../sessions/report-store.ts";
import type { Session } from "../sessions/row.ts";
import { autoPausedSeconds, pausedSeconds, savedByAutoPause } from "./document.ts";
import { signedReceipt, type ReceiptEnv } from "./sign-receipts.ts";
import { findSlice } from "../slices/store.ts";
import { sliceView } from "../slices/view.ts";
import { outcomeReceiptOf, readSettled } from "./store.ts";

const stretch = ({ kind, from, to, cause }: Interval) => ({
  kind,
  cause,
  from: iso(from),
  to: iso(to),
  seconds: Math.floor((to - from) / 1000),
});

/**
 * A settled session's receipt. Amounts in tokens; `money` in cents at list price. `signed` is the same as a compact JWS,
 * null for a sandbox session. Once a disputed slice is decided the receipt is
 * that of the decision, and `replaced` the signed one from before.
 * @throws DomainError `settlement_pending` until it is settled.
 */
export async function readReceipt(env: ReceiptEnv, { id }: Session, now: Millis) {
  const settled = await readSettled(env.DB, id);
  if (!settled)
    throw new DomainError(
      "settlement_pending",
      "This session is not settled yet; its receipt is there within seconds of the end.",
    );
  const slice = settled.facts.disputedTokens > 0 ? await findSlice(env.DB, id) : null;
  const outcome = slice?.status === "closed" ? await readSettled(env.DB, outcomeReceiptOf(id)) : null;
  const { facts } = outcome ?? settled;
  const { session } = facts;
  const consumed = session.consumedTokens ?? 0;
  const included = session.includedTokens ?? 0;
  const events = needsReports(session.components) ? await readEventsMicro(env.DB, id) : undefined;
  const receipt = {
    sessionId: session.id,
    number: facts.number,
    providerId: session.providerId,
    providerName: session.providerName,
    priceVersionId: session.priceVersionId,
    pricing: session.components,
    trialSeconds: session.trialSeconds ?? 0,
    rebateBasisPoints: session.rebateBasisPoints ?? 0,
    endReason: session.endReason,
    fixedDuration: session.fixedDuration ?? false,
    durationSeconds: session.durationSeconds,
    activeSeconds: session.activeSeconds ?? 0,
    pausedSeconds: pausedSeconds(facts),
    autoPausedSeconds: autoPausedSeconds(facts),
    intervals: facts.intervals.map(stretch),
    extensions: facts.extensions.map(({ at, seconds, tokens, automatic }) => ({
      at: iso(at),
      seconds,
      heldTokens: tokens,
      automatic: automatic === 1,
    })),
    lines: facts.lines,
    tokensAllocated: session.heldTokens,
    tokensConsumed: consumed,
    tokensReserved: session.reservedTokens ?? 0,
    tokensIncluded: included,
    tokensRefunded: session.refundedTokens ?? 0,
    tokensDisputed: facts.disputedTokens,
    corrects: facts.corrects,
    slice: slice && sliceView(slice),
    savedByAutoPauseTokens: savedByAutoPause(facts, events),
    providerShareTokens: consumed - included - facts.feeTokens,
    platformFeeTokens: facts.feeTokens,
    feeBasisPoints: session.feeBasisPoints,
    money: { currency: "usd", consumedCents: (consumed - included) * facts.tokenCents },
    startedAt: isoOrNull(session.startedAt),
    endedAt: isoOrNull(session.endedAt),
    settledAt: isoOrNull(session.settledAt),
  };
  const signed = await signedReceipt(env, outcome ?? settled, now);
  // The receipt from before the decision stays what it was.
  const replaced = outcome && (await signedReceipt(env, settled, now));
  return { receipt, signed, replaced };
}
export type Receipt = Awaited<ReturnType<typeof readReceipt>>["receipt"];
