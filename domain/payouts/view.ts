// A payout as the wire shows it. Amounts in cents.

import { iso, isoOrNull } from "../clock.ts";
import type { Payout, PayoutLine } from "./store.ts";

export const payoutView = (
  payout: Pick<
    Payout,
    | "id"
    | "providerId"
    | "origin"
    | "status"
    | "amountCents"
    | "reversedCents"
    | "currency"
    | "transferId"
    | "failureCode"
    | "createdAt"
    | "endedAt"
  >,
) => ({
  id: payout.id,
  providerId: payout.providerId,
  origin: payout.origin,
  status: payout.status,
  amountCents: payout.amountCents,
  /** What of it came back and is owed again. */
  reversedCents: payout.reversedCents,
  currency: payout.currency,
  transferId: payout.transferId,
  /** Why it failed, or what a pending one is waiting for. */
  failureCode: payout.failureCode,
  createdAt: iso(payout.createdAt),
  endedAt: isoOrNull(payout.endedAt),
});
export type PayoutView = ReturnType<typeof payoutView>;

export const lineView = (line: PayoutLine) => ({
  id: line.id,
  kind: line.kind,
  sessionId: line.sessionId,
  amountCents: line.amountCents,
  grossTokens: line.grossTokens,
  feeTokens: line.feeTokens,
  netTokens: line.shareTokens,
  at: iso(line.bookedAt),
});
