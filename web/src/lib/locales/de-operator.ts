// The words of the operators' pages in German.

import { deBooks, deBooksArea } from "./de-books.ts";
import { deComplaints, deDisputes, deMoneyAreas } from "./de-operator-money.ts";
import { deOperatorDebts, deOperatorDebtsArea } from "./de-operator-debts.ts";
import { deHeldReferrals, deHeldReferralsArea } from "./de-held-referrals.ts";
import { deGrants, deGrantsArea } from "./de-grants.ts";
import { deListings, deListingsArea } from "./de-listings.ts";
import { deOnboarding, deOnboardingArea } from "./de-onboarding.ts";
import { deReviews } from "./de-reviews.ts";
import { deRevenue } from "./de-revenue.ts";
import type { OperatorMessages } from "./en-operator.ts";
import { deSelling } from "./de-operator-selling.ts";

export const deOperator: OperatorMessages = {
  operator: {
    title: "Betrieb",
    lead: "Was einen Menschen braucht: die Bücher, fehlgelaufenes Geld, Leute, die auf Antwort warten.",
    nav: "Bereiche des Betriebs",
    waiting: "offen",
    nothing: "nichts offen",
    countsFailed: "Was wartet, ließ sich nicht zählen. Die Bereiche gehen trotzdem.",
    notYoursTitle: "Dieser Bereich ist für den Betrieb",
    notYoursBody: "Ihr Konto darf ihn nicht sehen. Guthaben, Sitzungen und Apps sind, wo sie waren.",
    toWallet: "Zum Guthaben",
    revenue: deRevenue,
    areas: {
      ...deBooksArea,
      ...deMoneyAreas,
      ...deOnboardingArea,
      ...deListingsArea,
      ...deGrantsArea,
      ...deOperatorDebtsArea,
      ...deHeldReferralsArea,
      reviews: {
        label: "Zurückgestellt",
        what: "Bezahlte Käufe, die jemand ansieht, bevor ihre Token ausgebbar sind.",
      },
      slices: { label: "Strittige Nutzung", what: "Belege von Apps, denen jemand widerspricht, und was davon zählt." },
      revenue: { label: "Umsatz", what: "Was berechnet wurde und was der Plattform davon blieb." },
      selling: {
        label: "Verkauf",
        what: "Aktionscodes, Mengenrabatte, Steuer, Probe-Token: was sich verstellen lässt, und wer es verstellte.",
      },
    },
  },
  onboarding: deOnboarding,
  selling: deSelling,
  books: deBooks,
  complaints: deComplaints,
  disputes: deDisputes,
  reviews: deReviews,
  listings: deListings,
  grants: deGrants,
  debts: deOperatorDebts,
  referrals: deHeldReferrals,
};
