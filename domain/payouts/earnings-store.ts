// What sessions and monthly plans earned their provider, read from the settlements and the paid invoices. What was taken back
// of one counts as never earned.

import type { Millis } from "../clock.ts";
import type { PayoutStatus } from "./store.ts";

export interface EarningRow {
  sessionId: string;
  settledAt: Millis;
  startedAt: Millis | null;
  endedAt: Millis | null;
  activeSeconds: number;
  endReason: string | null;
  feeBasisPoints: number;
  grossTokens: number;
  feeTokens: number;
  netTokens: number;
  netCents: number;
  /** Taken back of what was charged; the figures above are without it. */
  reversedTokens: number;
  payable: 0 | 1;
  payoutId: string | null;
  payoutStatus: PayoutStatus | null;
}

const REVERSED = (column: string) =>
  `coalesce((SELECT sum(${column}) FROM reversals r WHERE r.session_id = s.session_id), 0)`;

/** Sessions settled in `from <= at < to` that were charged something, the newest first, from behind `after` on. */
export const listEarnings = async (
  db: D1Database,
  it: {
    providerId: string;
    from: Millis;
    to: Millis;
    after: { at: Millis; sessionId: string } | null;
    limit: number;
  },
): Promise<EarningRow[]> =>
  (
    await db
      .prepare(
        `SELECT s.session_id AS sessionId, s.at AS settledAt, x.started_at AS startedAt, x.ended_at AS endedAt,
           coalesce(x.active_seconds, 0) AS activeSeconds, x.end_reason AS endReason, x.fee_basis_points AS feeBasisPoints,
           s.used_tokens - ${REVERSED("r.tokens")} AS grossTokens, s.fee_tokens - ${REVERSED("r.fee_tokens")} AS feeTokens,
           s.share_tokens - ${REVERSED("r.share_tokens")} AS netTokens, s.share_cents - ${REVERSED("r.share_cents")} AS netCents,
           ${REVERSED("r.tokens")} AS reversedTokens, s.payable, p.payout_id AS payoutId, o.status AS payoutStatus
         FROM settlements s JOIN sessions x ON x.id = replace(s.session_id, ':slice', '')
           LEFT JOIN payables p ON p.id = s.id LEFT JOIN payouts o ON o.id = p.payout_id
         WHERE s.provider_id = ?1 AND s.at >= ?2 AND s.at < ?3 AND s.used_tokens > 0
           AND (?4 IS NULL OR (s.at, s.session_id) < (?4, ?5))
         ORDER BY s.at DESC, s.session_id DESC LIMIT ?6`,
      )
      .bind(it.providerId, it.from, it.to, it.after?.at ?? null, it.after?.sessionId ?? null, it.limit)
      .all<EarningRow>()
  ).results;

/** What was charged, the platform's part of it and the provider's, in cents. */
interface Split {
  grossCents: number;
  feeCents: number;
  netCents: number;
  /** Of `netCents`, what is never paid: use by the owner's own people. */
  unpayableCents: number;
}
export interface SessionSums extends Split {
  sessions: number;
  grossTokens: number;
  feeTokens: number;
  netTokens: number;
  reversedTokens: number;
}
export interface PlanSums extends Split {
  /** Months that were paid. */
  payments: number;
  /** What went back to cards; the figures above are without it. */
  reversedCents: number;
}

/** The sums over all sessions settled, and all months of plans paid, in the range. */
export async function sumEarnings(
  db: D1Database,
  it: { providerId: string; from: Millis; to: Millis },
): Promise<{ sessions: SessionSums; plans: PlanSums }> {
  const [sessions, plans] = await db.batch<SessionSums | PlanSums>([
    db
      .prepare(
        `WITH charged AS (
           SELECT used_tokens, fee_tokens, share_tokens, share_cents, used_tokens * token_cents AS gross, payable,
             session_id NOT LIKE '%:slice' AS counts, 0 AS reversed
           FROM settlements WHERE provider_id = ?1 AND at >= ?2 AND at < ?3 AND used_tokens > 0
           UNION ALL
           SELECT -r.tokens, -r.fee_tokens, -r.share_tokens, -r.share_cents, -r.tokens * s.token_cents, r.payable, 0, r.tokens
           FROM reversals r JOIN settlements s ON s.session_id = r.session_id
           WHERE r.provider_id = ?1 AND s.at >= ?2 AND s.at < ?3)
         SELECT coalesce(sum(counts), 0) AS sessions, coalesce(sum(used_tokens), 0) AS grossTokens,
           coalesce(sum(fee_tokens), 0) AS feeTokens, coalesce(sum(share_tokens), 0) AS netTokens,
           coalesce(sum(reversed), 0) AS reversedTokens, coalesce(sum(gross), 0) AS grossCents,
           coalesce(sum(gross - share_cents), 0) AS feeCents, coalesce(sum(share_cents), 0) AS netCents,
           coalesce(sum(CASE payable WHEN 0 THEN share_cents END), 0) + coalesce((SELECT sum(w.cents
               - coalesce((SELECT sum(b.cents) FROM withheld_returns b WHERE b.session_id = w.session_id), 0))
             FROM settlements s JOIN withheld_shares w ON w.session_id = s.session_id
             WHERE s.provider_id = ?1 AND s.at >= ?2 AND s.at < ?3), 0) AS unpayableCents FROM charged`,
      )
      .bind(it.providerId, it.from, it.to),
    db
      .prepare(
        `WITH paid AS (
           SELECT b.payable, p.paid_cents, p.share_cents,
             coalesce((SELECT sum(cents) FROM plan_reversals WHERE payment_id = p.id), 0) AS back,
             coalesce((SELECT sum(share_cents) FROM plan_reversals WHERE payment_id = p.id), 0) AS share_back
           FROM subscriptions b CROSS JOIN plan_payments p ON p.subscription_id = b.id
           WHERE b.provider_id = ?1 AND p.at >= ?2 AND p.at < ?3)
         SELECT count(*) AS payments, coalesce(sum(paid_cents - back), 0) AS grossCents,
           coalesce(sum(paid_cents - back - share_cents + share_back), 0) AS feeCents,
           coalesce(sum(share_cents - share_back), 0) AS netCents, coalesce(sum(back), 0) AS reversedCents,
           coalesce(sum(CASE payable WHEN 0 THEN share_cents - share_back END), 0) AS unpayableCents FROM paid`,
      )
      .bind(it.providerId, it.from, it.to),
  ]);
  return { sessions: sessions!.results[0] as SessionSums, plans: plans!.results[0] as PlanSums };
}

export interface RunningRow {
  sessionId: string;
  startedAt: Millis;
  heldTokens: number;
  /** Of it, covered by the person's plan, whose share was paid with its base. */
  reservedTokens: number;
  feeBasisPoints: number;
  payable: 0 | 1;
}
/** Sessions of money that run now, the newest first. A session lasts 12 h at most, so older ones need no look. */
export const listRunning = async (
  db: D1Database,
  it: { providerId: string; since: Millis; limit: number },
): Promise<RunningRow[]> =>
  (
    await db
      .prepare(
        `SELECT id AS sessionId, started_at AS startedAt, held_tokens AS heldTokens, reserved_tokens AS reservedTokens, fee_basis_points AS feeBasisPoints, payable
         FROM sessions WHERE provider_id = ? AND created_at >= ? AND mode = 'live' AND started_at IS NOT NULL AND settled_at IS NULL
         ORDER BY created_at DESC LIMIT ?`,
      )
      .bind(it.providerId, it.since, it.limit)
      .all<RunningRow>()
  ).results;
