// Reviews of apps: only who paid for a settled session may write one, one a person and app; the owner may answer, and an
// operator may take one out of sight with a reason. docs/reviews.md.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { forgetCatalogue } from "../catalogue/listing.ts";
import { findApp } from "../catalogue/store.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { isId, newId } from "../ids.ts";
import {
  answerReview,
  countStars,
  deleteReview,
  findOwnReview,
  findReview,
  hasPaidSession,
  hideReview,
  listReviews,
  writeReview,
  type AppReview,
} from "./store.ts";

export const REVIEW_TEXT_MAX_LENGTH = 1_000;
export const REVIEW_ANSWER_MAX_LENGTH = 1_000;

export interface ReviewView {
  id: string;
  rating: number;
  text: string | null;
  createdAt: string;
  updatedAt: string;
  /** How often the writer paid for this app: all that is told of them. */
  sessions: number;
  answer: string | null;
  answeredAt: string | null;
}
const reviewView = (it: AppReview): ReviewView => ({
  id: it.id,
  rating: it.rating,
  text: it.text,
  createdAt: iso(it.createdAt),
  updatedAt: iso(it.updatedAt),
  sessions: it.sessions,
  answer: it.answer,
  answeredAt: isoOrNull(it.answeredAt),
});

export interface ReviewPage {
  /** Of all that are shown: null without any. */
  average: number | null;
  count: number;
  /** How many gave one star, two, ... five. */
  stars: number[];
  reviews: ReviewView[];
  nextCursor: string | null;
}

/** Reviews of an app, newest first. @throws DomainError `invalid_cursor`. */
export async function readReviews(
  db: D1Database,
  providerId: string,
  page: { cursor: string | null; limit: number },
): Promise<ReviewPage> {
  const before = page.cursor === null ? null : readCursor(page.cursor);
  const [rows, stars] = await Promise.all([
    listReviews(db, { providerId, before, limit: page.limit + 1 }),
    countStars(db, providerId),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const count = stars.reduce((sum, n) => sum + n, 0);
  const points = stars.reduce((sum, n, index) => sum + n * (index + 1), 0);
  return {
    average: count === 0 ? null : points / count,
    count,
    stars,
    reviews: shown.map(reviewView),
    nextCursor: rows.length > shown.length && last ? `${last.updatedAt}.${last.id}` : null,
  };
}

function readCursor(cursor: string): { at: Millis; id: string } {
  const [, at, id] = /^(\d{1,15})\.(.{36})$/.exec(cursor) ?? [];
  if (!at || !id || !isId(id)) throw new DomainError("invalid_cursor", "This cursor is not one of this list.");
  return { at: Number(at), id };
}

export interface OwnReview {
  review: ReviewView | null;
  /** Whether a settled, paid session gives the right to write one. */
  mayReview: boolean;
  /** Why an operator took it out of sight; null while it is seen. */
  hiddenReason: string | null;
}
export async function readOwnReview(db: D1Database, it: { providerId: string; userId: string }): Promise<OwnReview> {
  const [review, mayReview] = await Promise.all([findOwnReview(db, it), hasPaidSession(db, it)]);
  return { review: review && reviewView(review), mayReview, hiddenReason: review?.hiddenReason ?? null };
}

/**
 * Write a review, or rewrite one's own. Idempotent: the same words again change nothing but when they were written.
 * @throws DomainError `review_needs_session` to who has not paid for a settled session of the app.
 */
export async function review(
  db: D1Database,
  it: { providerId: string; userId: string; rating: number; text: string | null; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ review: ReviewView }> {
  const known = await findOwnReview(db, it);
  const { review: written } = {
    review: {
      id: known?.id ?? newId(now),
      rating: it.rating,
      text: it.text,
      createdAt: iso(known?.createdAt ?? now),
      updatedAt: iso(now),
      sessions: known?.sessions ?? 1,
      answer: known?.answer ?? null,
      answeredAt: isoOrNull(known?.answeredAt ?? null),
    },
  };
  if (!known && !(await hasPaidSession(db, it)))
    throw new DomainError(
      "review_needs_session",
      "Only who has paid for a session of this app can review it. Use it first; the receipt then asks you.",
    );
  const answer = { review: written };
  await db.batch([
    writeReview(db, { ...it, id: written.id }, now),
    ...(await recordAnswer(db, it.claim, { status: 200, body: answer }, now)),
  ]);
  forgetCatalogue();
  return answer;
}

/** Take one's review back. Repeatable. */
export async function withdrawReview(
  db: D1Database,
  it: { providerId: string; userId: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ removed: true }> {
  const answer = { removed: true as const };
  await db.batch([deleteReview(db, it), ...(await recordAnswer(db, it.claim, { status: 200, body: answer }, now))]);
  forgetCatalogue();
  return answer;
}

/**
 * The owner's answer to a review; null takes it back.
 * @throws DomainError `review_not_found`, also for a review of somebody else's app.
 */
export async function answer(
  db: D1Database,
  it: { ownerId: string; reviewId: string; text: string | null; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ review: ReviewView }> {
  const known = isId(it.reviewId) ? await findReview(db, it.reviewId) : null;
  const app = known && known.hiddenReason === null ? await findApp(db, known.providerId) : null;
  if (!known || app?.ownerUserId !== it.ownerId) throw notFound();
  const body = { review: reviewView({ ...known, answer: it.text, answeredAt: it.text === null ? null : now }) };
  await db.batch([
    answerReview(db, { id: known.id, answer: it.text }, now),
    ...(await recordAnswer(db, it.claim, { status: 200, body }, now)),
  ]);
  return body;
}

/** An operator takes a review out of sight, or (without a reason) shows it again. @throws DomainError `review_not_found`. */
export async function hide(
  db: D1Database,
  it: { reviewId: string; operatorId: string; reason: string | null; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ review: ReviewView; hiddenReason: string | null }> {
  const known = isId(it.reviewId) ? await findReview(db, it.reviewId) : null;
  if (!known) throw notFound();
  const body = { review: reviewView(known), hiddenReason: it.reason };
  await db.batch([
    hideReview(db, { id: known.id, reason: it.reason, operatorId: it.operatorId }),
    ...(await recordAnswer(db, it.claim, { status: 200, body }, now)),
  ]);
  forgetCatalogue();
  return body;
}

const notFound = () => new DomainError("review_not_found", "There is no such review of this app.");
