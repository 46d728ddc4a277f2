// What a receipt says, worked out from the books alone: the same rows always give the same bytes. No name, no address and
// nothing a person wrote goes into it.

import { canonicalJson } from "../../sdk/src/receipts/canonical.ts";
import type { ReceiptDocument } from "../../sdk/src/protocol/receipt.ts";
import { iso, isoOrNull, type Millis } from "../clock.ts";
import { assert } from "../errors.ts";
import { sha256Hex } from "../ids.ts";
import { CURRENCY } from "../money.ts";
import { amount, roundUpToTokens } from "../pricing/decimal.ts";
import { billFor } from "../sessions/bill.ts";
import type { Interval } from "../sessions/meter.ts";
import type { ReceiptFacts } from "./store.ts";

/** Pauses nobody asked for: the person was away, or the page was gone. */
const AUTOMATIC = new Set<Interval["cause"]>(["idle", "heartbeat_lost"]);

const secondsOf = (intervals: Interval[]): number =>
  intervals.reduce((sum, { from, to }) => sum + Math.floor((to - from) / 1000), 0);

export const pausedSeconds = ({ intervals }: Pick<ReceiptFacts, "intervals">): number =>
  secondsOf(intervals.filter(({ kind }) => kind === "paused"));

export const autoPausedSeconds = ({ intervals }: Pick<ReceiptFacts, "intervals">): number =>
  secondsOf(intervals.filter(({ cause }) => AUTOMATIC.has(cause)));

/**
 * Tokens that the time the clock stood by itself would have cost, had it run: the bill with that time less the bill.
 * @param eventsMicro The single reports, where the price has a part per report.
 */
export function savedByAutoPause(facts: Omit<ReceiptFacts, "number">, eventsMicro?: Record<string, number[]>): number {
  const { session, usedMicro } = facts;
  const activeSeconds = session.activeSeconds ?? 0;
  const running = Math.min(session.durationSeconds, activeSeconds + autoPausedSeconds(facts));
  const cost = (seconds: number) =>
    billFor(session, { activeSeconds: seconds, unitsMicro: usedMicro, eventsMicro }, session.endReason).usedTokens;
  return Math.max(0, cost(running) - cost(activeSeconds));
}

/** What all receipts of a wallet have in common. A wallet's id is random, so its digest tells nothing about anybody. */
export const chainOf = (walletId: string): Promise<string> => sha256Hex(`receipts of ${walletId}`);

export async function receiptDocument(
  issuer: string,
  facts: ReceiptFacts,
  eventsMicro?: Record<string, number[]>,
): Promise<ReceiptDocument> {
  const { session, lines, intervals, extensions, feeTokens } = facts;
  assert(
    session.settledAt !== null && session.endedAt !== null && session.endReason,
    "a receipt is of a settled session",
  );
  const used = session.consumedTokens ?? 0;
  const included = session.includedTokens ?? 0;
  return {
    version: 1,
    iss: issuer,
    iat: Math.floor(session.settledAt / 1000),
    chain: await chainOf(facts.walletId),
    number: facts.number,
    ...(facts.corrects !== null && { corrects: facts.corrects }),
    previous: facts.previous,
    session: {
      id: session.id,
      endReason: session.endReason,
      startedAt: isoOrNull(session.startedAt),
      endedAt: iso(session.endedAt),
      settledAt: iso(session.settledAt),
      durationSeconds: session.durationSeconds,
      ...(session.fixedDuration && { fixedDuration: true as const }),
    },
    provider: { id: session.providerId, name: session.providerName },
    price: {
      versionId: session.priceVersionId,
      components: session.components,
      feeBasisPoints: session.feeBasisPoints,
      tokenCents: facts.tokenCents,
      currency: CURRENCY,
      ...(session.trialSeconds && { trialSeconds: session.trialSeconds }),
      ...(session.rebateBasisPoints && { feeRebateBasisPoints: session.rebateBasisPoints }),
    },
    time: {
      activeSeconds: session.activeSeconds ?? 0,
      pausedSeconds: pausedSeconds(facts),
      autoPausedSeconds: autoPausedSeconds(facts),
    },
    intervals: intervals.map(({ kind, cause, from, to }) => ({ kind, cause, from: iso(from), to: iso(to) })),
    extensions: extensions.map(({ at, seconds, tokens, automatic }) => ({
      at: iso(at as Millis),
      seconds,
      heldTokens: tokens,
      automatic: automatic === 1,
    })),
    lines,
    tokens: {
      held: session.heldTokens,
      used,
      returned: session.heldTokens - used - facts.disputedTokens,
      ...(facts.disputedTokens > 0 && { disputed: facts.disputedTokens }),
      ...(session.reservedTokens && { reserved: session.reservedTokens, included }),
      providerShare: used - included - feeTokens,
      platformFee: feeTokens,
      ...(session.rebateBasisPoints && { rebate: rebateIn(lines, used) }),
      savedByAutoPause: savedByAutoPause(facts, eventsMicro),
    },
  };
}

/** What the lines add up to, rounded up once, less what was paid. */
const rebateIn = (lines: ReceiptFacts["lines"], used: number): number =>
  lines.length === 0 ? 0 : roundUpToTokens(lines.reduce((sum, line) => sum + amount(line.amount), 0n)) - used;

export const receiptText = (document: ReceiptDocument): string => canonicalJson(document);
