// Referrals: a code of one's own to pass on, entered once by somebody new, and promotional tokens for both when the new
// person's purchase has stood. Off until an operator sets an amount (docs/buying.md).

import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { readSettings } from "../settings/read-settings.ts";
import { DECLINED, decideHeld, holdFarms, isHeld, RELEASED } from "./held-store.ts";
import { codeOf, countsOf, insertReferral, ownerOfCode, rewardDue, type ReferralCounts } from "./store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Without the characters people mix up. 32^8 codes: nobody finds one by trying. */
const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_LENGTH = 8;
/** One statement of cron; the rest follows an hour later. */
const REWARDS_MAX = 200;

export type ReferralView =
  | { enabled: false }
  | ({ enabled: true; code: string; tokens: number; minTokens: number; waitDays: number } & ReferralCounts);

/** The person's code and what became of it. Makes the code when there is none. */
export async function readReferrals(db: D1Database, userId: string, now: Millis): Promise<ReferralView> {
  const { referralTokens, referralMinTokens, referralWaitDays } = await readSettings(db, now);
  if (referralTokens === 0) return { enabled: false };
  const [code, counts] = await Promise.all([codeOf(db, userId, newCode(), now), countsOf(db, userId)]);
  return {
    enabled: true,
    code,
    tokens: referralTokens,
    minTokens: referralMinTokens,
    waitDays: referralWaitDays,
    ...counts,
  };
}

function newCode(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(CODE_LENGTH));
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

export interface ClaimedReferral {
  tokens: number;
  minTokens: number;
  waitDays: number;
}

/**
 * Enter somebody's code. The terms are those of this moment, whatever the settings become.
 * @throws DomainError `referral_not_possible`, the same for an unknown code and one's own; said apart when the person has
 *   bought or entered a code before.
 */
export async function claimReferral(
  db: D1Database,
  it: { userId: string; code: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<ClaimedReferral> {
  const settings = await readSettings(db, now);
  const code = it.code.trim().toUpperCase();
  if (settings.referralTokens === 0) throw notPossible("There are no referrals at the moment.");
  const owner = await ownerOfCode(db, code);
  if (!owner || owner === it.userId) throw notPossible("This is not a referral code of somebody else.");
  const answer: ClaimedReferral = {
    tokens: settings.referralTokens,
    minTokens: settings.referralMinTokens,
    waitDays: settings.referralWaitDays,
  };
  try {
    await db.batch([
      insertReferral(db, {
        referredUserId: it.userId,
        referrerUserId: owner,
        code,
        tokens: answer.tokens,
        days: settings.referralDays,
        waitMs: answer.waitDays * DAY_MS,
        tokensMin: answer.minTokens,
        claimedAt: now,
      }),
      ...(await recordAnswer(db, it.claim, { status: 200, body: answer }, now)),
    ]);
  } catch (error) {
    const text = String(error);
    if (text.includes("referral_too_late")) throw notPossible("A referral code counts before the first purchase only.");
    if (text.includes("referrals.referred_user_id")) throw notPossible("You have entered a referral code before.");
    throw error;
  }
  return answer;
}

const notPossible = (message: string): DomainError => new DomainError("referral_not_possible", message);

/** Give both sides their tokens where that is due. Run hourly; safe to run any number of times. @returns How many. */
export async function rewardReferrals(db: D1Database, now: Millis): Promise<number> {
  const { referralsPerMonthMax } = await readSettings(db, now);
  // What looks like a farm is held before anything is given.
  const [, rewarded] = await db.batch([holdFarms(db, referralsPerMonthMax, now), rewardDue(db, now, REWARDS_MAX)]);
  return rewarded!.meta.changes;
}

/**
 * An operator has looked at a held referral. Idempotent by `claim`.
 * @throws DomainError `review_not_found` where none is held, or it was decided before.
 */
export async function decideReferral(
  db: D1Database,
  it: {
    referredUserId: string;
    decision: "release" | "decline";
    reason: string;
    operatorId: string;
    claim: IdempotencyClaim | null;
  },
  now: Millis,
): Promise<{ decided: true }> {
  if (!(await isHeld(db, it.referredUserId)))
    throw new DomainError("review_not_found", "There is no such referral that waits for a decision.");
  const answer = { decided: true as const };
  const decided = `${it.decision === "release" ? RELEASED : DECLINED}${it.reason} (${it.operatorId})`;
  await db.batch([
    decideHeld(db, it.referredUserId, decided),
    ...(await recordAnswer(db, it.claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}
