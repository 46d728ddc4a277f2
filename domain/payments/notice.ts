// What an operator must hear of. The caller logs it; each also stays as a row (`orders.problem`, `refund_shortfalls`, `payouts`).

import type { OrderProblem, Shortfall } from "./store.ts";

export type Notice =
  | { message: "order not credited"; orderId: string; problem: OrderProblem }
  | ({ message: "refund larger than what is unspent" } & Shortfall)
  | { message: "payment disputed"; disputeId: string; orderId: string; cents: number }
  | { message: "payout is waiting" | "payout failed"; payoutId: string; reason: string }
  | { message: "payout came back"; payoutId: string; cents: number }
  | { message: "transfer without a payout"; transferId: string; payoutId: string }
  | { message: "refund refused"; requestId: string; orderId: string; code: string };

/** What a run of cron has to tell. */
export interface CaughtUp {
  notices: Notice[];
  /** Orders or events that could not be judged; each is tried again by the next run. */
  failures: { id: string; error: string }[];
}
