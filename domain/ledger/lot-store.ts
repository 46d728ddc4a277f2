// SQL of lots: what has expired, and what a wallet is made of.

import type { Millis } from "../clock.ts";
import type { LotSource } from "./store.ts";

/**
 * Write off the rest of up to `limit` expired lots, soonest first. The document is named by what the lot had lost before, so
 * the same tokens cannot be written off twice, whoever comes first.
 * @param walletId null: of every wallet.
 */
export async function expireLots(
  db: D1Database,
  { walletId, now, limit }: { walletId: string | null; now: Millis; limit: number },
): Promise<number> {
  const expired = `remaining > 0 AND expires_at <= ?1 ${walletId === null ? "" : "AND wallet_id = ?3"}`;
  const { results } = await db
    .prepare(
      `INSERT INTO withdrawals (id, lot_id, kind, tokens, payment_id, at)
       SELECT 'expire:' || id || ':' || spent, id, 'expiry', remaining, NULL, ?1 FROM lots
       WHERE ${expired} ORDER BY expires_at, id LIMIT ?2 RETURNING id`,
    )
    .bind(now, limit, ...(walletId === null ? [] : [walletId]))
    .all();
  return results.length;
}

export interface LotRow {
  id: string;
  kind: "paid" | "promo";
  source: LotSource;
  remaining: number;
  issued: number;
  expiresAt: Millis | null;
  createdAt: Millis;
}

/** The lots of a wallet that can be spent, in the order they will be. */
export async function readLots(
  db: D1Database,
  walletId: string,
  { now, limit }: { now: Millis; limit: number },
): Promise<LotRow[]> {
  const { results } = await db
    .prepare(
      `SELECT id, kind, source, remaining, issued, expires_at AS expiresAt, created_at AS createdAt FROM lots
       WHERE wallet_id = ?1 AND remaining > 0 AND (expires_at IS NULL OR expires_at > ?2)
       ORDER BY priority, coalesce(expires_at, 9007199254740991), kind DESC, created_at, id LIMIT ?3`,
    )
    .bind(walletId, now, limit)
    .all<LotRow>();
  return results;
}
