// What a person is told, kept until they have read it. A row tells their open pages by itself (migrations/0019_spending.sql,
// `notifications_tell`). SQL of it, and the list of what there is to tell.

import type { Millis } from "../clock.ts";
import { newId } from "../ids.ts";

/** What can be told; the PWA has a sentence for each (web/src/lib/locales/en-news.ts). */
export type NotificationKind =
  | "balance_low"
  | "spending_alert"
  | "top_up_done"
  | "top_up_failed"
  | "top_up_needs_you"
  | "top_up_stopped"
  | "subscription_started"
  | "subscription_renewed"
  | "subscription_past_due"
  | "subscription_ended"
  | "dispute_opened"
  | "dispute_won"
  | "dispute_lost"
  | "debt_repaid"
  | "tokens_granted"
  | "refund_done"
  | "refund_refused"
  | "refund_failed"
  | "complaint_granted"
  | "complaint_declined"
  | "purchase_held"
  | "session_due"
  | "webhook_disabled"
  | "app_unreachable"
  | "app_reachable"
  | "help_answered"
  | "app_approved"
  | "app_rejected"
  | "slice_opened"
  | "slice_shown"
  | "slice_closed";

export interface Notification {
  id: string;
  kind: string;
  data: Record<string, unknown>;
  at: Millis;
  readAt: Millis | null;
}

/** Tell a person something. Commits with its cause; a fixed `id` makes a repeat harmless. */
export const notify = (
  db: D1Database,
  it: { id?: string; userId: string; kind: NotificationKind; data: Record<string, unknown>; at: Millis },
): D1PreparedStatement =>
  db
    .prepare("INSERT INTO notifications (id, user_id, kind, data, at) VALUES (?, ?, ?, ?, ?)")
    .bind(it.id ?? newId(it.at), it.userId, it.kind, JSON.stringify(it.data), it.at);

/** Newest first, and how many are unread in all. */
export async function listNotifications(
  db: D1Database,
  query: { userId: string; limit: number; before: string | null; unreadOnly: boolean },
): Promise<{ notifications: Notification[]; unread: number }> {
  const [rows, unread] = await db.batch([
    db
      .prepare(
        `SELECT id, kind, data, at, read_at AS readAt FROM notifications
         WHERE user_id = ?1 AND (?2 IS NULL OR id < ?2) AND (?3 = 0 OR read_at IS NULL) ORDER BY id DESC LIMIT ?4`,
      )
      .bind(query.userId, query.before, query.unreadOnly ? 1 : 0, query.limit),
    db.prepare("SELECT count(*) AS unread FROM notifications WHERE user_id = ? AND read_at IS NULL").bind(query.userId),
  ]);
  return {
    notifications: (rows!.results as (Omit<Notification, "data"> & { data: string })[]).map((row) => ({
      ...row,
      data: JSON.parse(row.data) as Record<string, unknown>,
    })),
    unread: (unread!.results[0] as { unread: number }).unread,
  };
}

/** Mark as read: these, or with null all there are. What is read stays read at its first moment. */
export const markRead = (db: D1Database, userId: string, ids: string[] | null, now: Millis): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE notifications SET read_at = ?2 WHERE user_id = ?1 AND read_at IS NULL
         AND (?3 IS NULL OR id IN (SELECT value FROM json_each(?3)))`,
    )
    .bind(userId, now, ids && JSON.stringify(ids));

/** Read or not, nobody looks for what was told so long ago. */
export const NOTIFICATIONS_KEPT_MS = 180 * 24 * 60 * 60 * 1000;
export const purgeNotifications = (db: D1Database, now: Millis): D1PreparedStatement =>
  db.prepare("DELETE FROM notifications WHERE at < ?").bind(now - NOTIFICATIONS_KEPT_MS);
