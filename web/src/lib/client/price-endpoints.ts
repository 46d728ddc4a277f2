// Endpoints of prices and usage, apart from the others so that pages without them do not load them. Contract, section 4.

import type { PriceComponent } from "$pricing/components.ts";
import type { Fetch } from "./base.ts";
import { call } from "./api.ts";
import type { Experiment, PriceHistoryEntry, ProviderQuote, Usage, UsageGrouping, WhatIf } from "./types.ts";

const part = encodeURIComponent;

// Prices
/** As `quote`, at the signed-in person's own price. */
export const ownQuote = (providerId: string, durationSeconds: number, providerQuote: string | null) =>
  call<ProviderQuote>(`/v1/providers/${part(providerId)}/quote`, {
    method: "POST",
    body: { durationSeconds, ...(providerQuote && { providerQuote }) },
    unkeyed: true,
  });
export const listPrices = (providerId: string, fetch?: Fetch) =>
  call<{ prices: PriceHistoryEntry[] }>(`/v1/providers/${part(providerId)}/prices`, { fetch, signIn: "none" }).then(
    (answer) => answer.prices,
  );

// Usage
export const getUsage = (groupBy: UsageGrouping, from: string) =>
  call<Usage>("/v1/tokens/usage", { query: { groupBy, from } });
export const whatIfMine = (body: { tokenRatePerHour?: number; otherProviderId?: string; providerId?: string }) =>
  call<WhatIf>("/v1/tokens/usage/what-if", { method: "POST", body, unkeyed: true });

// Prices of one's own app
export interface NewPrice {
  pricing: PriceComponent[];
  effectiveAt?: string;
  keepOldPriceDays?: number;
  trialMinutes?: number;
}
export const publishPrice = (id: string, body: NewPrice) =>
  call<unknown>(`/v1/provider/apps/${part(id)}/prices`, { method: "POST", body });
export const withdrawPrice = (id: string, priceVersionId: string) =>
  call<unknown>(`/v1/provider/apps/${part(id)}/prices/withdraw`, { method: "POST", body: { priceVersionId } });
export const startExperiment = (
  id: string,
  body: { pricing: PriceComponent[]; trialMinutes?: number; testSharePercent: number },
) => call<unknown>(`/v1/provider/apps/${part(id)}/experiments`, { method: "POST", body });
export const stopExperiment = (id: string) =>
  call<unknown>(`/v1/provider/apps/${part(id)}/experiments/stop`, { method: "POST", body: {} });
export const listExperiments = (id: string) =>
  call<{ experiments: Experiment[] }>(`/v1/provider/apps/${part(id)}/experiments`).then((answer) => answer.experiments);
export const whatIfApp = (id: string, pricing: PriceComponent[]) =>
  call<WhatIf>(`/v1/provider/apps/${part(id)}/what-if`, { method: "POST", body: { pricing }, unkeyed: true });
