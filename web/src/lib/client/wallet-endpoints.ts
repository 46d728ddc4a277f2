// The endpoints behind Wallet, Automatic: top-up, limits, alerts, notifications. Apart from endpoints.ts, so that pages
// without them do not load them.

import { call } from "./api.ts";

export interface TopUp {
  state: "off" | "on" | "asking";
  thresholdTokens: number;
  topUpTokens: number;
  dayMaxTokens: number;
  monthMaxTokens: number;
  failures: number;
  card: { brand: string; last4: string } | null;
  dayTokens: number;
  monthTokens: number;
  attempts: {
    orderId: string;
    state: "in_flight" | "asked" | "paid" | "declined" | "lapsed";
    tokens: number;
    amountCents: number;
    checkoutUrl: string | null;
    at: string;
  }[];
}
export type TopUpWish = Pick<TopUp, "thresholdTokens" | "topUpTokens" | "dayMaxTokens" | "monthMaxTokens"> & {
  enabled: boolean;
};
export const getTopUp = () => call<TopUp>("/v1/me/top-up");
export const setTopUp = (wish: TopUpWish) => call<TopUp>("/v1/me/top-up", { method: "PUT", body: wish });
/** Buys now, and keeps the card with the person's agreement on Stripe's page. */
export const buyAndKeepCard = (tokenAmount: number) =>
  call<{ checkoutUrl: string }>("/v1/tokens/purchase", { method: "POST", body: { tokenAmount, saveCard: true } });

export const PERIODS = ["day", "week", "month"] as const;
export interface SpendingRule {
  providerId: string | null;
  period: (typeof PERIODS)[number];
  limitTokens: number | null;
  alertTokens: number | null;
}
export interface Spending {
  balanceAlerts: number[];
  rules: (SpendingRule & { providerName: string | null; spentTokens: number; heldTokens: number; resetsAt: string })[];
}
export const getSpending = () => call<Spending>("/v1/me/spending");
export const setSpending = (wish: { balanceAlerts: number[]; rules: SpendingRule[] }) =>
  call<Spending>("/v1/me/spending", { method: "PUT", body: wish });

export interface Notification {
  id: string;
  kind: string;
  data: Record<string, unknown>;
  at: string;
}
export const listUnread = () =>
  call<{ notifications: Notification[] }>("/v1/me/notifications", { query: { unread: "true", limit: 20 } }).then(
    (answer) => answer.notifications,
  );
export const markRead = (ids: string[]) =>
  call<unknown>("/v1/me/notifications/read", { method: "POST", body: { ids } });
