// The words of the operators' page about what people owe, in English.

import type { DebtState } from "../client/operator-debts.ts";

export const enOperatorDebts = {
  title: "Debts",
  lead: "What had been spent when a bank took a payment back for good. The person's next purchases pay it first; until then they cannot start.",
  total: "Owed by everybody together",
  tabs: { owed: "Owed", settled: "Settled" } as Record<DebtState, string>,
  tabsLabel: "Which debts",
  failed: "The debts could not be loaded.",
  none: { owed: "Nobody owes anything", settled: "Nothing was settled yet" } as Record<DebtState, string>,
  noneBody: {
    owed: "A debt comes in here when a dispute is lost after a part of its tokens was spent.",
    settled: "A debt comes in here when it is paid back, or when you lift the block.",
  } as Record<DebtState, string>,
  from: (disputed: string) => `Of a payment of ${disputed} that was taken back`,
  lost: (money: string) => `${money} were spent when the dispute was lost`,
  returned: (money: string) => `${money} came back from sessions that ran on`,
  repayment: (money: string, tokens: string) => `${money} paid back with ${tokens}`,
  noRepayment: "No purchase paid any of it",
  erased: "A deleted account",
  owed: (money: string) => `${money} owed`,
  repaid: "Paid back",
  written: (money: string) => `${money} not paid back`,
  lifted: (by: string, reason: string) => `Block lifted by ${by}: ${reason}`,
  anOperator: "an operator",
  lift: "Settle it",
  liftFor: (email: string) => `Settle it: ${email}`,
  liftTitle: (money: string) => `Settle ${money} without a purchase`,
  liftBody:
    "They may buy and start again, and owe nothing of this dispute any more. Say why: it was paid another way, or the bank was wrong. The reason is kept.",
  reason: "Reason",
  keep: "Not now",
  dispute: "Dispute",
  more: "Show more",
};
export const enOperatorDebtsArea = {
  debts: { label: "Debts", what: "What people owe after a lost dispute, and what of it was paid back." },
};
