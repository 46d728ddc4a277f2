import type { RevenueMessages } from "./en-revenue.ts";

export const deRevenue: RevenueMessages = {
  title: "Umsatz",
  lead: "Was den Leuten berechnet wurde und was der Plattform davon blieb.",
  from: "Von",
  to: "Bis",
  by: "Nach",
  day: "Tag",
  app: "App",
  net: "Behalten",
  netHint: "Gebühren ohne Geschenke und Rabatte, die die Plattform trägt.",
  gross: "Berechnet",
  fee: "Gebühren",
  promo: "Geschenke",
  discount: "Rabatte",
  sessions: "Sitzungen",
  total: "Zusammen",
  save: "Als CSV speichern",
  emptyTitle: "In dieser Zeit wurde nichts abgerechnet",
  emptyBody: "Wählen Sie andere Tage. Sitzungen zählen an dem Tag, an dem sie abgerechnet werden.",
  failed: "Die Zahlen konnten nicht geladen werden.",
};
