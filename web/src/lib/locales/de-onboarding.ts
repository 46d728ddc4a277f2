// The words of the operators' area for new apps in German.

import type { OnboardingWords } from "./en-onboarding.ts";

export const deOnboarding: OnboardingWords = {
  title: "Hilfe mit neuen Apps",
  lead: "Anbieter, die jemanden dabeihaben möchten. Wer am längsten wartet, steht oben.",
  failed: "Die Anfragen konnten nicht geladen werden.",
  noHelp: "Niemand wartet auf eine Antwort.",
  aboutApp: (name) => `zu ${name}`,
  answer: "Ihre Antwort",
  send: "Antwort senden",
  sending: "Wird gesendet",
  missing: "Schreiben Sie einen Satz.",
};

export const deOnboardingArea = {
  onboarding: { label: "Hilfe", what: "Anbieter, die beim Mitbringen ihrer App jemanden dabeihaben möchten." },
};
