// The words of the search's filters, in German.

import type { SearchWords } from "./en-search.ts";

export const deSearch: SearchWords = {
  filters: (count) => (count === 0 ? "Filter" : `Filter (${count})`),
  any: "Egal",
  names: {
    category: "Kategorie",
    pricingModel: "Bezahlt wird",
    maxTokensPerHour: "Höchstens, Token je Stunde",
    maxTokensPerAction: "Höchstens, Token je Stück",
    minRating: "Bewertung, mindestens",
    availableOnly: "Jetzt startbar",
    region: "Angeboten in",
    withoutData: "Erhält nicht",
  },
  models: {
    flat: "ein fester Preis",
    per_unit: "je Einheit",
    package: "in Paketen",
    graduated: "gestaffelt, jede Stufe zu ihrem Preis",
    volume: "gestaffelt, alles zu einem Preis",
    percentage: "ein Anteil",
    graduated_percentage: "gestaffelte Anteile",
    dynamic: "was die App nennt",
    hybrid: "Grundpreis und was darüber ist",
    bounded: "mit Mindest- oder Höchstpreis",
  },
  counted: (name, count) => `${name} (${count})`,
  stars: (count) => `${count} von 5`,
  clear: "Alle Filter entfernen",
  readAs: (english) => `Gesucht auf Englisch: „${english}“.`,
  corrected: (to, from) => `Gesucht wurde „${to}“ statt „${from}“.`,
  weak: "Nichts hier ist genau das; diese kommen dem nahe.",
  none: "Keine App hier sagt, dass sie das tut. Was Sie sehen, kommt dem nur nahe.",
  says: (text) => `sagt: „${text}“`,
  without: (name, count) => `Ohne „${name}“: ${count}`,
  noneBody: "Keine App erfüllt alle diese Filter. Nehmen Sie einen weg:",
};
