// Every endpoint this app uses, by name. Contract, section 4.

import type { PriceComponent } from "$pricing/components.ts";
import type { Fetch } from "./base.ts";
import { call } from "./api.ts";
import type { SearchFilters } from "../search-filters.ts";
import type {
  AuthAnswer,
  Balance,
  CreatedSession,
  Order,
  OwnedProvider,
  ProviderCard,
  ProviderDetail,
  ProviderQuote,
  ProviderStatus,
  Receipt,
  SearchAnswer,
  SessionAnswer,
  SessionView,
  Transaction,
} from "./types.ts";

const part = encodeURIComponent;

// Signing in
export const register = (email: string, password: string) =>
  call<AuthAnswer>("/v1/auth/register", { method: "POST", body: { email, password }, signIn: "none", unkeyed: true });
export const login = (email: string, password: string) =>
  call<AuthAnswer>("/v1/auth/login", { method: "POST", body: { email, password }, signIn: "none", unkeyed: true });
export const logout = () => call<unknown>("/v1/auth/logout", { method: "POST", unkeyed: true });
/** Cannot be undone. Unkeyed: repeating it finds nobody. */
export const eraseAccount = (body: { email: string; giveUpTokens: boolean }) =>
  call<unknown>("/v1/me/erase", { method: "POST", body, unkeyed: true });

// Tokens
export const getBalance = () => call<Balance>("/v1/tokens/balance");
export const purchaseTokens = (tokenAmount: number, terms: { promotionCode?: string; saveCard?: boolean } = {}) =>
  call<{ checkoutUrl: string; orderId: string }>("/v1/tokens/purchase", {
    method: "POST",
    body: { tokenAmount, ...terms },
  });
/** By the id Stripe's return carries; asking reconciles the order. */
export const getOrder = (checkoutId: string) => call<Order>(`/v1/tokens/orders/${part(checkoutId)}`);
export const listTransactions = (limit: number, offset: number) =>
  call<{ transactions: Transaction[]; nextCursor: string | null; total: number }>("/v1/tokens/transactions", {
    query: { limit, offset },
  });
/** All of them, newest first. By cursor, so that rows that come meanwhile shift nothing. */
export async function allTransactions(): Promise<Transaction[]> {
  const all: Transaction[] = [];
  let cursor: string | null = null;
  do {
    const page: { transactions: Transaction[]; nextCursor: string | null } = await call("/v1/tokens/transactions", {
      query: { limit: 200, cursor },
    });
    all.push(...page.transactions);
    cursor = page.nextCursor;
  } while (cursor);
  return all;
}

// Catalogue
export const listProviders = (query: { limit?: number; cursor?: string | null }, fetch?: Fetch) =>
  call<{ providers: ProviderCard[]; nextCursor: string | null }>("/v1/providers", { query, fetch, signIn: "none" });
export const searchProviders = (it: { query: string; filters: SearchFilters; cursor?: string | null }, fetch?: Fetch) =>
  call<SearchAnswer>("/v1/providers/search", {
    method: "POST",
    body: { query: it.query, limit: 20, filters: it.filters, ...(it.cursor && { cursor: it.cursor }) },
    fetch,
    signIn: "none",
    unkeyed: true,
  });
export const getProvider = (id: string, fetch?: Fetch) =>
  call<{ provider: ProviderDetail }>(`/v1/providers/${part(id)}`, { fetch, signIn: "none" }).then(
    (answer) => answer.provider,
  );
/** Nobody is named; a look that is lost is lost. */
export const countView = (id: string) =>
  call<unknown>(`/v1/providers/${part(id)}/view`, { method: "POST", signIn: "none", unkeyed: true }).catch(() => {});
export const quote = (providerId: string, durationSeconds: number, fetch?: Fetch, signal?: AbortSignal) =>
  call<ProviderQuote>(`/v1/providers/${part(providerId)}/quote`, {
    method: "POST",
    body: { durationSeconds },
    fetch,
    signal,
    signIn: "none",
    unkeyed: true,
  });
// Sessions
export const createSession = (body: {
  providerId: string;
  durationMinutes: number;
  autoExtendMinutes?: number;
  maxTokens?: number;
  includedTokens?: number;
  providerQuote?: string;
  fixedDuration?: boolean;
}) => call<{ session: CreatedSession }>("/v1/sessions/create", { method: "POST", body });
export const listSessions = (limit: number, cursor: string | null) =>
  call<{ sessions: SessionView[]; nextCursor: string | null }>("/v1/sessions", { query: { limit, cursor } });
export const getSession = (id: string) => call<SessionAnswer>(`/v1/sessions/${part(id)}`);
export const pauseSession = (id: string) =>
  call<SessionAnswer>(`/v1/sessions/${part(id)}/pause`, { method: "POST", body: {} });
export const resumeSession = (id: string) =>
  call<SessionAnswer>(`/v1/sessions/${part(id)}/resume`, { method: "POST", body: {} });
export const completeSession = (id: string) =>
  call<SessionAnswer>(`/v1/sessions/${part(id)}/complete`, { method: "POST", body: {} });
export const extendSession = (id: string, minutes: number) =>
  call<SessionAnswer>(`/v1/sessions/${part(id)}/extend`, { method: "POST", body: { minutes } });
/** @throws ApiError `settlement_pending` until the session is settled. */
export const getReceipt = (id: string) =>
  call<{ receipt: Omit<Receipt, "signed">; signed: string | null }>(`/v1/sessions/${part(id)}/receipt`).then(
    ({ receipt, signed }): Receipt => ({ ...receipt, signed }),
  );
/** Every signed receipt, oldest first. */
export async function allReceipts(): Promise<string[]> {
  const all: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { receipts: { signed: string }[]; nextCursor: string | null } = await call("/v1/receipts", {
      query: { limit: 200, cursor },
    });
    all.push(...page.receipts.map(({ signed }) => signed));
    cursor = page.nextCursor;
  } while (cursor);
  return all;
}

// Providers
export interface NewProvider {
  name: string;
  description: string;
  category: string;
  useCases: string[];
  appUrl: string;
  logoUrl: string;
  tokenRatePerHour?: number;
  pricing?: PriceComponent[];
}
export const listOwnApps = () =>
  call<{ providers: OwnedProvider[] }>("/v1/provider/apps").then((answer) => answer.providers);
export const setAppStatus = (id: string, status: ProviderStatus) =>
  call<{ provider: OwnedProvider }>(`/v1/provider/apps/${part(id)}`, { method: "PATCH", body: { status } });
