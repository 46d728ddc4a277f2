// The words of the operators' page about held purchases, in German.

import type { enReviews } from "./en-reviews.ts";

export const deReviews: typeof enReviews = {
  title: "Zurückgestellte Käufe",
  lead: "Bezahlt und noch nicht ausgebbar, weil etwas dagegen spricht. Ohne Entscheidung wird jeder von selbst frei.",
  tabs: { held: "Zurückgestellt", released: "Freigegeben", refunded: "Erstattet" },
  tabsLabel: "Welche Käufe",
  failed: "Die Käufe ließen sich nicht laden.",
  none: "Keine",
  noneBody:
    "Ein Kauf wird zurückgestellt, wenn Karten der Person oft abgelehnt wurden oder eine Karte zu jemand anderem oder einem gesperrten Konto gehört.",
  reasons: {
    many_declines: "viele abgelehnte Karten davor",
    shared_card: "eine Karte, die ein anderes Konto nutzt",
    stopped_card: "eine Karte eines gesperrten Kontos",
  },
  releasedAt: (when: string) => `Wird von selbst frei: ${when}`,
  decide: "Entscheiden",
  decideTitle: (tokens: string) => `Über ${tokens} entscheiden`,
  decideBody:
    "Freigeben: Die Token sind ausgebbar. Erstatten: Das Geld geht zurück auf die Karte, die Token gehen weg.",
  reason: "Grund",
  reasonHint: "Er bleibt beim Kauf stehen.",
  release: "Token freigeben",
  refund: (money: string) => `${money} erstatten`,
  keep: "Jetzt nicht",
  more: "Mehr zeigen",
};
