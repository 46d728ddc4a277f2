// Reviews of apps and their truth cards. docs/reviews.md.

import { call } from "./api.ts";

const part = encodeURIComponent;

export interface AppReview {
  id: string;
  rating: number;
  text: string | null;
  createdAt: string;
  updatedAt: string;
  sessions: number;
  answer: string | null;
  answeredAt: string | null;
}
export interface AppReviews {
  average: number | null;
  count: number;
  stars: number[];
  reviews: AppReview[];
  nextCursor: string | null;
}
export interface OwnReview {
  review: AppReview | null;
  mayReview: boolean;
  hiddenReason: string | null;
}
export interface Share {
  count: number;
  of: number;
  rate: number | null;
}
export interface TruthCard {
  measuredAt: string | null;
  since: string | null;
  minimumSessions: number;
  startSuccess: Share;
  handshakeP95Ms: number | null;
  completion: Share;
  providerErrors: Share;
  disputes: Share;
  refunds: Share;
  priceChanges: { count: number; lastAt: string | null };
}
/** As many characters as the API takes. */
export const REVIEW_TEXT_MAX = 1_000;

export const getTruthCard = (providerId: string) =>
  call<{ truth: TruthCard }>(`/v1/providers/${part(providerId)}/truth`, { signIn: "none" }).then(({ truth }) => truth);
export const listReviews = (providerId: string, cursor: string | null = null) =>
  call<AppReviews>(`/v1/providers/${part(providerId)}/reviews`, { query: { limit: 10, cursor }, signIn: "none" });
export const getOwnReview = (providerId: string) => call<OwnReview>(`/v1/providers/${part(providerId)}/reviews/mine`);
export const writeReview = (providerId: string, body: { rating: number; text: string | null }) =>
  call<{ review: AppReview }>(`/v1/providers/${part(providerId)}/reviews`, { method: "POST", body }).then(
    ({ review }) => review,
  );
export const withdrawReview = (providerId: string) =>
  call<unknown>(`/v1/providers/${part(providerId)}/reviews/mine`, { method: "DELETE" });
export const answerReview = (reviewId: string, text: string | null) =>
  call<{ review: AppReview }>(`/v1/provider/reviews/${part(reviewId)}/answer`, { method: "POST", body: { text } }).then(
    ({ review }) => review,
  );
