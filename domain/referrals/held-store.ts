// SQL of referrals that look like a farm: held before they are rewarded, until an operator has looked. What was decided stands
// in `held_reason`, with who and why.

import type { Millis } from "../clock.ts";

const MONTH_MS = 30 * 24 * 60 * 60 * 1000;
/** How `held_reason` begins once somebody has decided. */
export const RELEASED = "released: ";
export const DECLINED = "declined: ";

const LINKED = `EXISTS (SELECT 1 FROM account_links k WHERE k.user_id = referrals.referred_user_id AND (
    k.other_user_id = referrals.referrer_user_id OR k.other_user_id IN (
      SELECT o.referred_user_id FROM referrals o WHERE o.referrer_user_id = referrals.referrer_user_id)))`;
const MANY = `(SELECT count(*) FROM referrals o WHERE o.referrer_user_id = referrals.referrer_user_id AND o.claimed_at > ?1) > ?2`;

/** Both sides, or two of the brought people, are one person's accounts; or somebody brings more people than people know. */
export const holdFarms = (db: D1Database, perMonthMax: number, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE referrals SET held_reason = CASE WHEN ${LINKED} THEN 'linked_accounts' ELSE 'many_referrals' END
       WHERE rewarded_at IS NULL AND held_reason IS NULL AND (${LINKED} OR ${MANY})`,
    )
    .bind(now - MONTH_MS, perMonthMax);

export interface HeldReferral {
  referredUserId: string;
  referrerUserId: string;
  tokens: number;
  claimedAt: Millis;
  heldReason: string;
}
const HELD = "rewarded_at IS NULL AND held_reason IN ('linked_accounts', 'many_referrals')";

/** Oldest first. */
export const listHeld = async (db: D1Database, limit: number): Promise<HeldReferral[]> =>
  (
    await db
      .prepare(
        `SELECT referred_user_id AS referredUserId, referrer_user_id AS referrerUserId, tokens, claimed_at AS claimedAt,
           held_reason AS heldReason FROM referrals WHERE ${HELD} ORDER BY claimed_at LIMIT ?`,
      )
      .bind(limit)
      .all<HeldReferral>()
  ).results;

export const isHeld = async (db: D1Database, referredUserId: string): Promise<boolean> =>
  (await db.prepare(`SELECT 1 FROM referrals WHERE referred_user_id = ? AND ${HELD}`).bind(referredUserId).first()) !==
  null;

export const decideHeld = (db: D1Database, referredUserId: string, decided: string): D1PreparedStatement =>
  db
    .prepare(`UPDATE referrals SET held_reason = ?2 WHERE referred_user_id = ?1 AND ${HELD}`)
    .bind(referredUserId, decided);
