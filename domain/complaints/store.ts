// Statements about complaints. Deciding is one update of an open row; what it brings commits with it.

import type { Millis } from "../clock.ts";

export const COMPLAINT_CATEGORIES = ["not_working", "charged_too_much", "not_as_described", "not_me", "other"] as const;
export type ComplaintCategory = (typeof COMPLAINT_CATEGORIES)[number];
export const COMPLAINT_STATUSES = ["open", "granted", "declined"] as const;
export type ComplaintStatus = (typeof COMPLAINT_STATUSES)[number];

export interface Complaint {
  id: string;
  sessionId: string;
  userId: string;
  email: string | null;
  providerId: string;
  providerName: string;
  category: ComplaintCategory;
  text: string;
  status: ComplaintStatus;
  createdAt: Millis;
  decidedAt: Millis | null;
  answer: string | null;
  reversedTokens: number;
  refundRequestId: string | null;
  /** Of the session: what was charged, and what of it has come back by any complaint. */
  chargedTokens: number;
  /** Of it, what settled at the end: that can come back, a slice that was decided later cannot. */
  settledTokens: number;
  returnedTokens: number;
  activeSeconds: number;
  endedAt: Millis | null;
}

const COMPLAINT = `SELECT c.id, c.session_id AS sessionId, c.user_id AS userId, u.email, c.provider_id AS providerId,
    s.provider_name AS providerName, c.category, c.text, c.status, c.created_at AS createdAt, c.decided_at AS decidedAt, c.answer,
    c.reversed_tokens AS reversedTokens, c.refund_request_id AS refundRequestId, coalesce(s.consumed_tokens - s.included_tokens, 0) AS chargedTokens,
    coalesce((SELECT t.used_tokens FROM settlements t WHERE t.session_id = c.session_id), 0) AS settledTokens,
    (SELECT coalesce(sum(r.tokens), 0) FROM reversals r WHERE r.session_id = c.session_id) AS returnedTokens,
    coalesce(s.active_seconds, 0) AS activeSeconds, s.ended_at AS endedAt
  FROM complaints c JOIN sessions s ON s.id = c.session_id LEFT JOIN users u ON u.id = c.user_id`;

export const insertComplaint = (
  db: D1Database,
  it: Pick<Complaint, "id" | "sessionId" | "userId" | "providerId" | "category" | "text" | "createdAt">,
): D1PreparedStatement =>
  db
    .prepare(
      "INSERT INTO complaints (id, session_id, user_id, provider_id, category, text, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(it.id, it.sessionId, it.userId, it.providerId, it.category, it.text, it.createdAt);

export const findComplaint = (db: D1Database, id: string): Promise<Complaint | null> =>
  db.prepare(`${COMPLAINT} WHERE c.id = ?`).bind(id).first<Complaint>();

/** Oldest first. */
export const complaintsOfSession = async (db: D1Database, sessionId: string): Promise<Complaint[]> =>
  (await db.prepare(`${COMPLAINT} WHERE c.session_id = ? ORDER BY c.id`).bind(sessionId).all<Complaint>()).results;

/** What waits comes oldest first; what was decided, newest first. `after`: the last id of the page before. */
export async function listComplaints(
  db: D1Database,
  query: { status: ComplaintStatus; after: string | null; limit: number },
): Promise<Complaint[]> {
  const [beyond, order] = query.status === "open" ? [">", "ASC"] : ["<", "DESC"];
  const { results } = await db
    .prepare(`${COMPLAINT} WHERE c.status = ?1 AND (?2 IS NULL OR c.id ${beyond} ?2) ORDER BY c.id ${order} LIMIT ?3`)
    .bind(query.status, query.after, query.limit)
    .all<Complaint>();
  return results;
}

/** Decides one that is open; of one that is decided it changes nothing and answers no row. */
export const decideStatement = (
  db: D1Database,
  it: {
    id: string;
    status: "granted" | "declined";
    operatorId: string;
    answer: string;
    reversedTokens: number;
    refundRequestId: string | null;
  },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE complaints SET status = ?2, decided_at = ?3, decided_by = ?4, answer = ?5, reversed_tokens = ?6,
         refund_request_id = (SELECT id FROM refund_requests WHERE id = ?7) WHERE id = ?1`,
    )
    .bind(it.id, it.status, now, it.operatorId, it.answer, it.reversedTokens, it.refundRequestId);

/** The purchase that paid most of what a session charged: where a refund to the card goes. */
export const orderBehind = (db: D1Database, sessionId: string): Promise<{ orderId: string } | null> =>
  db
    .prepare(
      `SELECT o.id AS orderId FROM settlement_draws d JOIN orders o ON o.id = d.lot_id
       WHERE d.session_id = ? AND d.used > 0 GROUP BY o.id ORDER BY sum(d.used) DESC LIMIT 1`,
    )
    .bind(sessionId)
    .first<{ orderId: string }>();

/** Sends on to the card what a reversal has just given back of bought tokens. Commits after the reversal, in its batch. */
export const refundReversal = (
  db: D1Database,
  it: { requestId: string; reversalId: string; orderId: string; operatorId: string; reason: string; nextTryAt: Millis },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO refund_requests (id, order_id, lot_id, wallet_id, user_id, tokens, operator_id, reason, next_try_at, created_at)
       SELECT ?1, o.id, l.id, o.wallet_id, o.user_id, l.remaining, ?4, ?5, ?6, ?7
       FROM orders o JOIN lots l ON l.id = ?2 AND l.kind = 'paid' AND l.remaining > 0 WHERE o.id = ?3`,
    )
    .bind(it.requestId, it.reversalId, it.orderId, it.operatorId, it.reason, it.nextTryAt, now);
