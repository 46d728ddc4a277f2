// Gives both sides of a referral their tokens once the purchase behind it has stood.

import type { Millis } from "../../domain/clock.ts";
import { rewardReferrals } from "../../domain/referrals/referrals.ts";
import type { Env } from "../env.ts";

export async function rewardDueReferrals(env: Env, now: Millis): Promise<void> {
  const rewarded = await rewardReferrals(env.DB, now);
  if (rewarded > 0) console.log(JSON.stringify({ message: "referrals rewarded", count: rewarded }));
}
