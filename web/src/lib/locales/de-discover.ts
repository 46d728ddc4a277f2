// The words of the discovery chat's page in German.

import type { DiscoverWords } from "./en-discover.ts";

export const deDiscover: DiscoverWords = {
  title: "Eine App im Gespräch finden",
  description:
    "Sagen Sie, was Sie brauchen, wie oft und was es kosten darf. Sie hören, welche App das kann und was ein Monat kostet.",
  headline: "Was möchten Sie erledigen?",
  intro:
    "Sagen Sie es in Ihren Worten, auch wie oft und was es kosten darf. Sie bekommen Apps und was ein Monat kosten würde; ausgegeben wird nichts. Deutsche Sätze werden dafür Wort für Wort ins Englische übertragen.",
  examples: [
    "plan my meals, 2 bis 3 Stunden pro Woche, unter 20 Dollar im Monat",
    "subtitles for my videos, 60 video minutes im Monat",
    "help with maths homework, zweimal pro Woche für 30 Minuten",
  ],
  you: "Sie",
  answer: "Antwort",
  field: "Ihre Nachricht",
  placeholder: "Was brauchen Sie?",
  placeholderNext: "Günstiger? Etwas anderes?",
  send: "Senden",
  stop: "Stopp",
  keys: "Enter sendet, Umschalt und Enter beginnt eine neue Zeile, Escape hält an.",
  left: (count) => `noch ${count} Zeichen`,
  looking: "Der Katalog wird durchsucht",
  chips: "Was ich verstanden habe",
  remove: (chip) => `Vergessen: ${chip}`,
  removed: "Ohne das",
  afresh: "Gespräch vergessen",
  forgotten: "Vergessen. Sie können neu anfangen.",
  cards: "Apps",
  month: "im Monat",
  atMost: "höchstens",
  plus: "dazu, was sie sonst zählt",
  hourMost: (tokens) => `eine Stunde höchstens ${tokens}`,
  budget: { inside: "Innerhalb Ihrer Grenze", maybe: "Vielleicht über Ihrer Grenze", over: "Über Ihrer Grenze" },
  weak: "Nicht sicher, ob das gemeint ist",
  near: "Nichts passt; diese sind nur ähnlich",
  says: (words) => `In ihren Worten: „${words}“`,
  start: (name) => `Zum Preis von ${name}`,
  startHint: "Reserviert wird erst, wenn Sie dort starten.",
  by: {
    embedded: "Beantwortet von Suche und Regeln, ohne Sprachmodell. Jeder Betrag kommt aus der Abrechnung.",
    model: (name) => `Formuliert von ${name}. Apps, Reihenfolge und jeder Betrag sind unsere.`,
  },
  stopped: "Angehalten. Was bis hierher kam, gilt.",
  lost: "Die Verbindung ist abgerissen. Was bis hierher kam, gilt, und nichts wurde ausgegeben.",
  lostOffline: "Sie sind offline. Die Antwort geht weiter, sobald das Netz zurück ist.",
  goOn: "Weiter",
  again: "Noch einmal fragen",
  offline: "Sie sind offline. Was gesagt wurde, bleibt; neue Antworten brauchen das Netz.",
  follow: { cheaper: "Günstiger", compare: "Vergleiche 1 und 2", start: "Starte die erste", more: "Mehr" },
};
