// What sessions earned their provider, read from the settlements. What was taken back of a session counts as never earned.

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

export interface EarningSums {
  sessions: number;
  grossTokens: number;
  feeTokens: number;
  netTokens: number;
  netCents: number;
  reversedTokens: number;
  /** Of `netCents`, what is never paid: use by the owner's own people. */
  unpayableCents: number;
}

/** The sums over all sessions of the range. */
export const sumEarnings = async (
  db: D1Database,
  it: { providerId: string; from: Millis; to: Millis },
): Promise<EarningSums> =>
  (await db
    .prepare(
      `WITH charged AS (
         SELECT used_tokens, fee_tokens, share_tokens, share_cents, payable, session_id NOT LIKE '%:slice' AS counts,
           0 AS reversed
         FROM settlements WHERE provider_id = ?1 AND at >= ?2 AND at < ?3 AND used_tokens > 0
         UNION ALL
         SELECT -r.tokens, -r.fee_tokens, -r.share_tokens, -r.share_cents, r.payable, 0, r.tokens
         FROM reversals r JOIN settlements s ON s.session_id = r.session_id
         WHERE r.provider_id = ?1 AND s.at >= ?2 AND s.at < ?3)
       SELECT coalesce(sum(counts), 0) AS sessions, coalesce(sum(used_tokens), 0) AS grossTokens,
         coalesce(sum(fee_tokens), 0) AS feeTokens, coalesce(sum(share_tokens), 0) AS netTokens,
         coalesce(sum(share_cents), 0) AS netCents, coalesce(sum(reversed), 0) AS reversedTokens,
         coalesce(sum(CASE payable WHEN 0 THEN share_cents END), 0) AS unpayableCents FROM charged`,
    )
    .bind(it.providerId, it.from, it.to)
    .first<EarningSums>())!;

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
