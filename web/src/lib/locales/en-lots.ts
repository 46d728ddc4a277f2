// The words of what a balance is made of, in English.

export const enLots = {
  paid: "Bought, never expire",
  promotional: "Gifts, spent first",
  nextExpiry: (tokens: string, moment: string) => `${tokens} expire ${moment}`,
  show: "What it is made of",
  failed: "The parts of your balance could not be loaded. Your tokens are not affected.",
  never: "never expires",
  until: (moment: string) => `until ${moment}`,
  sources: {
    purchase: "Bought",
    bundle: "Bundle",
    top_up: "Automatic top-up",
    subscription: "Subscription",
    organisation: "From your organisation",
    promotion: "Gift",
    trial: "Welcome gift",
    referral: "For a recommendation",
    reversal: "Given back from a session",
    refund_undone: "A refund that came back",
    dispute_won: "From a dispute that was decided",
  } as Record<string, string>,
};
