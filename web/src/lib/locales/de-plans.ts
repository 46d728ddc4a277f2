// Die Worte über Monatspläne auf Deutsch.

import type { PlanMessages } from "./en-plans.ts";

export const dePlans: PlanMessages = {
  title: "Monatspläne",
  lead: "Ohne Plan zahlen Sie, was Sie nutzen. Mit einem kommt zurück, was er enthält, sobald eine Sitzung endet; bis dahin reserviert sie wie immer Token aus Ihrem Guthaben.",
  offer: (money, tokens) => `${money} im Monat, ${tokens} Token Nutzung enthalten`,
  take: (money) => `Für ${money} im Monat abonnieren`,
  left: (tokens, until) => `${tokens} Token Nutzung sind bis ${until} übrig.`,
  overdue: "Die letzte Zahlung ging nicht durch. Bis sie bezahlt ist, ist nichts enthalten.",
  ends: (until) => `Endet ${until}. Es wird nichts mehr abgebucht.`,
  end: "Mit diesem Monat beenden",
  keep: "Plan behalten",
};
