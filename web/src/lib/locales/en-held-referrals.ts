// The words of the operators' page about held referrals, in English.

import type { HeldReferral } from "../client/operator-referrals.ts";

export const enHeldReferrals = {
  title: "Held referrals",
  lead: "They look like one person with many accounts. Nobody is rewarded until you decide.",
  failed: "The referrals could not be loaded.",
  none: "No referral is held",
  noneBody: "One is held when both sides share a card or a payout account, or when somebody brings very many people.",
  brought: (referrer: string, referred: string) => `${referrer} brought ${referred}`,
  why: {
    linked_accounts: "Linked accounts",
    many_referrals: "Very many people in 30 days",
  } as Record<HeldReferral["heldReason"], string>,
  people: (count: number, written: string) =>
    count === 1 ? "1 person brought in all" : `${written} people brought in all`,
  erased: "a deleted account",
  link: {
    card: (who: string) => `paid with the same card as ${who}`,
    payout: (who: string) => `is paid to the same account as ${who}`,
    operator: (who: string) => `an operator linked them with ${who}`,
  } as Record<HeldReferral["links"][number]["by"], (who: string) => string>,
  theReferrer: "the one who brought them",
  eachGets: "to each side",
  decide: "Decide",
  decideFor: (referred: string) => `Decide about ${referred}`,
  decideTitle: (tokens: string) => `Decide on ${tokens} to each side`,
  decideBody:
    "Release: it goes on, and both are rewarded once the purchase has stood as long as was agreed. Refuse: nobody is ever rewarded for it.",
  reason: "Reason",
  reasonHint: "It is kept with the referral.",
  release: "Release",
  decline: "Refuse",
  keep: "Not now",
  done: {
    release: (referred: string) => `The referral of ${referred} goes on.`,
    decline: (referred: string) => `The referral of ${referred} is refused.`,
  },
};
export const enHeldReferralsArea = {
  referrals: { label: "Held referrals", what: "Rewards for bringing people that look like one person's accounts." },
};
