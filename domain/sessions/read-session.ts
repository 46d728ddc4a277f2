// A person's own sessions: one, the list of them, and the receipt.

import { iso, isoOrNull } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { TOKEN_CENTS } from "../money.ts";
import type { Interval } from "./meter.ts";
import type { Session } from "./row.ts";
import { readAccount, readClosing, type SessionAccount } from "./store.ts";

/** @throws DomainError `session_not_found` when it is not there or not this person's. */
export async function readOwnSession(db: D1Database, id: string, userId: string): Promise<SessionAccount> {
  const account = await readAccount(db, id);
  if (!account || account.session.userId !== userId)
    throw new DomainError("session_not_found", "There is no such session of yours.");
  return account;
}

/** True while the session's own clock knows more than its row. */
export const isRunning = (session: Session): boolean => session.startedAt !== null && session.settledAt === null;

const stretch = ({ kind, from, to, cause }: Interval) => ({
  kind,
  cause,
  from: iso(from),
  to: iso(to),
  seconds: Math.floor((to - from) / 1000),
});

/**
 * Everything a settled session was charged for, from the books. Amounts in tokens; `money` in cents at list price.
 * @throws DomainError `settlement_pending` until it is settled.
 */
export async function readReceipt(db: D1Database, session: Session) {
  const closing = session.settledAt === null ? null : await readClosing(db, session.id);
  if (!closing)
    throw new DomainError(
      "settlement_pending",
      "This session is not settled yet; its receipt is there within seconds of the end.",
    );
  const consumed = session.consumedTokens ?? 0;
  return {
    sessionId: session.id,
    providerId: session.providerId,
    providerName: session.providerName,
    priceVersionId: session.priceVersionId,
    pricing: session.components,
    endReason: session.endReason,
    durationSeconds: session.durationSeconds,
    activeSeconds: session.activeSeconds ?? 0,
    pausedSeconds: closing.intervals
      .map(stretch)
      .reduce((sum, part) => sum + (part.kind === "paused" ? part.seconds : 0), 0),
    intervals: closing.intervals.map(stretch),
    lines: closing.lines,
    tokensAllocated: session.heldTokens,
    tokensConsumed: consumed,
    tokensRefunded: session.refundedTokens ?? 0,
    providerShareTokens: closing.shareTokens,
    platformFeeTokens: closing.feeTokens,
    feeBasisPoints: session.feeBasisPoints,
    money: { currency: "usd", consumedCents: consumed * TOKEN_CENTS },
    startedAt: isoOrNull(session.startedAt),
    endedAt: isoOrNull(session.endedAt),
    settledAt: isoOrNull(session.settledAt),
  };
}
export type Receipt = Awaited<ReturnType<typeof readReceipt>>;
