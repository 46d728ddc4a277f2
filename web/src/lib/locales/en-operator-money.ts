// The words of the operators' pages about complaints and disputes, in English.

import type { Dispute, ReportedProblem } from "../client/money-back.ts";

export const enComplaints = {
  title: "Complaints",
  lead: "What people reported about sessions, the longest wait first. Every answer stands on their receipt.",
  tabs: { open: "Waiting", granted: "Granted", declined: "Declined" } as Record<ReportedProblem["status"], string>,
  tabsLabel: "Which complaints",
  failed: "The complaints could not be loaded.",
  none: {
    open: "Nobody waits for an answer",
    granted: "Nothing was granted yet",
    declined: "Nothing was declined yet",
  } as Record<ReportedProblem["status"], string>,
  noneBody: "Reports from receipts come in here.",
  by: (email: string) => `by ${email}`,
  erased: "a deleted account",
  charged: (tokens: string, duration: string) => `${tokens} charged for ${duration}`,
  returned: (tokens: string) => `${tokens} returned so far`,
  session: "Session",
  answerLabel: "Your answer to the person",
  answerHint: "They read it on the receipt.",
  answerMissing: "Write what they should read.",
  tokensLabel: "Tokens to give back",
  tokensHint: (max: string) => `At most ${max}. The app and we give up what we earned by them.`,
  reverse: (tokens: string) => `Give ${tokens} back`,
  refund: "Refund the card",
  decline: "Decline",
  decided: "Decided",
  yourAnswer: "Answer",
  more: "Show more",
};

export const enDisputes = {
  title: "Disputes",
  lead: "Payments that buyers took back at their bank. The evidence is written at Stripe; here is what it does to tokens.",
  failed: "The disputes could not be loaded.",
  none: "No payment was ever disputed",
  noneBody: "A dispute comes in here the moment Stripe tells of it, with the tokens it froze.",
  status: {
    inquiry: "Inquiry: no money moved yet",
    closed: "Inquiry closed",
    open: "Open: tokens frozen",
    won: "Won: tokens are back",
    lost: "Lost",
  } as Record<Dispute["status"], string>,
  /** Stripe's codes; another one is shown as it is. */
  reasons: {
    fraudulent: "says it was not them",
    product_not_received: "says nothing arrived",
    product_unacceptable: "says it was not as described",
    duplicate: "says it was charged twice",
    subscription_canceled: "says the plan was ended",
    credit_not_processed: "says money back never came",
    unrecognized: "does not recognise it",
    general: "gives no reason",
  } as Record<string, string>,
  respondBy: (when: string) => `Answer at Stripe until ${when}`,
  frozen: (tokens: string) => `${tokens} frozen`,
  gone: (tokens: string) => `${tokens} taken back`,
  loss: (money: string) => `${money} were spent already: our loss`,
  fee: (money: string) => `Stripe keeps ${money}`,
  blocked: "May not buy or start",
  lift: "Lift the block",
  liftTitle: "Let this person buy and start again",
  liftBody: "Say why: the loss was repaid, or the bank was wrong. The reason is kept.",
  reason: "Reason",
  keep: "Keep it",
  more: "Show more",
};

export const enMoneyAreas = {
  complaints: { label: "Complaints", what: "People who reported a problem and wait for an answer." },
  disputes: { label: "Disputes", what: "Payments taken back at a bank, and who is stopped because of one." },
};
