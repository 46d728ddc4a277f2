// Purchases held for a look: the operators' endpoints.

import { call } from "./api.ts";

export const REVIEW_STATUSES = ["held", "released", "refunded"] as const;
export type ReviewStatus = (typeof REVIEW_STATUSES)[number];
export interface PurchaseReview {
  orderId: string;
  /** Null after the account was deleted. */
  email: string | null;
  reasons: string[];
  tokens: number;
  amount: { amount: number; currency: string };
  status: ReviewStatus;
  createdAt: string;
  /** Spendable from then on, if nobody decides before. */
  releaseAt: string;
  decidedAt: string | null;
  decisionReason: string | null;
}

export const listReviews = (status: ReviewStatus, cursor: string | null) =>
  call<{ reviews: PurchaseReview[]; nextCursor: string | null }>("/v1/operator/reviews", { query: { status, cursor } });
/** Once, with a reason that is kept. */
export const decideReview = (orderId: string, decision: "release" | "refund", reason: string) =>
  call<{ decided: true }>(`/v1/operator/reviews/${encodeURIComponent(orderId)}/decide`, {
    method: "POST",
    body: { decision, reason },
  });
