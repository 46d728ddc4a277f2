// The words of recommendations, in English.

export const enRecommendations = {
  title: "For what you use",
  titleAfter: "After this session",
  lead: "From your own sessions and from what others use together. Nobody can pay to be here.",
  how: "How this is worked out",
  together: (app: string, people: string, of: string) => `${people} of ${of} people who use ${app} also use this.`,
  cheaper: (it: { app: string; sessions: number; paid: string; would: string; days: string }) =>
    `Your ${it.sessions === 1 ? "session" : `${it.sessions} sessions`} with ${it.app} in ${it.days} days came to ${it.paid}; at this app's price ${it.sessions === 1 ? "it" : "they"} would have been ${it.would}.`,
  says: (own: string, other: string) => `Both say they do it: “${own}” and “${other}”`,
  plan: (it: { app: string; plan: string; paid: string; would: string; days: string }) =>
    `You paid ${it.paid} in ${it.app} in ${it.days} days. With its plan “${it.plan}” it would have been ${it.would}.`,
  kinds: { together: "Used together", cheaper: "Costs less", plan: "A plan would cost less" },
  dismiss: "Not for me",
  dismissed: (app: string) => `${app} is not recommended to you again.`,
};
export type RecommendationWords = typeof enRecommendations;
