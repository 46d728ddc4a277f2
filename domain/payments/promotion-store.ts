// Every statement about promotion codes and their uses. The limits are held by a trigger when a use is written
// (migrations/0014_buying.sql), so two purchases at once cannot both take the last one.

import type { Millis } from "../clock.ts";
import type { Promotion } from "./price-purchase.ts";

export interface PromotionCode extends Promotion {
  usesMax: number;
  usesPerPersonMax: number;
  startsAt: Millis;
  endsAt: Millis;
  stoppedAt: Millis | null;
  createdBy: string;
  createdAt: Millis;
  /** Orders that are paid or still can be. */
  uses: number;
}

const CODE = `SELECT p.code, p.discount_basis_points AS discountBasisPoints, p.bonus_tokens AS bonusTokens,
    p.bonus_days AS bonusDays, p.tokens_min AS tokensMin, p.uses_max AS usesMax, p.uses_per_person_max AS usesPerPersonMax,
    p.starts_at AS startsAt, p.ends_at AS endsAt, p.stopped_at AS stoppedAt, p.created_by AS createdBy, p.created_at AS createdAt,
    (SELECT count(*) FROM order_promotions u WHERE u.code = p.code AND u.released = 0) AS uses
  FROM promotion_codes p`;

export const findCode = (db: D1Database, code: string): Promise<PromotionCode | null> =>
  db.prepare(`${CODE} WHERE p.code = ?`).bind(code).first<PromotionCode>();

export const listCodes = async (db: D1Database, max: number): Promise<PromotionCode[]> =>
  (await db.prepare(`${CODE} ORDER BY p.created_at DESC, p.code LIMIT ?`).bind(max).all<PromotionCode>()).results;

/** Aborts with a UNIQUE failure when there is such a code. */
export const insertCode = (db: D1Database, it: Omit<PromotionCode, "stoppedAt" | "uses">): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO promotion_codes (code, discount_basis_points, bonus_tokens, bonus_days, tokens_min, uses_max,
         uses_per_person_max, starts_at, ends_at, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      it.code,
      it.discountBasisPoints,
      it.bonusTokens,
      it.bonusDays,
      it.tokensMin,
      it.usesMax,
      it.usesPerPersonMax,
      it.startsAt,
      it.endsAt,
      it.createdBy,
      it.createdAt,
    );

export const stopCode = (db: D1Database, code: string, now: Millis): D1PreparedStatement =>
  db.prepare("UPDATE promotion_codes SET stopped_at = ?2 WHERE code = ?1 AND stopped_at IS NULL").bind(code, now);

/** Use a code for an order, if that order was written. Aborts with one of `PROMOTION_LIMITS`. */
export const useCode = (
  db: D1Database,
  orderId: string,
  it: { promotion: Promotion; userId: string; bonusLotId: string },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO order_promotions (order_id, code, user_id, bonus_tokens, bonus_days, bonus_lot_id, at)
       SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM orders WHERE id = ?1`,
    )
    .bind(orderId, it.promotion.code, it.userId, it.promotion.bonusTokens, it.promotion.bonusDays, it.bonusLotId, now);

export type PromotionLimit = "promotion_over" | "promotion_used_up" | "promotion_used_before";

/** Which limit a failed batch ran into, or null. */
export const promotionLimitOf = (error: unknown): PromotionLimit | null =>
  (/promotion_(over|used_up|used_before)/.exec(String((error as Error)?.message))?.[0] as PromotionLimit) ?? null;

/** Orders of this person that hold a use of the code and are not paid. */
export const openOrdersWithCode = async (db: D1Database, userId: string, code: string): Promise<string[]> =>
  (
    await db
      .prepare(
        `SELECT u.order_id AS id FROM order_promotions u JOIN orders o ON o.id = u.order_id
         WHERE u.code = ?2 AND u.user_id = ?1 AND u.released = 0 AND o.status = 'open'`,
      )
      .bind(userId, code)
      .all<{ id: string }>()
  ).results.map(({ id }) => id);
