// The shapes of the API's answers that this app reads (contract, section 4). Types only.

import type { Slice } from "./slice.ts";
import type { ChargeLine } from "$pricing/charge.ts";
import type { PriceComponent } from "$pricing/components.ts";
import type { SessionStats } from "$pricing/likely.ts";
import type { Quote } from "$pricing/quote.ts";
import type { EndReason, PauseCause, SessionState } from "$protocol/session.ts";

export interface User {
  id: string;
  email: string;
  tokenBalance: number;
}
export interface AuthAnswer {
  user: User;
  token: string;
}

export interface Balance {
  /** Spendable now. */
  balance: number;
  held: number;
}

export const TRANSACTION_TYPES = [
  "purchase",
  "promo",
  "hold",
  "release",
  "consumption",
  "refund",
  "adjustment",
  "expiry",
  "dispute",
] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];
export interface Transaction {
  id: string;
  type: TransactionType;
  amount: number;
  balanceAfter: number;
  sessionId?: string;
  providerName?: string;
  createdAt: string;
}

export interface Money {
  /** Cents. */
  amount: number;
  currency: string;
}
export interface Invoice {
  number: string;
  issuedAt: string;
  seller: { name: string; address: string[]; taxId: string | null };
  buyer: { email: string | null; country: string | null };
  lines: { kind: "tokens" | "discount" | "bonus"; tokens: number; amount: number }[];
  net: number;
  tax: number;
  total: number;
  currency: string;
}
export interface Order {
  orderId: string;
  status: "open" | "paid" | "refunded" | "expired" | "failed";
  /** Open, and the money comes days later. */
  processing: boolean;
  tokenAmount: number;
  listPrice: Money;
  price: Money;
  tax: Money;
  bonusTokens: number;
  promotionCode: string | null;
  refunded: Money;
  /** Where to pay, while it is open. */
  checkoutUrl: string | null;
  createdAt: string;
  paidAt: string | null;
  /** The wallet's spendable tokens now. */
  balance: number;
  /** Null until it is paid. */
  invoice: Invoice | null;
}
export interface Offer {
  tokenAmount: number;
  listPrice: Money;
  price: Money;
  discountBasisPoints: number;
  discountOf: "bundle" | "code" | null;
  bonusTokens: number;
  bonusDays: number | null;
}
export interface Offers {
  bundles: Offer[];
  offer: Offer | null;
  taxIsAdded: boolean;
}
export interface SavedCard {
  id: string;
  brand: string;
  last4: string;
  expMonth: number;
  expYear: number;
}
export interface Referrals {
  enabled: boolean;
  code?: string;
  tokens?: number;
  minTokens?: number;
  waitDays?: number;
  waiting?: number;
  rewarded?: number;
  earnedTokens?: number;
}

export type ProviderStatus = "active" | "inactive" | "maintenance";
export interface ProviderCard {
  id: string;
  name: string;
  description: string;
  category: string;
  tags: string[];
  appUrl: string;
  logoUrl: string;
  /** Null where time is not priced. */
  tokenRatePerHour: number | null;
  pricing: PriceComponent[];
  rating: number | null;
  ratingCount: number;
  status: ProviderStatus;
  /** Can be started now: active, and it answers. */
  available: boolean;
}
export interface ProviderDetail extends ProviderCard {
  useCases: string[];
  dataReceived: string[];
  refundTerms: string | null;
  regions: string[];
  /** It cannot embed the meter: a start needs consent to pay for the whole duration. */
  fixedDuration: boolean;
  feeBasisPoints: number;
  priceVersionId: string;
  /** Since when it has not answered our checks. */
  unreachableSince: string | null;
}
export interface OwnedProvider extends ProviderDetail {
  review: "pending" | "approved" | "rejected";
}
export type FoundIn = "name" | "useCases" | "tags" | "category" | "description";
export interface FoundProvider extends ProviderCard {
  score: number;
  /** Which words of the search were found where, best place first. */
  why: { field: FoundIn; words: string[] }[];
  /** What the app says of itself that is nearest in meaning. */
  nearest: string | null;
}
export type Facets = Record<
  "category" | "pricingModel" | "region" | "minRating" | "availableOnly" | "withoutData",
  { value: string; count: number }[]
>;
/** What `POST /v1/providers/search` answers. */
export interface SearchAnswer {
  providers: FoundProvider[];
  nextCursor: string | null;
  total: number;
  confidence: "good" | "weak" | "none";
  searchedFor: { from: string; to: string }[];
  /** A German need in the English words that were looked for. */
  readAs: string | null;
  facets: Facets;
  help: { withoutFilter: { filter: string; count: number }[] } | null;
}

/** What `POST /v1/providers/:id/quote` answers: the pure quote and the price version it is about. */
export interface ProviderQuote extends Quote {
  priceVersionId: string;
  pricing: PriceComponent[];
  rebateBasisPoints: number;
  /** What is left of the person's plan for this app. */
  planLeftTokens: number;
  stats: SessionStats[];
  /** What the app's own signed quote says, where one was sent along. */
  providerQuote: { meter: string; cap: string; description: string | null; expiresAt: string } | null;
  offer: Offer;
}
/** Why this price, and what else is known of the app's prices. */
export interface Offer {
  because: "list" | "kept" | "experiment";
  keptUntil: string | null;
  trial: { seconds: number; leftSeconds: number | null } | null;
  experiment: {
    arm: "base" | "test" | null;
    prices: { arm: "base" | "test"; pricing: PriceComponent[]; sharePercent: number }[];
  } | null;
  next: { pricing: PriceComponent[]; effectiveAt: string } | null;
}
export interface PriceHistoryEntry {
  priceVersionId: string;
  pricing: PriceComponent[];
  state: "current" | "announced" | "past" | "withdrawn" | "test";
  effectiveAt: string;
  until: string | null;
  keepUntil: string | null;
  trialSeconds: number;
  feeBasisPoints: number;
}
export interface Experiment {
  id: string;
  startedAt: string;
  stoppedAt: string | null;
  testSharePercent: number;
  arms: {
    arm: "base" | "test";
    pricing: PriceComponent[];
    people: number;
    settledSessions: number;
    grossTokens: number;
    shareTokens: number;
  }[];
}

export type UsageGrouping = "app" | "day" | "tag";
export interface Usage {
  groupBy: UsageGrouping;
  groups: {
    key: string | null;
    name: string | null;
    sessions: number;
    activeSeconds: number;
    tokens: number;
    feeTokens: number;
  }[];
  total: { sessions: number; activeSeconds: number; tokens: number };
}
export interface WhatIf {
  sessions: number;
  isPartial: boolean;
  actual: { tokens: number; shareTokens: number };
  whatIf: { tokens: number; shareTokens: number };
  differenceTokens: number;
  dearer: number;
  cheaper: number;
  unpricedMeters: string[];
}

export interface SessionView extends SessionState {
  providerName: string;
  appUrl: string;
  durationMinutes: number;
  priceVersionId: string;
  feeBasisPoints: number;
  /** The price it was started at, for it and its extensions. */
  pricing: PriceComponent[];
  trialSeconds: number;
  rebateBasisPoints: number;
  /** Of tokensAllocated and tokensConsumed, included in the person's plan. */
  tokensReserved: number;
  tokensIncluded: number;
  autoExtendSeconds: number;
  tags: string[];
  createdAt: string;
}
export interface SessionAnswer {
  session: SessionView;
  balance: number;
}
export interface CreatedSession {
  id: string;
  providerId: string;
  providerName: string;
  durationMinutes: number;
  tokensAllocated: number;
  redirectUrl: string;
}

export interface Receipt {
  sessionId: string;
  /** Its place in the wallet's chain; null for a sandbox session, which has no signed receipt. */
  number: number | null;
  /** The receipt as a compact JWS. */
  signed: string | null;
  intervals: { kind: "active" | "paused"; cause: PauseCause | null; from: string; to: string; seconds: number }[];
  extensions: { at: string; seconds: number; heldTokens: number; automatic: boolean }[];
  autoPausedSeconds: number;
  savedByAutoPauseTokens: number;
  providerId: string;
  providerName: string;
  pricing: PriceComponent[];
  endReason: EndReason | null;
  fixedDuration: boolean;
  activeSeconds: number;
  pausedSeconds: number;
  lines: ChargeLine[];
  tokensAllocated: number;
  tokensConsumed: number;
  /** Included in the plan: of what was held, and of what was used. */
  tokensReserved: number;
  tokensIncluded: number;
  tokensRefunded: number;
  /** Held until `slice` is decided. */
  tokensDisputed: number;
  slice: Slice | null;
  providerShareTokens: number;
  platformFeeTokens: number;
  feeBasisPoints: number;
  startedAt: string | null;
  endedAt: string | null;
}

export interface RegisteredProvider {
  provider: OwnedProvider;
  /** Shown once. */
  apiKey: string;
  testApiKey: string;
}
