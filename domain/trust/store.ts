// Statements of the fraud controls (migrations/0018_trust.sql).

import type { Millis } from "../clock.ts";

const HOUR_MS = 60 * 60 * 1000;

/** A declined charge counts against the person whose customer it is; of nobody we know it counts for nothing. */
export const noteDecline = (
  db: D1Database,
  it: { chargeId: string; customerId: string; fingerprint: string | null; at: Millis },
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO declined_payments (id, user_id, fingerprint, at)
       SELECT ?1, id, ?3, ?4 FROM users WHERE stripe_customer_id = ?2 ON CONFLICT (id) DO NOTHING`,
    )
    .bind(it.chargeId, it.customerId, it.fingerprint, it.at);

/** Which card paid this order. */
export const noteCard = (db: D1Database, orderId: string, fingerprint: string, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO card_uses (fingerprint, user_id, first_at, last_at) SELECT ?2, user_id, ?3, ?3 FROM orders WHERE id = ?1
       ON CONFLICT (fingerprint, user_id) DO UPDATE SET last_at = excluded.last_at`,
    )
    .bind(orderId, fingerprint, now);

export interface HoldRules {
  holdHours: number;
  declinesMin: number;
  /** Cards are people's own: also look at who else used this one. */
  cardsCount: boolean;
  cardPeopleMax: number;
}

/** Hold an order that turned paid in this very batch, where something speaks against it. One that goes back is not held. */
export const holdIfSuspicious = (
  db: D1Database,
  it: { orderId: string; fingerprint: string | null; rules: HoldRules },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO purchase_reviews (order_id, wallet_id, user_id, reasons, created_at, release_at)
       SELECT id, wallet_id, user_id, trim(reasons), ?2, ?3 FROM (SELECT o.id, o.wallet_id, o.user_id,
           CASE WHEN (SELECT count(*) FROM declined_payments d WHERE d.user_id = o.user_id AND d.at > ?2 - 86400000) >= ?4
             THEN 'many_declines ' ELSE '' END
           || CASE WHEN ?5 AND (SELECT count(*) FROM card_uses WHERE fingerprint = ?6) > ?7 THEN 'shared_card ' ELSE '' END
           || CASE WHEN ?5 AND EXISTS (SELECT 1 FROM card_uses c JOIN wallet_blocks b ON b.user_id = c.user_id
                WHERE c.fingerprint = ?6 AND c.user_id <> o.user_id AND b.lifted_at IS NULL) THEN 'stopped_card ' ELSE '' END
           AS reasons
         FROM orders o JOIN lots l ON l.id = o.id AND l.remaining > 0 WHERE o.id = ?1 AND o.paid_at = ?2
           AND NOT EXISTS (SELECT 1 FROM erased_buyers e WHERE e.order_id = o.id))
       WHERE reasons <> '' ON CONFLICT (order_id) DO NOTHING`,
    )
    .bind(
      it.orderId,
      now,
      now + it.rules.holdHours * HOUR_MS,
      it.rules.declinesMin,
      it.rules.cardsCount ? 1 : 0,
      it.fingerprint,
      it.rules.cardPeopleMax,
    );

/** The setting's default with live payments; what an operator set stays, and so does the note of who changed it when. */
export const cardsAreOwn = (db: D1Database, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO settings (key, value, updated_at, updated_by) VALUES ('cardSharingRules', 'true', ?, 'live payments')
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by
       WHERE settings.value IS NULL`,
    )
    .bind(now);

/** What a person tried to buy within the last hour. */
export const readVelocity = async (
  db: D1Database,
  userId: string,
  now: Millis,
): Promise<{ opened: number; declined: number }> =>
  (await db
    .prepare(
      `SELECT (SELECT count(*) FROM orders WHERE user_id = ?1 AND created_at > ?2) AS opened,
         (SELECT count(*) FROM declined_payments WHERE user_id = ?1 AND at > ?2) AS declined`,
    )
    .bind(userId, now - HOUR_MS)
    .first<{ opened: number; declined: number }>())!;

export const REVIEW_STATUSES = ["held", "released", "refunded"] as const;
export interface Review {
  orderId: string;
  userId: string;
  email: string | null;
  reasons: string;
  tokens: number;
  amountCents: number;
  status: (typeof REVIEW_STATUSES)[number];
  createdAt: Millis;
  releaseAt: Millis;
  decidedAt: Millis | null;
  decisionReason: string | null;
}
const REVIEW = `SELECT r.order_id AS orderId, r.user_id AS userId, u.email, r.reasons, r.tokens, o.amount_cents AS amountCents,
    r.status, r.created_at AS createdAt, r.release_at AS releaseAt, r.decided_at AS decidedAt, r.decision_reason AS decisionReason
  FROM purchase_reviews r JOIN orders o ON o.id = r.order_id LEFT JOIN users u ON u.id = r.user_id`;

export const listReviews = async (
  db: D1Database,
  query: { status: Review["status"]; after: string | null; limit: number },
): Promise<Review[]> =>
  (
    await db
      .prepare(`${REVIEW} WHERE r.status = ?1 AND (?2 IS NULL OR r.order_id < ?2) ORDER BY r.order_id DESC LIMIT ?3`)
      .bind(query.status, query.after, query.limit)
      .all<Review>()
  ).results;

/** Ends a hold; aborts (`review_decided`) where it has ended. */
export const endReview = (
  db: D1Database,
  it: { orderId: string; status: "released" | "refunded"; by: string; reason: string },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE purchase_reviews SET status = ?2, decided_at = ?3, decided_by = ?4, decision_reason = ?5 WHERE order_id = ?1",
    )
    .bind(it.orderId, it.status, now, it.by, it.reason);

/** Holds whose time is over. */
export const releaseDue = (db: D1Database, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE purchase_reviews SET status = 'released', decided_at = ?1, decided_by = 'time', decision_reason = ''
       WHERE status = 'held' AND release_at <= ?1`,
    )
    .bind(now);
