// The words about monthly plans in English.

export const enPlans = {
  title: "Monthly plans",
  lead: "Without a plan you pay for what you use. With one, what it includes comes back the moment a session ends; until then a session holds tokens of your wallet as always.",
  offer: (money: string, tokens: string) => `${money} a month, ${tokens} tokens of use included`,
  take: (money: string) => `Subscribe for ${money} a month`,
  left: (tokens: string, until: string) => `${tokens} tokens of use are left until ${until}.`,
  overdue: "The last payment did not go through. Nothing is included until it is paid.",
  ends: (until: string) => `Ends ${until}. Nothing more is charged.`,
  end: "End with this month",
  keep: "Keep the plan",
  mine: "Your plans",
  mineLead: "What a plan includes comes back to the wallet the moment a session of its app ends.",
  toApp: "To the app",
  failed: "Your plans could not be loaded",
  owner: {
    lead: "A monthly base that includes use of your app. You get your share of it with each paid month, used or not.",
    none: "No plan is on offer.",
    name: "Name",
    month: "Price a month",
    monthHint: "In dollars, from $0.50.",
    included: "Use it includes, in tokens",
    includedHint: (hours: string) => `At your price that is ${hours}.`,
    offer: "Offer this plan",
    retire: "Offer it to nobody new",
    kept: "Whoever has it keeps it.",
    share: (share: string, fee: string) => `Of each month you get ${share}, we keep ${fee}.`,
    frozen: "A plan never changes afterwards: a new price is a new plan.",
    missing: "Give it a name, a price and what it includes.",
  },
};
export type PlanMessages = typeof enPlans;
