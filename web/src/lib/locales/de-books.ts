// The words of the operators' page about the books, in German.

import type { enBooks, enBooksArea } from "./en-books.ts";

export const deBooks: typeof enBooks = {
  title: "Bücher",
  lead: "Jede Zusage der Buchhaltung, stündlich geprüft und sooft Sie wollen. Nichts wird von selbst berichtigt.",
  run: "Jetzt prüfen",
  running: "Wird geprüft",
  failed: "Der Bericht ließ sich nicht laden. Die stündliche Prüfung läuft weiter.",
  neverTitle: "Noch nicht geprüft",
  neverBody: "Die Prüfung läuft jede Stunde. Prüfen Sie jetzt, um den Stand zu sehen.",
  sound: "Die Bücher stimmen",
  broken: (count) => (count === 1 ? "Eine Stelle stimmt nicht" : `${count} Stellen stimmen nicht`),
  checked: (ago, moment) => `Geprüft ${ago}, ${moment}`,
  stale: "Stripe hat nicht geantwortet; verglichen wurde, was es zuvor gemeldet hat.",
  alerts: "Warnungen",
  noAlerts: "Keine Warnung wartet auf Sie.",
  alertSince: (moment, ago) => `Seit ${moment}, zuletzt gefunden ${ago}`,
  expected: "soll",
  found: "ist",
  row: "Wo",
  moreRows: (count) => `${count} Zeilen insgesamt`,
  acknowledge: "Ablegen",
  acknowledgeTitle: "Diese Warnung ablegen",
  acknowledgeBody: "Sie bleibt mit Ihrem Grund vermerkt. Dieselben Zeilen lösen keine neue Warnung aus.",
  reason: "Was es war",
  reasonMissing: "Schreiben Sie in wenigen Worten, was es war.",
  promises: "Zusagen",
  holds: "gilt",
  days: "Unser Guthaben bei Stripe, Tag für Tag",
  daysHint: "Tage in UTC, wie Stripe sie zählt.",
  noDays: "Bei Stripe hat sich in den letzten 35 Tagen nichts bewegt.",
  day: "Tag",
  atStripe: "Stripe",
  inBooks: "Bücher",
  inTransit: "Unterwegs",
  difference: "Unterschied",
};
export const deBooksArea: typeof enBooksArea = {
  books: { label: "Bücher", what: "Ob die Buchhaltung stimmt, auch mit Stripe." },
};
