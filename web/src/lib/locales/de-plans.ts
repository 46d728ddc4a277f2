// Die Worte über Monatspläne auf Deutsch.

import type { PlanMessages } from "./en-plans.ts";

export const dePlans: PlanMessages = {
  title: "Monatspläne",
  lead: "Ohne Plan zahlen Sie, was Sie nutzen. Mit einem legt eine Sitzung zurück, was er enthält, und reserviert nur den Rest aus Ihrem Guthaben; was sie nicht nutzt, bleibt für die nächste.",
  offer: (money, tokens) => `${money} im Monat, ${tokens} Token Nutzung enthalten`,
  month: (money) => `${money} im Monat`,
  take: (money) => `Für ${money} im Monat abonnieren`,
  left: (tokens, until) => `${tokens} Token Nutzung sind bis ${until} übrig.`,
  overdue: "Die letzte Zahlung ging nicht durch. Bis sie bezahlt ist, ist nichts enthalten.",
  ends: (until) => `Endet ${until}. Es wird nichts mehr abgebucht.`,
  end: "Mit diesem Monat beenden",
  keep: "Plan behalten",
  mine: "Ihre Pläne",
  mineLead: "Eine Sitzung seiner App nutzt zuerst, was der Plan enthält; Ihr Guthaben zahlt nur den Rest.",
  toApp: "Zur App",
  failed: "Ihre Pläne konnten nicht geladen werden",
  owner: {
    lead: "Ein monatlicher Grundpreis, der Nutzung Ihrer App enthält. Sie bekommen Ihren Anteil mit jedem bezahlten Monat, genutzt oder nicht.",
    none: "Kein Plan im Angebot.",
    new: "Ein neuer Plan",
    name: "Name",
    month: "Preis im Monat",
    monthHint: "In Dollar, ab 1,00 $.",
    included: "Enthaltene Nutzung, in Token",
    includedHint: (hours) => `Zu Ihrem Preis sind das ${hours}.`,
    offer: "Diesen Plan anbieten",
    retire: "Nicht mehr anbieten",
    kept: "Wer ihn hat, behält ihn.",
    share: (share, fee) => `Von jedem Monat bekommen Sie ${share}, wir behalten ${fee}.`,
    frozen: "Ein Plan ändert sich danach nie: ein neuer Preis ist ein neuer Plan.",
    missing: "Geben Sie Namen, Preis und enthaltene Nutzung an.",
  },
};
