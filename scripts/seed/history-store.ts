// SQL of the seeded history that no part of the product has: people without accounts, and counts of days that are over.

import type { Millis } from "../../domain/clock.ts";
import { dayOf } from "../../domain/catalogue/day-counts-store.ts";

export interface PastCustomer {
  userId: string;
  walletId: string;
}

/** What apps know people by, since their first session there. Repeating it changes nothing. */
export const insertSubjects = (
  db: D1Database,
  subjects: readonly { userId: string; providerId: string; subject: string; at: Millis }[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO subjects (user_id, provider_id, subject, created_at)
       SELECT value->>'userId', value->>'providerId', value->>'subject', value->>'at' FROM json_each(?)`,
    )
    .bind(JSON.stringify(subjects));

/** Looks at app pages on days that are over. */
export const insertPastViews = (
  db: D1Database,
  views: readonly { providerId: string; at: Millis; count: number }[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO app_day_counts (provider_id, day, mode, kind, count, last_at)
       SELECT value->>'providerId', value->>'day', 'live', 'view', value->>'count', value->>'at' FROM json_each(?)`,
    )
    .bind(JSON.stringify(views.map((view) => ({ ...view, day: dayOf(view.at) }))));

export const isInBooks = async (db: D1Database, sessionId: string): Promise<boolean> =>
  (await db.prepare("SELECT 1 FROM sessions WHERE id = ?").bind(sessionId).first()) !== null;

export const isKnown = async (db: D1Database, customer: PastCustomer): Promise<boolean> =>
  (await db.prepare("SELECT 1 FROM subjects WHERE user_id = ?").bind(customer.userId).first()) !== null;
