// SQL of people who ask an operator for help with their app, and of apps that wait to be shown.

import { markFlagsSeen } from "../catalogue/flag-store.ts";
import type { Millis } from "../clock.ts";

export interface HelpRequest {
  id: string;
  userId: string;
  providerId: string | null;
  message: string;
  createdAt: Millis;
  answeredAt: Millis | null;
  answer: string | null;
}
const COLUMNS = `r.id, r.user_id AS userId, r.provider_id AS providerId, r.message, r.created_at AS createdAt,
  r.answered_at AS answeredAt, r.answer`;

/** Left out where the person has an open one: nobody queues twice. */
export const insertHelpRequest = (
  db: D1Database,
  it: Pick<HelpRequest, "id" | "userId" | "providerId" | "message" | "createdAt">,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO onboarding_requests (id, user_id, provider_id, message, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5
       WHERE NOT EXISTS (SELECT 1 FROM onboarding_requests WHERE user_id = ?2 AND answered_at IS NULL) RETURNING id`,
    )
    .bind(it.id, it.userId, it.providerId, it.message, it.createdAt);

export const hasOpenRequest = async (db: D1Database, userId: string): Promise<boolean> =>
  (await db
    .prepare("SELECT 1 FROM onboarding_requests WHERE user_id = ? AND answered_at IS NULL")
    .bind(userId)
    .first()) !== null;

export const requestsOf = async (db: D1Database, userId: string, limit: number): Promise<HelpRequest[]> =>
  (
    await db
      .prepare(`SELECT ${COLUMNS} FROM onboarding_requests r WHERE r.user_id = ? ORDER BY r.id DESC LIMIT ?`)
      .bind(userId, limit)
      .all<HelpRequest>()
  ).results;

export type OpenRequest = HelpRequest & { email: string; appName: string | null };
/** Who waits longest, first. */
export const openRequests = async (db: D1Database, limit: number): Promise<OpenRequest[]> =>
  (
    await db
      .prepare(
        `SELECT ${COLUMNS}, u.email, p.name AS appName FROM onboarding_requests r JOIN users u ON u.id = r.user_id
           LEFT JOIN providers p ON p.id = r.provider_id
         WHERE r.answered_at IS NULL ORDER BY r.id LIMIT ?`,
      )
      .bind(limit)
      .all<OpenRequest>()
  ).results;

export const findRequest = (db: D1Database, id: string): Promise<HelpRequest | null> =>
  db.prepare(`SELECT ${COLUMNS} FROM onboarding_requests r WHERE r.id = ?`).bind(id).first<HelpRequest>();

export const answerRequest = (
  db: D1Database,
  it: { id: string; operatorId: string; answer: string; at: Millis },
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE onboarding_requests SET answered_at = ?, answered_by = ?, answer = ? WHERE id = ? AND answered_at IS NULL",
    )
    .bind(it.at, it.operatorId, it.answer, it.id);

// Apps that wait to be shown, or whose words an operator should look at ---------------------------------------------------------------------------------------

export interface WaitingApp {
  id: string;
  name: string;
  description: string;
  category: string;
  appUrl: string;
  email: string | null;
  /** `approved`: it is shown, and its words are flagged. */
  review: "pending" | "approved";
  createdAt: Millis;
  updatedAt: Millis;
}
const HAS_FLAGS = "EXISTS (SELECT 1 FROM listing_flags f WHERE f.provider_id = p.id AND f.seen_at IS NULL)";
export const waitingApps = async (db: D1Database, limit: number): Promise<WaitingApp[]> =>
  (
    await db
      .prepare(
        `SELECT p.id, p.name, p.description, p.category, p.app_url AS appUrl, u.email, p.review,
           p.created_at AS createdAt, p.updated_at AS updatedAt
         FROM providers p LEFT JOIN users u ON u.id = p.owner_user_id
         WHERE p.status <> 'inactive' AND (p.review = 'pending' OR (p.review = 'approved' AND ${HAS_FLAGS}))
         ORDER BY p.updated_at LIMIT ?`,
      )
      .bind(limit)
      .all<WaitingApp>()
  ).results;

/** The decision and what it means for the app; of an app that neither waits nor is flagged nothing changes. */
export const decideApp = (
  db: D1Database,
  it: {
    id: string;
    providerId: string;
    decision: "approved" | "rejected";
    reason: string;
    operatorId: string;
    at: Millis;
  },
): D1PreparedStatement[] => [
  db
    .prepare(
      `INSERT INTO app_decisions (id, provider_id, decision, reason, decided_by, at)
       SELECT ?1, p.id, ?3, ?4, ?5, ?6 FROM providers p WHERE p.id = ?2 AND (p.review = 'pending' OR ${HAS_FLAGS})`,
    )
    .bind(it.id, it.providerId, it.decision, it.reason, it.operatorId, it.at),
  db
    .prepare(
      `UPDATE providers AS p SET review = ?1, updated_at = ?2
       WHERE p.id = ?3 AND (p.review = 'pending' OR (p.review <> ?1 AND ${HAS_FLAGS}))`,
    )
    .bind(it.decision, it.at, it.providerId),
  markFlagsSeen(db, it.providerId, it.at),
];
