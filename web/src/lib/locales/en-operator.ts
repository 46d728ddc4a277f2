// The words of the operators' pages in English. An area's own words stand in a file of its own and are put in here.

import { enBooks, enBooksArea } from "./en-books.ts";
import { enComplaints, enDisputes, enMoneyAreas } from "./en-operator-money.ts";
import { enOperatorDebts, enOperatorDebtsArea } from "./en-operator-debts.ts";
import { enHeldReferrals, enHeldReferralsArea } from "./en-held-referrals.ts";
import { enGrants, enGrantsArea } from "./en-grants.ts";
import { enListings, enListingsArea } from "./en-listings.ts";
import { enOnboarding, enOnboardingArea } from "./en-onboarding.ts";
import { enReviews } from "./en-reviews.ts";
import { enRevenue } from "./en-revenue.ts";
import { enSelling } from "./en-operator-selling.ts";

export const enOperator = {
  operator: {
    title: "Operator",
    lead: "What needs a person: the books, money that went wrong, people who wait for an answer.",
    nav: "Operator areas",
    waiting: "waiting",
    nothing: "nothing waits",
    countsFailed: "What waits could not be counted. The areas work all the same.",
    notYoursTitle: "This area is for operators",
    notYoursBody: "Your account may not see it. Your own wallet, sessions and apps are where they were.",
    toWallet: "To your wallet",
    revenue: enRevenue,
    areas: {
      ...enBooksArea,
      ...enMoneyAreas,
      ...enOnboardingArea,
      ...enListingsArea,
      ...enGrantsArea,
      ...enOperatorDebtsArea,
      ...enHeldReferralsArea,
      reviews: {
        label: "Held purchases",
        what: "Paid purchases that wait for a look before their tokens can be spent.",
      },
      slices: { label: "Disputed use", what: "Evidence of apps that people contest, and what counts of it." },
      revenue: { label: "Revenue", what: "What people were charged, and what of it the platform kept." },
      selling: {
        label: "Selling",
        what: "Promotion codes, bundles, tax, trials: what can be turned, and who turned it.",
      },
    } as Record<string, { label: string; what: string }>,
  },
  onboarding: enOnboarding,
  selling: enSelling,
  books: enBooks,
  complaints: enComplaints,
  disputes: enDisputes,
  reviews: enReviews,
  listings: enListings,
  grants: enGrants,
  debts: enOperatorDebts,
  referrals: enHeldReferrals,
};

export type OperatorMessages = typeof enOperator;
