// The words of the operators' area for help with new apps in English.

export const enOnboarding = {
  title: "Help with new apps",
  lead: "Providers who asked for somebody at their side. Who waits longest stands first.",
  failed: "The requests could not be loaded.",
  noHelp: "Nobody waits for an answer.",
  aboutApp: (name: string) => `about ${name}`,
  answer: "Your answer",
  send: "Send the answer",
  sending: "Sending",
  missing: "Write a sentence.",
};
export type OnboardingWords = typeof enOnboarding;

export const enOnboardingArea = {
  onboarding: { label: "Help", what: "Providers who want somebody at their side while they bring an app." },
};
