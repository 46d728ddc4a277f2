// Tokens operators give people: the endpoints.

import { call } from "./api.ts";

export interface GrantWish {
  email: string;
  source: "organisation" | "promotion";
  organisation?: string;
  tokens: number;
  paidCents?: number;
  reference?: string | null;
  expiresAt?: string;
  reason: string;
}
export interface TokenGrant {
  id: string;
  /** Null after the account was deleted. */
  email: string | null;
  source: GrantWish["source"];
  organisation: string | null;
  tokens: number;
  remainingTokens: number;
  paidCents: number;
  expiresAt: string | null;
  reference: string | null;
  reason: string;
  grantedByEmail: string | null;
  at: string;
}
export const listGrants = (cursor: string | null) =>
  call<{ grants: TokenGrant[]; nextCursor: string | null }>("/v1/operator/grants", { query: { cursor, limit: 50 } });
/** On the books at once, and the person is told. */
export const giveTokens = (wish: GrantWish) =>
  call<{ grant: { id: string } }>("/v1/operator/grants", { method: "POST", body: wish });
