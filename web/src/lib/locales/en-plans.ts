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
};
export type PlanMessages = typeof enPlans;
