// The words of recommendations, in German.

import type { RecommendationWords } from "./en-recommendations.ts";

export const deRecommendations: RecommendationWords = {
  title: "Passend zu dem, was Sie nutzen",
  titleAfter: "Nach dieser Sitzung",
  lead: "Aus Ihren eigenen Sitzungen und aus dem, was andere zusammen nutzen. Niemand kann sich hier einkaufen.",
  how: "Wie das berechnet wird",
  together: (app, people, of) => `${people} von ${of} Menschen, die ${app} nutzen, nutzen auch diese App.`,
  cheaper: ({ app, sessions, paid, would, days }) =>
    sessions === 1
      ? `Ihre Sitzung mit ${app} in ${days} Tagen kostete ${paid}; zum Preis dieser App wären es ${would} gewesen.`
      : `Ihre ${sessions} Sitzungen mit ${app} in ${days} Tagen kosteten ${paid}; zum Preis dieser App wären es ${would} gewesen.`,
  says: (own, other) => `Beide sagen, dass sie es tun: „${own}“ und „${other}“`,
  plan: ({ app, plan, paid, would, days }) =>
    `Sie haben in ${days} Tagen ${paid} in ${app} bezahlt. Mit dem Plan „${plan}“ wären es ${would} gewesen.`,
  kinds: { together: "Zusammen genutzt", cheaper: "Kostet weniger", plan: "Ein Plan wäre günstiger" },
  dismiss: "Nichts für mich",
  dismissed: (app) => `${app} wird Ihnen nicht mehr empfohlen.`,
};
