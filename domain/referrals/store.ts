// Every statement about referrals. Rewarding posts itself (migrations/0015_trials_and_referrals.sql).

import type { Millis } from "../clock.ts";

/** The person's own code: the one there is, or this new one. */
export async function codeOf(db: D1Database, userId: string, fresh: string, now: Millis): Promise<string> {
  const [, row] = await db.batch<{ code: string }>([
    db
      .prepare("INSERT INTO referral_codes (code, user_id, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
      .bind(fresh, userId, now),
    db.prepare("SELECT code FROM referral_codes WHERE user_id = ?").bind(userId),
  ]);
  return row!.results[0]!.code;
}

export const ownerOfCode = async (db: D1Database, code: string): Promise<string | null> =>
  (await db.prepare("SELECT user_id AS id FROM referral_codes WHERE code = ?").bind(code).first<{ id: string }>())
    ?.id ?? null;

export interface NewReferral {
  referredUserId: string;
  referrerUserId: string;
  code: string;
  /** To each side. */
  tokens: number;
  days: number;
  waitMs: number;
  tokensMin: number;
  claimedAt: Millis;
}

/** Aborts (`referral_too_late`) for somebody who has bought, and by its key for somebody who was referred already. */
export const insertReferral = (db: D1Database, it: NewReferral): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO referrals (referred_user_id, referrer_user_id, code, tokens, days, wait_ms, tokens_min, claimed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(it.referredUserId, it.referrerUserId, it.code, it.tokens, it.days, it.waitMs, it.tokensMin, it.claimedAt);

export interface ReferralCounts {
  waiting: number;
  rewarded: number;
  earnedTokens: number;
}
export const countsOf = async (db: D1Database, userId: string): Promise<ReferralCounts> =>
  (await db
    .prepare(
      `SELECT count(*) FILTER (WHERE rewarded_at IS NULL) AS waiting, count(rewarded_at) AS rewarded,
         coalesce(sum(tokens) FILTER (WHERE rewarded_at IS NOT NULL), 0) AS earnedTokens
       FROM referrals WHERE referrer_user_id = ?`,
    )
    .bind(userId)
    .first<ReferralCounts>())!;

/**
 * Reward what is due: a purchase of the referred person, large enough and not given back, has stood for the time that was
 * agreed, or was used up in settled sessions before. The condition stands in the statement that posts.
 */
export const rewardDue = (db: D1Database, now: Millis, max: number): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE referrals SET rewarded_at = ?1 WHERE referred_user_id IN (
         SELECT r.referred_user_id FROM referrals r
         WHERE r.rewarded_at IS NULL AND (r.held_reason IS NULL OR r.held_reason LIKE 'released: %') AND EXISTS (
           SELECT 1 FROM orders o JOIN lots l ON l.id = o.id
           WHERE o.user_id = r.referred_user_id AND o.status = 'paid' AND o.refunded_cents = 0 AND o.tokens >= r.tokens_min
             AND (o.paid_at <= ?1 - r.wait_ms OR l.spent = l.issued)
             AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.order_id = o.id AND d.status <> 'won'))
         ORDER BY r.claimed_at LIMIT ?2)`,
    )
    .bind(now, max);
