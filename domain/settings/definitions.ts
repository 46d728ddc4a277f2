// Every setting of the product, one entry each: what it is when nobody touched it, and what it may become. A new one is a
// line here; `readSettings` types it, and the operator's route reads, checks and audits it without further code. What
// can cost the platform money is off until an operator turns it on.

import { readFeeTiers, readUserPlans } from "../catalogue/plan-settings.ts";
import { readModelList } from "../models/model-list.ts";
import { DEFAULT_BUNDLES, readBundles } from "../payments/bundles.ts";
import { custom, text, toggle, whole, type Setting } from "./kinds.ts";

export const SETTINGS = {
  // Buying (docs/buying.md)
  bundles: custom(
    DEFAULT_BUNDLES,
    "Discounts by size: a purchase gets the discount of the largest bundle it reaches.",
    readBundles,
  ),
  cardFeeBasisPoints: whole(290, "What Stripe keeps of a payment, in basis points; discounts are kept above it.", {
    max: 1_000,
  }),
  cardFeeFixedCents: whole(30, "What Stripe keeps of each payment besides, in cents.", { max: 500 }),
  taxEnabled: toggle(false, "Let Stripe Tax add tax to purchases. Set it up at Stripe first."),
  sellerName: text("Meterplace", "Who sells the tokens, as it stands on invoices.", 120),
  sellerAddress: text("", "The seller's address on invoices, one line a row.", 400),
  sellerTaxId: text("", "The seller's tax number on invoices.", 40),
  taxCode: text("txcd_10000000", "Stripe's tax code of tokens; ask your tax adviser which one fits.", 40),
  stripePromotionCodes: toggle(
    false,
    "Let Stripe's page take promotion codes made at Stripe. Their discount is yours to bear, also below cost.",
  ),
  invoicePrefix: text("MP-", "What stands before the number of an invoice.", 12),
  trialTokens: whole(0, "Promotional tokens for a new account; 0 is none.", { max: 10_000 }),
  trialDays: whole(30, "Days until trial tokens expire.", { min: 1, max: 730 }),
  referralTokens: whole(0, "Promotional tokens for both sides of a referral; 0 switches referrals off.", {
    max: 10_000,
  }),
  referralDays: whole(180, "Days until referral tokens expire.", { min: 1, max: 730 }),
  referralMinTokens: whole(1_000, "Tokens a referred person's purchase must have to count.", {
    min: 100,
    max: 100_000,
  }),
  referralWaitDays: whole(
    60,
    "Days a referred person's first purchase must stand before both sides are rewarded, unless they used it up before.",
    { min: 1, max: 180 },
  ),

  meterMirror: toggle(
    false,
    "Tell Stripe's billing meter `token_consumed` what each session used, for your reports there. It decides nothing.",
  ),

  // Prices (docs/pricing.md)
  userPlans: custom(
    [],
    "Plans for people: each gives a part of the platform's fee back on what they use. Who has one is set by operators.",
    readUserPlans,
  ),
  feeTiers: custom(
    [],
    "Fee tiers for owners, instead of the standard fee. Who is in one is set by operators.",
    readFeeTiers,
  ),

  // Language models (docs/workers-ai.md)
  chatModels: custom(
    [],
    "Models of Workers AI that speak in the chat, in the order they are asked. Empty: those the deployment names (AI_MODELS).",
    readModelList,
  ),
  modelNeuronsPerDay: whole(
    9_000,
    "Neurons all language models together may use in a day (10,000 a day are free); 0 asks none.",
    { max: 10_000_000 },
  ),
  modelNeuronsPerPersonPerDay: whole(
    700,
    "Neurons one person may use of them in a day, about twenty turns of the chat.",
    {
      max: 10_000_000,
    },
  ),
  rerankSearches: toggle(
    false,
    "Let a model of Workers AI put the first twenty hits of a search into their final order. It reads what apps say of themselves.",
  ),

  // Paying providers (docs/payouts.md)
  payoutHoldDays: whole(7, "Days a provider's share waits for complaints and disputes before it is payable.", {
    max: 180,
  }),
  payoutMinimumCents: whole(1_000, "The smallest payout, in cents; less is carried forward.", {
    min: 1,
    max: 1_000_000,
  }),
  payoutWeekday: whole(
    1,
    "The day (UTC) on which providers are paid: 1 is Monday, 7 is Sunday, 0 is on request only.",
    {
      max: 7,
    },
  ),

  // Automatic top-up (docs/automatic-top-up.md)
  automaticTopUp: toggle(
    true,
    "Charge saved cards of people who turned automatic top-up on. Off stops it for everybody.",
  ),

  // Refunds (docs/runbooks/disputes-and-refunds.md)
  refundDays: whole(14, "Days in which a buyer may return unspent tokens without asking; 0 leaves it to operators.", {
    max: 365,
  }),
  refundsPerMonthMax: whole(3, "Purchases a person may return without asking in thirty days.", { max: 100 }),

  // The two-sided meter (docs/two-sided-meter.md)
  meterToleranceBasisPoints: whole(
    200,
    "How far a provider's reports and the person's page may be apart, in basis points of the larger figure, before a slice is held back.",
    { max: 10_000 },
  ),
  sliceMinimumTokens: whole(2, "A difference of fewer tokens is never held back.", { min: 1, max: 10_000 }),
  evidenceHours: whole(72, "Hours a provider has to show evidence for a disputed slice.", { min: 1, max: 720 }),
  contestHours: whole(72, "Hours a person has to contest that evidence.", { min: 1, max: 720 }),
  sliceDecisionDays: whole(14, "Days operators have to decide what is contested; after that the lower figure stands.", {
    min: 1,
    max: 90,
  }),

  // Fraud (docs/runbooks/disputes-and-refunds.md)
  referralsPerMonthMax: whole(
    20,
    "People one may bring within 30 days before further referrals wait for an operator.",
    {
      min: 1,
      max: 1_000,
    },
  ),
  purchasesPerHourMax: whole(20, "Checkouts a person may open within an hour.", { min: 1, max: 1_000 }),
  declinesPerHourMax: whole(5, "Declined cards within an hour after which a person may not try another.", {
    min: 1,
    max: 1_000,
  }),
  reviewHoldHours: whole(
    24,
    "Hours a suspicious purchase waits for an operator before it is spendable; 0 holds none.",
    {
      max: 720,
    },
  ),
  reviewDeclines: whole(3, "Declined cards within a day before a payment that make it suspicious.", {
    min: 1,
    max: 100,
  }),
  cardSharingRules: toggle(
    false,
    "Cards and bank accounts are people's own: look at who else used one, hold purchases, link accounts. On by itself with live payments; test cards are everybody's.",
  ),
  cardPeopleMax: whole(3, "Accounts that may pay with one card before its purchases are held.", { min: 1, max: 100 }),
} satisfies Record<string, Setting<unknown>>;

export type SettingKey = keyof typeof SETTINGS;
type ValueOf<Kind> = Kind extends Setting<infer Value> ? Value : never;
/** All of them, as they are now. */
export type Settings = { readonly [Key in SettingKey]: ValueOf<(typeof SETTINGS)[Key]> };

export const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(SETTINGS, key);

export const DEFAULT_SETTINGS = Object.fromEntries(
  Object.entries(SETTINGS).map(([key, setting]) => [key, setting.default]),
) as unknown as Settings;
