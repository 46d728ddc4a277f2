// The words of returning a purchase and of reporting a problem, in English.

import type { ProblemCategory, WhyNotRefundable } from "../client/money-back.ts";

export const enProblem = {
  button: "Report a problem",
  hint: "A person reads it and answers here.",
  title: "Report a problem",
  lead: (app: string) => `Tell us what went wrong with ${app}. We can give tokens back, or the money to your card.`,
  category: "What happened",
  categories: {
    not_working: "It did not work",
    charged_too_much: "It charged too much",
    not_as_described: "It was not what it said",
    not_me: "It was not me",
    other: "Something else",
  } as Record<ProblemCategory, string>,
  text: "In your words",
  textHint: "When it happened and what you saw. At most 2,000 characters.",
  textMissing: "Write a sentence, so that we know what to look for.",
  send: "Send the report",
  cancel: "Not now",
  sectionTitle: "Your report",
  failed: "Your reports could not be loaded. Your tokens are not affected.",
  open: "We are looking into it",
  granted: (tokens: string, money: string) => `You got ${tokens} back (${money})`,
  refunded: (tokens: string, money: string) => `${tokens} went back to your card (${money})`,
  declined: "We did not give tokens back",
  answered: "Our answer",
};

export const enRefund = {
  title: "Changed your mind?",
  lead: (tokens: string, money: string) =>
    `${tokens} of this purchase are unspent. Return them, and ${money} go back to the card you paid with.`,
  until: (day: string) => `You can do this until ${day}.`,
  button: (money: string) => `Return it and get ${money} back`,
  confirmTitle: "Return this purchase",
  confirm: (tokens: string, money: string) =>
    `${tokens} leave your wallet now. ${money} go back to your card, which takes five to ten days at most banks.`,
  keep: "Keep the tokens",
  done: (money: string) => `${money} are on their way to your card. We tell you if anything stops them.`,
  failed: "We could not find out what can be returned. Your tokens are not affected.",
  whyNot: {
    not_paid: "",
    nothing_left: "Nothing of this purchase is unspent any more.",
    too_late: "The time to return it yourself is over. Write to us if something was wrong.",
    in_progress: "A refund of this purchase is on its way to your card.",
    disputed: "This payment is disputed at your bank, which decides about it now.",
    too_many: "You returned several purchases lately. Write to us about this one.",
    account_blocked: "Your account is stopped while a payment is being settled. Write to us.",
  } as Record<WhyNotRefundable, string>,
};

/** What a person is told of money and tokens that go back; null for other news. */
export function enMoneyBackNews(
  kind: string,
  data: Record<string, unknown>,
  count: (value: number) => string,
  money: (value: number) => string,
): string | null {
  const tokens = count(Number(data.tokens ?? data.frozenTokens ?? 0));
  const amount = money(Number(data.amountCents ?? 0));
  switch (kind) {
    case "refund_done":
      return `${amount} went back to your card for ${tokens} tokens. Most banks take five to ten days.`;
    case "refund_refused":
      return `A refund of ${amount} could not be made. Your ${tokens} tokens are back in your wallet.`;
    case "refund_failed":
      return `Your bank handed a refund of ${amount} back. The tokens are in your wallet again.`;
    case "dispute_opened":
      return `A payment of ${amount} is disputed at the bank. ${tokens} tokens of it wait until it is decided.`;
    case "dispute_won":
      return `The dispute about ${amount} is over. Your tokens are back.`;
    case "dispute_lost":
      return `The bank took ${amount} back. You can start again once that is paid back: see your wallet.`;
    case "debt_repaid":
      return Number(data.owedCents ?? 0) > 0
        ? `${tokens} tokens paid back a part of what the bank had taken. ${money(Number(data.owedCents))} is still owed.`
        : `${tokens} tokens paid back what the bank had taken. You can start again.`;
    case "tokens_granted":
      return data.source === "organisation"
        ? `Your organisation gave you ${tokens} tokens.`
        : `${tokens} tokens were given to you.`;
    case "complaint_granted":
      return `Your report about ${String(data.providerName)} was answered: ${tokens} tokens came back.`;
    case "complaint_declined":
      return `Your report about ${String(data.providerName)} was answered. Read it on the receipt.`;
    case "purchase_held":
      return `Your purchase of ${tokens} tokens is paid. We look at it before you can spend them, a day at most.`;
    default:
      return null;
  }
}
