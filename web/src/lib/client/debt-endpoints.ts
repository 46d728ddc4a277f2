// What a person owes after a lost dispute.

import { call } from "./api.ts";

export interface Debts {
  owedCents: number;
  /** The smallest purchase that pays all of it. */
  payTokens: number | null;
  debts: { orderId: string; disputedCents: number; owedCents: number; since: string }[];
}
export const listDebts = () => call<Debts>("/v1/me/debts");
