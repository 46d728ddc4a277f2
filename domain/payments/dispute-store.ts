// Statements about disputes. They post themselves (migrations/0016_disputes.sql), so each may run any number of times.

import type { Millis } from "../clock.ts";
import type { DisputeFacts } from "../gateways/stripe-disputes.ts";

/**
 * Bring a dispute in line with what Stripe says: the row, then each step it has taken, in order. A step that was taken
 * before changes nothing. Nothing happens where the order was never credited.
 */
export function followDispute(
  db: D1Database,
  orderId: string,
  dispute: DisputeFacts,
  now: Millis,
): D1PreparedStatement[] {
  const step = (to: string, from: string, at: "opened_at" | "closed_at") =>
    db
      .prepare(
        `UPDATE disputes SET status = '${to}', fee_cents = ?2, ${at} = ?3 WHERE id = ?1 AND status IN (${from}) AND EXISTS
           (SELECT 1 FROM orders WHERE id = disputes.order_id AND paid_at IS NOT NULL)`,
      )
      .bind(dispute.id, dispute.feeCents, now);
  const isMoney = dispute.status === "open" || dispute.status === "won" || dispute.status === "lost";
  return [
    db
      .prepare(
        `INSERT INTO disputes (id, order_id, wallet_id, user_id, amount_cents, reason, respond_by, created_at)
         SELECT ?1, id, wallet_id, user_id, ?3, ?4, ?5, ?6 FROM orders WHERE id = ?2 AND paid_at IS NOT NULL
         ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, respond_by = excluded.respond_by`,
      )
      .bind(dispute.id, orderId, dispute.amountCents, dispute.reason, dispute.respondBy, dispute.createdAt),
    ...(isMoney ? [step("open", "'inquiry', 'closed'", "opened_at")] : []),
    ...(dispute.status === "closed" ? [step("closed", "'inquiry'", "closed_at")] : []),
    ...(dispute.status === "won" ? [step("won", "'open', 'lost'", "closed_at")] : []),
    ...(dispute.status === "lost" ? [step("lost", "'open'", "closed_at")] : []),
  ];
}

export interface DisputeRow {
  id: string;
  orderId: string;
  userId: string;
  email: string | null;
  amountCents: number;
  reason: string;
  status: DisputeFacts["status"];
  feeCents: number;
  respondBy: Millis | null;
  createdAt: Millis;
  openedAt: Millis | null;
  closedAt: Millis | null;
  /** Tokens it took from the wallet so far: frozen while open, gone when lost, back when won. */
  tokens: number;
  /** Cents nobody gave back: what was spent of it already. Only of a lost one. */
  lossCents: number | null;
  /** The person may not buy or start because of it. */
  isBlocking: 0 | 1;
}

const DISPUTE = `SELECT d.id, d.order_id AS orderId, d.user_id AS userId, u.email, d.amount_cents AS amountCents, d.reason,
    d.status, d.fee_cents AS feeCents, d.respond_by AS respondBy, d.created_at AS createdAt, d.opened_at AS openedAt,
    d.closed_at AS closedAt, coalesce((SELECT sum(tokens) FROM dispute_tokens WHERE dispute_id = d.id), 0) AS tokens,
    CASE d.status WHEN 'lost' THEN d.amount_cents - (SELECT coalesce(sum(amount), 0) FROM transfers WHERE dr = 'token_liability'
      AND (tx = 'dispute:' || d.id || ':lost' OR tx IN (SELECT id FROM dispute_catches WHERE dispute_id = d.id))) END AS lossCents,
    EXISTS (SELECT 1 FROM wallet_blocks WHERE id = 'dispute:' || d.id AND lifted_at IS NULL) AS isBlocking
  FROM disputes d LEFT JOIN users u ON u.id = d.user_id`;

export const findDisputeRow = (db: D1Database, id: string): Promise<DisputeRow | null> =>
  db.prepare(`${DISPUTE} WHERE d.id = ?`).bind(id).first<DisputeRow>();

/** Newest first; `status` null: all. `before` is the creation time and id of the last one of the page before. */
export const listDisputeRows = async (
  db: D1Database,
  query: { status: string | null; before: { at: Millis; id: string } | null; limit: number },
): Promise<DisputeRow[]> =>
  (
    await db
      .prepare(
        `${DISPUTE} WHERE (?1 IS NULL OR d.status = ?1) AND (?2 IS NULL OR (d.created_at, d.id) < (?2, ?3))
         ORDER BY d.created_at DESC, d.id DESC LIMIT ?4`,
      )
      .bind(query.status, query.before?.at ?? null, query.before?.id ?? null, query.limit)
      .all<DisputeRow>()
  ).results;
