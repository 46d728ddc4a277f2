// The words of what a balance is made of, in German.

import type { enLots } from "./en-lots.ts";

export const deLots: typeof enLots = {
  paid: "Gekauft, verfallen nie",
  promotional: "Geschenkt, zuerst verbraucht",
  nextExpiry: (tokens, moment) => `${tokens} verfallen ${moment}`,
  show: "Woraus es besteht",
  failed: "Die Teile des Guthabens ließen sich nicht laden. Ihre Token sind nicht betroffen.",
  never: "verfällt nie",
  until: (moment) => `bis ${moment}`,
  sources: {
    purchase: "Gekauft",
    bundle: "Paket",
    top_up: "Automatisch aufgeladen",
    subscription: "Abonnement",
    organisation: "Von Ihrer Organisation",
    promotion: "Geschenk",
    trial: "Willkommensgeschenk",
    referral: "Für eine Empfehlung",
    reversal: "Aus einer Sitzung zurück",
    refund_undone: "Zurückgekommene Erstattung",
    dispute_won: "Aus einem entschiedenen Kartenstreit",
  },
};
