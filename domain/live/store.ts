// SQL of the live channel: who is there, and what a person's devices are shown first.

import type { Millis } from "../clock.ts";

/** An event as a person's devices hear it: the outbox row, without the fields providers need. */
export interface PersonEvent {
  id: string;
  type: string;
  userId: string;
  sessionId: string | null;
  data: Record<string, unknown>;
  at: Millis;
  /** The wallet when the event was picked up: spendable now, and held by open sessions. */
  available: number;
  held: number;
}

export async function arrive(db: D1Database, userId: string, now: Millis): Promise<void> {
  await db.prepare("INSERT OR IGNORE INTO live_people (user_id, since) VALUES (?, ?)").bind(userId, now).run();
}
export async function leave(db: D1Database, userId: string): Promise<void> {
  await db.prepare("DELETE FROM live_people WHERE user_id = ?").bind(userId).run();
}

/** The events of `source` (a SELECT of outbox rows) whose people have a socket open. Costs nothing while nobody has. */
export const eventsOfLivePeople = (db: D1Database, source: string, ...values: unknown[]): D1PreparedStatement =>
  db
    .prepare(
      `SELECT e.id, e.type, e.user_id AS userId, e.session_id AS sessionId, e.data, e.at, w.available, w.held
       FROM (${source}) e JOIN live_people p ON p.user_id = e.user_id
       JOIN users u ON u.id = p.user_id JOIN wallets w ON w.id = u.wallet_id ORDER BY e.at, e.id`,
    )
    .bind(...values);

export const personEventFromRow = (row: Omit<PersonEvent, "data"> & { data: string }): PersonEvent => ({
  ...row,
  data: JSON.parse(row.data) as Record<string, unknown>,
});
