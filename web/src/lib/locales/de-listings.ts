// The words of the operators' page about apps that wait or are flagged, in German.

import type { enListings } from "./en-listings.ts";

export const deListingsArea = {
  listings: { label: "Einträge", what: "Apps, die auf Freigabe warten, und Texte, die sich an Maschinen richten." },
};

export const deListings: typeof enListings = {
  title: "Einträge",
  lead: "Apps, die auf Freigabe warten, und Apps, deren Texte jemand ansehen sollte. Ein Hinweis ist kein Beweis.",
  failed: "Die Einträge ließen sich nicht laden.",
  none: "Nichts wartet",
  noneBody: "Im Betrieb warten neue Apps hier. Apps, deren Texte sich an Maschinen richten, stehen überall hier.",
  pending: "Wartet auf Freigabe",
  approved: "Im Katalog",
  flagged: "Ansehen",
  kinds: {
    instructions: "richtet sich an Maschinen",
    markup: "Auszeichnung",
    address: "eine Adresse",
    stuffing: "gehäufte Wörter",
    lookalike: "Buchstaben, die andere vortäuschen",
  },
  fields: {
    name: "Name",
    description: "Beschreibung",
    tags: "Schlagwörter",
    useCases: "Anwendungen",
    refundTerms: "Erstattung",
    dataReceived: "Empfangene Daten",
  },
  changed: (when) => `Geändert ${when}`,
  decide: "Entscheiden",
  decideTitle: (name) => `Über ${name} entscheiden`,
  decideBody:
    "Zeigen: Sie steht im Katalog, und diese Stellen werden nicht wieder gemeldet. Herausnehmen: Niemand findet oder startet sie.",
  reason: "Grund",
  reasonHint: "Er wird aufbewahrt und der anbietenden Person mitgeteilt.",
  approve: "Zeigen",
  reject: "Herausnehmen",
  keep: "Jetzt nicht",
  ownerGone: "Konto gelöscht",
};
