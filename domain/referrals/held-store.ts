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

/** Another account of what may be the same person. */
export interface AccountLink {
  userId: string;
  /** Null: it was deleted. */
  email: string | null;
  /** Who brought the person; else somebody else they brought. */
  isReferrer: boolean;
  by: "card" | "payout" | "operator";
}
export interface HeldReferral {
  referredUserId: string;
  referredEmail: string | null;
  referrerUserId: string;
  referrerEmail: string | null;
  /** How many people the referrer has brought, this one among them. */
  broughtPeople: number;
  /** Of the referred person. */
  links: AccountLink[];
  tokens: number;
  claimedAt: Millis;
  heldReason: string;
}
/** Of the many people somebody brought so many links are shown; more say nothing more. */
const LINKS_MAX = 10;
export const HELD = "rewarded_at IS NULL AND held_reason IN ('linked_accounts', 'many_referrals')";

/** Oldest first. */
export async function listHeld(db: D1Database, limit: number): Promise<HeldReferral[]> {
  const { results } = await db
    .prepare(
      `SELECT r.referred_user_id AS referredUserId, a.email AS referredEmail, r.referrer_user_id AS referrerUserId,
         b.email AS referrerEmail, r.tokens, r.claimed_at AS claimedAt, r.held_reason AS heldReason,
         (SELECT count(*) FROM referrals o WHERE o.referrer_user_id = r.referrer_user_id) AS broughtPeople,
         (SELECT json_group_array(json_object('userId', userId, 'email', email, 'isReferrer', isReferrer, 'by', reason)) FROM (
           SELECT k.other_user_id AS userId, u.email, k.reason, k.other_user_id = r.referrer_user_id AS isReferrer
           FROM account_links k LEFT JOIN users u ON u.id = k.other_user_id
           WHERE k.user_id = r.referred_user_id AND (k.other_user_id = r.referrer_user_id OR k.other_user_id IN (
             SELECT o.referred_user_id FROM referrals o WHERE o.referrer_user_id = r.referrer_user_id))
           ORDER BY isReferrer DESC, k.at, k.other_user_id LIMIT ${LINKS_MAX})) AS links
       FROM (SELECT * FROM referrals WHERE ${HELD} ORDER BY claimed_at LIMIT ?) r
         LEFT JOIN users a ON a.id = r.referred_user_id LEFT JOIN users b ON b.id = r.referrer_user_id
       ORDER BY r.claimed_at, r.referred_user_id`,
    )
    .bind(limit)
    .all<Omit<HeldReferral, "links"> & { links: string }>();
  return results.map((row) => ({
    ...row,
    links: (JSON.parse(row.links) as (Omit<AccountLink, "isReferrer"> & { isReferrer: 0 | 1 })[]).map((link) => ({
      ...link,
      isReferrer: link.isReferrer === 1,
    })),
  }));
}

export const isHeld = async (db: D1Database, referredUserId: string): Promise<boolean> =>
  (await db.prepare(`SELECT 1 FROM referrals WHERE referred_user_id = ? AND ${HELD}`).bind(referredUserId).first()) !==
  null;

export const decideHeld = (db: D1Database, referredUserId: string, decided: string): D1PreparedStatement =>
  db
    .prepare(`UPDATE referrals SET held_reason = ?2 WHERE referred_user_id = ?1 AND ${HELD}`)
    .bind(referredUserId, decided);
