// Reads of a wallet for the person it belongs to. The ledger's triggers keep these rows; nothing here writes.

import type { Millis } from "../clock.ts";

export interface BalanceRow {
  available: number;
  held: number;
  /** Spendable tokens by what they are to the books. */
  paid: number;
  promotional: number;
  /** Expired but not yet written off. */
  expired: number;
  /** Soonest expiry of promotional tokens that are still there, and how many go then. */
  expiresAt: Millis | null;
  expiringTokens: number | null;
}

export const readBalance = (db: D1Database, walletId: string, now: Millis): Promise<BalanceRow | null> =>
  db
    .prepare(
      `WITH alive AS (SELECT kind, remaining, expires_at FROM lots WHERE wallet_id = ?1 AND remaining > 0),
         next AS (SELECT min(expires_at) AS at FROM alive WHERE expires_at > ?2)
       SELECT w.available, w.held, next.at AS expiresAt,
         (SELECT coalesce(sum(remaining), 0) FROM alive WHERE kind = 'paid') AS paid,
         (SELECT coalesce(sum(remaining), 0) FROM alive WHERE kind = 'promo' AND (expires_at IS NULL OR expires_at > ?2)) AS promotional,
         (SELECT coalesce(sum(remaining), 0) FROM alive WHERE expires_at <= ?2) AS expired,
         (SELECT sum(remaining) FROM alive WHERE expires_at = next.at) AS expiringTokens
       FROM wallets w, next WHERE w.id = ?1`,
    )
    .bind(walletId, now)
    .first<BalanceRow>();

export interface EntryRow {
  /** How many entries the wallet has in all; entries are numbered 1 to this without gaps. */
  total: number;
  /** 1: the wallet has expired tokens that are not written off yet. */
  hasExpired: 0 | 1;
  seq: number;
  type: EntryType;
  amount: number;
  balanceAfter: number;
  sessionId: string | null;
  /** Name of the app the session was with. */
  providerName: string | null;
  paymentId: string | null;
  at: Millis;
}
export type EntryType =
  | "purchase"
  | "promo"
  | "hold"
  | "release"
  | "consumption"
  | "refund"
  | "adjustment"
  | "expiry"
  | "dispute";

/**
 * Entries newest first. A page is found by number, so a late one costs as little as the first.
 * @returns `total` and `hasExpired` alone when the page lies beyond the end.
 */
export async function readEntries(
  db: D1Database,
  walletId: string,
  page: { offset: number; beforeSeq: number | null; limit: number; now: Millis },
): Promise<{ total: number; hasExpired: boolean; entries: EntryRow[] }> {
  const { results } = await db
    .prepare(
      `SELECT w.entry_seq AS total,
         EXISTS (SELECT 1 FROM lots WHERE wallet_id = ?1 AND remaining > 0 AND expires_at <= ?5) AS hasExpired, e.seq, e.type, e.amount, e.balance_after AS balanceAfter, e.session_id AS sessionId,
         s.provider_name AS providerName, e.payment_id AS paymentId, e.at
       FROM wallets w
       LEFT JOIN wallet_entries e ON e.wallet_id = w.id AND e.seq <= w.entry_seq - ?2 AND e.seq < coalesce(?3, e.seq + 1)
       LEFT JOIN sessions s ON s.id = e.session_id
       WHERE w.id = ?1 ORDER BY e.seq DESC LIMIT ?4`,
    )
    .bind(walletId, page.offset, page.beforeSeq, page.limit, page.now)
    .all<EntryRow | (Omit<EntryRow, "seq"> & { seq: null })>();
  return {
    total: results[0]?.total ?? 0,
    hasExpired: results[0]?.hasExpired === 1,
    entries: results.filter((row): row is EntryRow => row.seq !== null),
  };
}
