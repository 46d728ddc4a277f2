// A provider's earnings as the wire shows them: each session with gross, fee and net, and where its money is.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { splitFee, TOKEN_CENTS } from "../money.ts";
import { accountView, accountOf } from "./connect-account.ts";
import {
  listEarnings,
  sumEarnings,
  type EarningRow,
  type PlanSums,
  type RunningRow,
  type SessionSums,
} from "./earnings-store.ts";
import { countsUntil, readPayoutRules, type PayoutRules } from "./rules.ts";
import { DAY_MS, nextPayoutDay } from "./schedule.ts";
import type { PayoutsEnv } from "./send-payout.ts";
import { readOwed } from "./store.ts";

/** Where the money of a session is. */
export type EarningState =
  /** Its hold days are not over. */
  | "on_hold"
  /** In the next payout. */
  | "payable"
  /** In a payout that is under way. */
  | "in_payout"
  | "paid"
  /** Use by the owner's own people: shown, never paid. */
  | "unpayable";

function stateOf(row: EarningRow, until: Millis): EarningState {
  if (!row.payable) return "unpayable";
  if (row.payoutStatus === "pending") return "in_payout";
  if (row.payoutId) return "paid";
  return row.settledAt <= until ? "payable" : "on_hold";
}

const earningView = (row: EarningRow, rules: PayoutRules, now: Millis) => ({
  // The outcome of a disputed slice is of the session it belongs to.
  sessionId: row.sessionId.replace(":slice", ""),
  startedAt: isoOrNull(row.startedAt),
  endedAt: isoOrNull(row.endedAt),
  settledAt: iso(row.settledAt),
  activeSeconds: row.activeSeconds,
  endReason: row.endReason,
  grossTokens: row.grossTokens,
  feeTokens: row.feeTokens,
  netTokens: row.netTokens,
  netCents: row.netCents,
  reversedTokens: row.reversedTokens,
  feeBasisPoints: row.feeBasisPoints,
  state: stateOf(row, countsUntil(rules, now)),
  payableAt: iso(row.settledAt + rules.holdMs),
  payoutId: row.payoutId,
});
export type EarningView = ReturnType<typeof earningView>;

/** Sessions in tokens and in cents, plans in cents, and both together as statements and payouts have them. */
const totalView = ({
  sessions: { unpayableCents, ...session },
  plans,
}: {
  sessions: SessionSums;
  plans: PlanSums;
}) => ({
  sessions: session.sessions,
  grossTokens: session.grossTokens,
  feeTokens: session.feeTokens,
  netTokens: session.netTokens,
  reversedTokens: session.reversedTokens,
  sessionCents: session.netCents,
  plans: {
    payments: plans.payments,
    grossCents: plans.grossCents,
    feeCents: plans.feeCents,
    netCents: plans.netCents,
    reversedCents: plans.reversedCents,
  },
  grossCents: session.grossCents + plans.grossCents,
  feeCents: session.feeCents + plans.feeCents,
  netCents: session.netCents + plans.netCents,
  unpayableCents: unpayableCents + plans.unpayableCents,
});

/**
 * One page of the sessions of a range, and the sums over all of it.
 * @throws DomainError `invalid_cursor`
 */
export async function readEarnings(
  db: D1Database,
  it: { providerId: string; from: Millis; to: Millis; cursor: string | undefined; limit: number },
  now: Millis,
) {
  const rules = await readPayoutRules(db, now);
  const after = readCursor(it.cursor);
  const [rows, sums] = await Promise.all([
    listEarnings(db, { ...it, after, limit: it.limit + 1 }),
    sumEarnings(db, it),
  ]);
  const last = rows.length > it.limit ? rows[it.limit - 1]! : null;
  return {
    total: totalView(sums),
    sessions: rows.slice(0, it.limit).map((row) => earningView(row, rules, now)),
    nextCursor: last ? `${last.settledAt}.${last.sessionId}` : null,
  };
}

function readCursor(cursor: string | undefined): { at: Millis; sessionId: string } | null {
  if (cursor === undefined) return null;
  const [, at, sessionId] = /^(\d{1,15})\.([0-9a-f-]{36}(?::slice)?)$/.exec(cursor) ?? [];
  if (!at || !sessionId) throw new DomainError("invalid_cursor", "This cursor is not one of ours. Start without it.");
  return { at: Number(at), sessionId };
}

/** A running session with what it has come to so far. Its own clock says how much; the split is the one of its price. */
export const runningView = (row: RunningRow, tokensSoFar: number | null) => {
  // What a plan includes is used first and earns nothing more.
  const chargedSoFar = tokensSoFar === null ? null : Math.max(0, tokensSoFar - row.reservedTokens);
  const split = chargedSoFar === null ? null : splitFee(chargedSoFar, row.feeBasisPoints);
  return {
    sessionId: row.sessionId,
    startedAt: iso(row.startedAt),
    /** The most it can come to, as it stands. */
    heldTokens: row.heldTokens - row.reservedTokens,
    grossTokens: chargedSoFar,
    feeTokens: split?.feeTokens ?? null,
    netTokens: split?.shareTokens ?? null,
    netCents: split ? split.shareTokens * TOKEN_CENTS : null,
  };
};

/** What a provider is owed, by which rules and when it is paid. Asks Stripe about an account that is not ready yet. */
export async function readPayoutBalance(env: PayoutsEnv, providerId: string, now: Millis) {
  const rules = await readPayoutRules(env.DB, now);
  const nextDay = nextPayoutDay(rules.weekday, now);
  const [account, owed, then] = await Promise.all([
    accountOf(env, providerId, now),
    readOwed(env.DB, providerId, countsUntil(rules, now)),
    nextDay === null ? null : readOwed(env.DB, providerId, countsUntil(rules, nextDay)),
  ]);
  return {
    account: accountView(account),
    payableCents: owed.payable,
    onHoldCents: owed.onHold,
    inTransitCents: owed.inTransit,
    paidCents: owed.paid,
    currency: "usd",
    holdDays: rules.holdMs / DAY_MS,
    minimumCents: rules.minimumCents,
    /** What the next payout day brings, if nothing is taken back and the account is ready. */
    next:
      nextDay === null || then === null
        ? null
        : { at: iso(nextDay), amountCents: then.payable >= rules.minimumCents ? then.payable : 0 },
  };
}
