// SQL of reviews of apps. Who may write one is decided in the statement that writes it.

import type { Millis } from "../clock.ts";

export interface AppReview {
  id: string;
  providerId: string;
  userId: string;
  rating: number;
  text: string | null;
  createdAt: Millis;
  updatedAt: Millis;
  answer: string | null;
  answeredAt: Millis | null;
  hiddenReason: string | null;
  /** Paid sessions of the writer with this app, as of now. */
  sessions: number;
}

/** A live session of somebody else's app that was settled and cost something. */
const PAID_SESSION = "s.mode = 'live' AND s.settled_at IS NOT NULL AND s.consumed_tokens > 0 AND s.payable = 1";

const REVIEW = `SELECT r.id, r.provider_id AS providerId, r.user_id AS userId, r.rating, r.text, r.created_at AS createdAt,
    r.updated_at AS updatedAt, r.answer, r.answered_at AS answeredAt, r.hidden_reason AS hiddenReason,
    (SELECT count(*) FROM sessions s WHERE s.user_id = r.user_id AND s.provider_id = r.provider_id AND ${PAID_SESSION}) AS sessions
  FROM app_reviews r`;

/** Writes the review, or rewrites the person's earlier one; nothing where no paid session allows it. */
export const writeReview = (
  db: D1Database,
  it: { id: string; providerId: string; userId: string; rating: number; text: string | null },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO app_reviews (id, provider_id, user_id, session_id, rating, text, created_at, updated_at)
       SELECT ?1, ?2, ?3, s.id, ?4, ?5, ?6, ?6 FROM sessions s
       WHERE s.user_id = ?3 AND s.provider_id = ?2 AND ${PAID_SESSION} ORDER BY s.created_at DESC LIMIT 1
       ON CONFLICT (provider_id, user_id) DO UPDATE SET session_id = excluded.session_id, rating = excluded.rating,
         text = excluded.text, updated_at = excluded.updated_at`,
    )
    .bind(it.id, it.providerId, it.userId, it.rating, it.text, now);

export const deleteReview = (db: D1Database, it: { providerId: string; userId: string }): D1PreparedStatement =>
  db.prepare("DELETE FROM app_reviews WHERE provider_id = ? AND user_id = ?").bind(it.providerId, it.userId);

export const findOwnReview = (db: D1Database, it: { providerId: string; userId: string }): Promise<AppReview | null> =>
  db.prepare(`${REVIEW} WHERE r.provider_id = ? AND r.user_id = ?`).bind(it.providerId, it.userId).first<AppReview>();

export const findReview = (db: D1Database, id: string): Promise<AppReview | null> =>
  db.prepare(`${REVIEW} WHERE r.id = ?`).bind(id).first<AppReview>();

/** Whether this person has paid for a settled session of the app. */
export async function hasPaidSession(db: D1Database, it: { providerId: string; userId: string }): Promise<boolean> {
  const row = await db
    .prepare(`SELECT 1 AS found FROM sessions s WHERE s.user_id = ? AND s.provider_id = ? AND ${PAID_SESSION} LIMIT 1`)
    .bind(it.userId, it.providerId)
    .first();
  return row !== null;
}

/** Newest first. `before`: the last one of the page before. */
export async function listReviews(
  db: D1Database,
  query: { providerId: string; before: { at: Millis; id: string } | null; limit: number },
): Promise<AppReview[]> {
  const { results } = await db
    .prepare(
      `${REVIEW} WHERE r.provider_id = ?1 AND r.hidden_reason IS NULL
         AND (?2 IS NULL OR (r.updated_at, r.id) < (?2, ?3)) ORDER BY r.updated_at DESC, r.id DESC LIMIT ?4`,
    )
    .bind(query.providerId, query.before?.at ?? null, query.before?.id ?? null, query.limit)
    .all<AppReview>();
  return results;
}

/** How many gave one star, two, ... five. */
export async function countStars(db: D1Database, providerId: string): Promise<number[]> {
  const { results } = await db
    .prepare(
      "SELECT rating, count(*) AS n FROM app_reviews WHERE provider_id = ? AND hidden_reason IS NULL GROUP BY rating",
    )
    .bind(providerId)
    .all<{ rating: number; n: number }>();
  const counts = [0, 0, 0, 0, 0];
  for (const { rating, n } of results) counts[rating - 1] = n;
  return counts;
}

export const answerReview = (
  db: D1Database,
  it: { id: string; answer: string | null },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE app_reviews SET answer = ?2, answered_at = CASE WHEN ?2 IS NULL THEN NULL ELSE ?3 END WHERE id = ?1",
    )
    .bind(it.id, it.answer, now);

export const hideReview = (
  db: D1Database,
  it: { id: string; reason: string | null; operatorId: string },
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE app_reviews SET hidden_reason = ?2, hidden_by = CASE WHEN ?2 IS NULL THEN NULL ELSE ?3 END WHERE id = ?1",
    )
    .bind(it.id, it.reason, it.operatorId);
