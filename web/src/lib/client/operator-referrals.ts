// Referrals that are held for a look: the operators' endpoints.

import { call } from "./api.ts";

export interface HeldReferral {
  referredUserId: string;
  /** Null after the account was deleted. */
  referredEmail: string | null;
  referrerEmail: string | null;
  broughtPeople: number;
  links: { userId: string; email: string | null; isReferrer: boolean; by: "card" | "payout" | "operator" }[];
  tokens: number;
  claimedAt: string;
  heldReason: "linked_accounts" | "many_referrals";
}
export type ReferralDecision = "release" | "decline";

export const listHeldReferrals = () =>
  call<{ referrals: HeldReferral[] }>("/v1/operator/referrals").then((answer) => answer.referrals);
/** Once, with a reason that is kept. */
export const decideReferral = (referredUserId: string, decision: ReferralDecision, reason: string) =>
  call<{ decided: true }>(`/v1/operator/referrals/${encodeURIComponent(referredUserId)}/decide`, {
    method: "POST",
    body: { decision, reason },
  });
