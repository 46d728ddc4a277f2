// The endpoints of the wallet alone, so that other pages do not load them.

import { call } from "./api.ts";
import type { Offers, Order, Referrals, SavedCard } from "./types.ts";

/** The bundles, and what one amount costs exactly. */
export const getOffers = (tokenAmount: number | null, promotionCode: string | null, signal?: AbortSignal) =>
  call<Offers>("/v1/tokens/offers", { query: { tokenAmount, promotionCode }, signal });
export const listOrders = (limit: number, cursor: string | null) =>
  call<{ orders: Order[]; nextCursor: string | null }>("/v1/tokens/orders", { query: { limit, cursor } });
export const listCards = () => call<{ cards: SavedCard[] }>("/v1/tokens/cards");
export const removeCard = (id: string) =>
  call<{ cards: SavedCard[] }>(`/v1/tokens/cards/${encodeURIComponent(id)}`, { method: "DELETE" });
export const getReferrals = () => call<Referrals>("/v1/referrals");
export const claimReferral = (code: string) =>
  call<{ tokens: number; minTokens: number; waitDays: number }>("/v1/referrals", { method: "POST", body: { code } });
