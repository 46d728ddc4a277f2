// Earnings, payouts and revenue: what these pages ask the API for, and what it answers. Amounts in tokens and in cents.

import { call } from "./api.ts";

const part = encodeURIComponent;

export interface EarningSums {
  sessions: number;
  grossTokens: number;
  feeTokens: number;
  netTokens: number;
  /** Of `netCents`, that of sessions. */
  sessionCents: number;
  plans: { payments: number; grossCents: number; feeCents: number; netCents: number };
  netCents: number;
}
export type EarningState = "on_hold" | "payable" | "in_payout" | "paid" | "unpayable";
export interface Earning {
  sessionId: string;
  settledAt: string;
  activeSeconds: number;
  grossTokens: number;
  feeTokens: number;
  netTokens: number;
  netCents: number;
  state: EarningState;
  payableAt: string;
}
export interface RunningEarning {
  sessionId: string;
  startedAt: string;
  heldTokens: number;
  netTokens: number | null;
}
export interface Earnings {
  total: EarningSums;
  running: RunningEarning[];
  sessions: Earning[];
  nextCursor: string | null;
}
export type AccountStatus = "none" | "onboarding" | "ready" | "restricted";
export interface PayoutBalance {
  account: { status: AccountStatus; disabledReason: string | null };
  payableCents: number;
  onHoldCents: number;
  inTransitCents: number;
  paidCents: number;
  holdDays: number;
  minimumCents: number;
  next: { at: string; amountCents: number } | null;
}
export type PayoutStatus = "pending" | "paid" | "failed" | "reversed";
export interface Payout {
  id: string;
  status: PayoutStatus;
  amountCents: number;
  reversedCents: number;
  failureCode: string | null;
  createdAt: string;
  endedAt: string | null;
}
export interface PayoutLine {
  id: string;
  kind: "settlement" | "reversal" | "payout_reversal";
  sessionId: string | null;
  amountCents: number;
  grossTokens: number | null;
  feeTokens: number | null;
  at: string;
}

export const getEarnings = (
  providerId: string,
  query: { from?: string; limit: number; cursor?: string | null },
): Promise<Earnings> => call("/v1/provider/earnings", { query: { providerId, ...query } });
export const getPayoutBalance = (providerId: string): Promise<PayoutBalance> =>
  call("/v1/provider/payouts/balance", { query: { providerId } });
export const listPayouts = (providerId: string): Promise<Payout[]> =>
  call<{ payouts: Payout[] }>("/v1/provider/payouts", { query: { providerId, limit: 50 } }).then(
    (answer) => answer.payouts,
  );
export const getPayoutLines = (
  providerId: string,
  id: string,
  cursor: string | null,
): Promise<{ lines: PayoutLine[]; nextCursor: string | null }> =>
  call(`/v1/provider/payouts/${part(id)}`, { query: { providerId, limit: 100, cursor } });
export const requestPayout = (providerId: string): Promise<{ payout: Payout }> =>
  call("/v1/provider/payouts", { method: "POST", body: { providerId } });
export const beginOnboarding = (): Promise<{ url: string }> =>
  call("/v1/provider/payouts/onboarding", { method: "POST", body: {} });
export const getPayoutStatement = (providerId: string, id: string): Promise<string> =>
  call(`/v1/provider/payouts/${part(id)}/statement`, { query: { providerId }, as: "text" });
export const getMonthStatement = (providerId: string, month: string): Promise<string> =>
  call(`/v1/provider/statements/${part(month)}`, { query: { providerId }, as: "text" });

export interface RevenueFigures {
  sessions: number;
  grossCents: number;
  feeCents: number;
  promoCents: number;
  discountCents: number;
  netCents: number;
}
export interface Revenue {
  groups: (RevenueFigures & { key: string; name: string | null })[];
  total: RevenueFigures;
}
export interface RevenueQuery {
  by: "day" | "app";
  from: string;
  to: string;
}
export const getRevenue = (query: RevenueQuery): Promise<Revenue> =>
  call("/v1/operator/revenue", { query: { ...query } });
export const getRevenueFile = (query: RevenueQuery): Promise<string> =>
  call("/v1/operator/revenue", { query: { ...query, format: "csv" }, as: "text" });
