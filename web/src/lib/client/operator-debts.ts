// What people owe after lost disputes: the operators' list. What settles one without a purchase: money-back.ts.

import { call } from "./api.ts";

export type DebtState = "owed" | "settled";
export interface OperatorDebt {
  disputeId: string;
  /** Null after the account was deleted. */
  email: string | null;
  disputedCents: number;
  lostCents: number;
  returnedCents: number;
  repaidCents: number;
  owedCents: number;
  since: string;
  repayments: { orderId: string; tokens: number; cents: number; at: string }[];
  settled: { at: string; by: "repayment" | "operator"; email: string | null; reason: string | null } | null;
}
export const listPeoplesDebts = (state: DebtState, cursor: string | null) =>
  call<{ owedCents: number; debts: OperatorDebt[]; nextCursor: string | null }>("/v1/operator/debts", {
    query: { state, cursor, limit: 50 },
  });
