// Who may not buy or start until something is settled. Statements only; triggers refuse the starts
// (migrations/0016_disputes.sql, `blocked_start`).

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";

export type BlockReason = "dispute_lost" | "fraud";
export interface Block {
  id: string;
  userId: string;
  reason: BlockReason;
  at: Millis;
}

/** The block that stands, or null; of several the one that a repayment does not lift. */
export const findBlock = (db: D1Database, walletId: string): Promise<Block | null> =>
  db
    .prepare(
      "SELECT id, user_id AS userId, reason, at FROM wallet_blocks WHERE wallet_id = ? AND lifted_at IS NULL ORDER BY reason = 'fraud' DESC, at LIMIT 1",
    )
    .bind(walletId)
    .first<Block>();

export const liftBlock = (
  db: D1Database,
  id: string,
  by: { operatorId: string; reason: string },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE wallet_blocks SET lifted_at = ?2, lifted_by = ?3, lift_reason = ?4 WHERE id = ?1 AND lifted_at IS NULL",
    )
    .bind(id, now, by.operatorId, by.reason);

export const insertBlock = (
  db: D1Database,
  block: { id: string; walletId: string; userId: string; reason: BlockReason },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      "INSERT INTO wallet_blocks (id, wallet_id, user_id, reason, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )
    .bind(block.id, block.walletId, block.userId, block.reason, now);

/** What a blocked person is told. */
export const accountBlocked = (reason: BlockReason): DomainError =>
  new DomainError(
    "account_blocked",
    reason === "dispute_lost"
      ? "A payment of yours was charged back, so starting is stopped until it is paid back. Pay it back in your wallet, or write to us."
      : "Buying and starting are stopped while we look at your account. Write to us if you think this is wrong.",
    { reason },
  );
