// The words of the operators' revenue page in English; the type of their translation.

export const enRevenue = {
  title: "Revenue",
  lead: "What people were charged, and what of it the platform kept.",
  from: "From",
  to: "To",
  by: "By",
  day: "Day",
  app: "App",
  net: "Kept",
  netHint: "Fees less gifts and discounts, which the platform pays.",
  gross: "Charged",
  fee: "Fees",
  promo: "Gifts",
  discount: "Discounts",
  sessions: "Sessions",
  total: "Together",
  save: "Save as CSV",
  emptyTitle: "Nothing was settled in this time",
  emptyBody: "Choose other days. Sessions count on the day they are settled.",
  failed: "The figures could not be loaded.",
};
export type RevenueMessages = typeof enRevenue;
