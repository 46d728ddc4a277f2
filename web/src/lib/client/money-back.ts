// Money and tokens going back: the endpoints of refunds and reported problems, for people and for operators.

import { call } from "./api.ts";

const part = encodeURIComponent;
interface Money {
  amount: number;
  currency: string;
}

// Returning a purchase
export type WhyNotRefundable =
  | "not_paid"
  | "nothing_left"
  | "too_late"
  | "in_progress"
  | "disputed"
  | "too_many"
  | "account_blocked";
export interface RefundQuote {
  orderId: string;
  whyNot: WhyNotRefundable | null;
  tokens: number;
  amount: Money;
  until: string | null;
}
export interface Refund {
  id: string;
  orderId: string;
  tokens: number;
  amount: Money;
  status: "on_its_way" | "done" | "refused" | "failed";
}
export const quoteRefund = (orderId: string) => call<RefundQuote>(`/v1/tokens/orders/${part(orderId)}/refund`);
export const refundOrder = (orderId: string) =>
  call<{ refund: Refund }>(`/v1/tokens/orders/${part(orderId)}/refund`, { method: "POST" }).then(
    (answer) => answer.refund,
  );

// Reporting a problem
export const PROBLEM_CATEGORIES = ["not_working", "charged_too_much", "not_as_described", "not_me", "other"] as const;
export type ProblemCategory = (typeof PROBLEM_CATEGORIES)[number];
export interface ReportedProblem {
  id: string;
  sessionId: string;
  category: ProblemCategory;
  text: string;
  status: "open" | "granted" | "declined";
  createdAt: string;
  decidedAt: string | null;
  answer: string | null;
  returnedTokens: number;
  isRefunded: boolean;
}
/** As many as the API takes of one session. */
export const PROBLEMS_MAX = 3;
export const listProblems = (sessionId: string) =>
  call<{ problems: ReportedProblem[] }>(`/v1/sessions/${part(sessionId)}/problem`).then((answer) => answer.problems);
export const reportProblem = (sessionId: string, body: { category: ProblemCategory; text: string }) =>
  call<{ problem: ReportedProblem }>(`/v1/sessions/${part(sessionId)}/problem`, { method: "POST", body }).then(
    (answer) => answer.problem,
  );

// Operators
export interface Complaint extends ReportedProblem {
  userId: string;
  email: string | null;
  providerId: string;
  providerName: string;
  session: { chargedTokens: number; returnedTokens: number; activeSeconds: number; endedAt: string | null };
}
export const listComplaints = (status: ReportedProblem["status"], cursor: string | null) =>
  call<{ complaints: Complaint[]; nextCursor: string | null }>("/v1/operator/complaints", {
    query: { status, cursor, limit: 50 },
  });
export const decideComplaint = (
  id: string,
  body: { decision: "reverse" | "refund" | "decline"; tokens?: number; answer: string },
) => call<{ complaint: ReportedProblem }>(`/v1/operator/complaints/${part(id)}/decide`, { method: "POST", body });

export interface Dispute {
  id: string;
  orderId: string;
  userId: string;
  email: string | null;
  status: "inquiry" | "closed" | "open" | "won" | "lost";
  amount: Money;
  fee: Money;
  reason: string;
  tokens: number;
  loss: Money | null;
  isBlocking: boolean;
  respondBy: string | null;
  createdAt: string;
  openedAt: string | null;
  closedAt: string | null;
}
export const listDisputes = (cursor: string | null) =>
  call<{ disputes: Dispute[]; nextCursor: string | null }>("/v1/operator/disputes", { query: { cursor, limit: 50 } });
export const liftDisputeBlock = (id: string, reason: string) =>
  call<{ lifted: true }>(`/v1/operator/disputes/${part(id)}/lift`, { method: "POST", body: { reason } });
