// SQL of listeners without an address. What they may hear is noted by a trigger (migrations/0041_listeners.sql).

import type { Millis } from "../clock.ts";
import type { OutboxEvent } from "./body.ts";
import { firstIdAt, type WebhookOwner } from "./store.ts";

export interface ListenerRow {
  id: string;
  provider_id: string;
  mode: "live" | "test";
  events: string;
  expires_at: Millis;
}

export interface HeardRow extends OutboxEvent {
  position: number;
}

/** Fails the batch with `webhook_limit_reached` (trigger) when the provider has as many as it may. */
export const insertListener = (
  db: D1Database,
  listener: WebhookOwner & { id: string; events: readonly string[]; expiresAt: Millis },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      "INSERT INTO webhook_listeners (id, provider_id, mode, events, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(listener.id, listener.providerId, listener.mode, JSON.stringify(listener.events), now, listener.expiresAt);

/** What happened since a moment, as if the listener had been there. UUIDv7: the order of ids is the order of time. */
export const noteSince = (
  db: D1Database,
  listener: WebhookOwner & { id: string },
  since: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO listener_events (listener_id, outbox_id)
       SELECT ?1, o.id FROM outbox o LEFT JOIN sessions s ON s.id = o.session_id
       WHERE o.id >= ?2 AND o.provider_id = ?3 AND coalesce(s.mode, 'live') = ?4 ORDER BY o.id`,
    )
    .bind(listener.id, firstIdAt(since), listener.providerId, listener.mode);

export const findListener = (
  db: D1Database,
  owner: WebhookOwner,
  id: string,
  now: Millis,
): Promise<ListenerRow | null> =>
  db
    .prepare(
      `SELECT id, provider_id, mode, events, expires_at FROM webhook_listeners
       WHERE id = ? AND provider_id = ? AND mode = ? AND expires_at > ?`,
    )
    .bind(id, owner.providerId, owner.mode, now)
    .first<ListenerRow>();

/** @param types The event types this listener hears. */
export const readHeard = async (
  db: D1Database,
  listenerId: string,
  page: { after: number; limit: number; types: readonly string[] },
): Promise<HeardRow[]> =>
  (
    await db
      .prepare(
        `SELECT l.position, o.id, o.type, o.at, o.sequence, o.data
         FROM listener_events l JOIN outbox o ON o.id = l.outbox_id
         WHERE l.listener_id = ?1 AND l.position > ?2 AND o.type IN (SELECT value FROM json_each(?3))
         ORDER BY l.position LIMIT ?4`,
      )
      .bind(listenerId, page.after, JSON.stringify(page.types), page.limit)
      .all<HeardRow>()
  ).results;

/** What was read is noted no longer; and the listener lives on. */
export const moveOn = (db: D1Database, listenerId: string, after: number, expiresAt: Millis): D1PreparedStatement[] => [
  db.prepare("DELETE FROM listener_events WHERE listener_id = ? AND position <= ?").bind(listenerId, after),
  db.prepare("UPDATE webhook_listeners SET expires_at = ? WHERE id = ?").bind(expiresAt, listenerId),
];

export const deleteListener = (db: D1Database, id: string): D1PreparedStatement[] => [
  db.prepare("DELETE FROM listener_events WHERE listener_id = ?").bind(id),
  db.prepare("DELETE FROM webhook_listeners WHERE id = ?").bind(id),
];

/** An event for one listener: it belongs to no provider, so nobody else hears of it, and no endpoint waits for it. */
export const insertListenerEvent = (
  db: D1Database,
  event: { id: string; type: string; listenerId: string; data: unknown },
  now: Millis,
): D1PreparedStatement[] => [
  db
    .prepare("INSERT INTO outbox (id, type, data, at, fanned_at) VALUES (?1, ?2, ?3, ?4, ?4)")
    .bind(event.id, event.type, JSON.stringify(event.data), now),
  db.prepare("INSERT INTO listener_events (listener_id, outbox_id) VALUES (?, ?)").bind(event.listenerId, event.id),
];

/** Throw away listeners that stayed away, with what was noted for them. Safe to repeat. */
export async function purgeListeners(db: D1Database, now: Millis): Promise<void> {
  await db.batch([
    db
      .prepare(
        "DELETE FROM listener_events WHERE listener_id NOT IN (SELECT id FROM webhook_listeners WHERE expires_at > ?)",
      )
      .bind(now),
    db.prepare("DELETE FROM webhook_listeners WHERE expires_at <= ?").bind(now),
  ]);
}
