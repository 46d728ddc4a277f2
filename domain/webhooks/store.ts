// SQL of webhook endpoints and of reading, replaying and purging deliveries. The sending itself is in delivery-store.ts.

import type { Millis } from "../clock.ts";
import { DELIVERY_KEPT_MS, LOG_KEPT_MS } from "./limits.ts";

export interface WebhookRow {
  id: string;
  provider_id: string;
  mode: "live" | "test";
  url: string;
  events: string;
  description: string | null;
  enabled: 0 | 1;
  disabled_reason: "gone" | "failing" | null;
  created_at: Millis;
  updated_at: Millis;
  failing_since: Millis | null;
  open_until: Millis | null;
}

/** Whose endpoints: a provider's, seen with a key of one mode. */
export interface WebhookOwner {
  providerId: string;
  mode: "live" | "test";
}

const COLUMNS =
  "id, provider_id, mode, url, events, description, enabled, disabled_reason, created_at, updated_at, failing_since, open_until";
const OWNED = "provider_id = ? AND mode = ? AND deleted_at IS NULL";

// Endpoints ----------------------------------------------------------------------------------------------------------

/** Fails the batch with `webhook_limit_reached` (trigger) when the provider has as many as it may. */
export const insertWebhook = (
  db: D1Database,
  webhook: WebhookOwner & { id: string; url: string; events: string[]; description: string | null },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO webhooks (id, provider_id, mode, url, events, description, created_at, updated_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)`,
    )
    .bind(
      webhook.id,
      webhook.providerId,
      webhook.mode,
      webhook.url,
      JSON.stringify(webhook.events),
      webhook.description,
      now,
    );

export const findWebhook = (db: D1Database, owner: WebhookOwner, id: string): Promise<WebhookRow | null> =>
  db
    .prepare(`SELECT ${COLUMNS} FROM webhooks WHERE ${OWNED} AND id = ?`)
    .bind(owner.providerId, owner.mode, id)
    .first<WebhookRow>();

export const listWebhooks = async (db: D1Database, owner: WebhookOwner): Promise<WebhookRow[]> =>
  (
    await db
      .prepare(`SELECT ${COLUMNS} FROM webhooks WHERE ${OWNED} ORDER BY id`)
      .bind(owner.providerId, owner.mode)
      .all<WebhookRow>()
  ).results;

/** Switching on forgets why it was off, and how it failed before. */
export const updateWebhook = (
  db: D1Database,
  id: string,
  change: { url: string; events: string[]; description: string | null; isEnabled: boolean },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE webhooks SET url = ?2, events = ?3, description = ?4, enabled = ?5, updated_at = ?6,
         disabled_reason = CASE WHEN enabled = ?5 AND ?5 = 0 THEN disabled_reason END,
         failing_since = CASE WHEN enabled = ?5 AND url = ?2 THEN failing_since END,
         open_until = CASE WHEN enabled = ?5 AND url = ?2 THEN open_until END,
         window_at = CASE WHEN enabled = ?5 AND url = ?2 THEN window_at ELSE 0 END
       WHERE id = ?1`,
    )
    .bind(id, change.url, JSON.stringify(change.events), change.description, change.isEnabled ? 1 : 0, now);

/** The row stays until its log is past keeping; its secrets go at once. */
export const deleteWebhook = (db: D1Database, id: string, now: Millis): D1PreparedStatement[] => [
  db
    .prepare("UPDATE webhooks SET enabled = 0, disabled_reason = NULL, deleted_at = ?2, updated_at = ?2 WHERE id = ?1")
    .bind(id, now),
  db.prepare("DELETE FROM webhook_secrets WHERE webhook_id = ?").bind(id),
];

// Secrets ------------------------------------------------------------------------------------------------------------

export const insertSecret = (
  db: D1Database,
  secret: { id: string; webhookId: string; sealed: string },
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare("INSERT INTO webhook_secrets (id, webhook_id, sealed, created_at) VALUES (?, ?, ?, ?)")
    .bind(secret.id, secret.webhookId, secret.sealed, now);

/** Gives the secrets of an endpoint an end, and keeps only the newest `kept` of them. */
export const retireSecrets = (
  db: D1Database,
  webhookId: string,
  retire: { expiresAt: Millis; kept: number },
): D1PreparedStatement[] => [
  db
    .prepare("UPDATE webhook_secrets SET expires_at = ? WHERE webhook_id = ? AND expires_at IS NULL")
    .bind(retire.expiresAt, webhookId),
  db
    .prepare(
      `DELETE FROM webhook_secrets WHERE webhook_id = ?1 AND id NOT IN
         (SELECT id FROM webhook_secrets WHERE webhook_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2)`,
    )
    .bind(webhookId, retire.kept),
];

// Deliveries ---------------------------------------------------------------------------------------------------------

export type DeliveryStatus = "pending" | "delivered" | "dead" | "dropped";

export interface DeliveryRow {
  webhook_id: string;
  outbox_id: string;
  status: DeliveryStatus;
  attempts: number;
  due_at: Millis;
  last_code: number | null;
  last_error: string | null;
  created_at: Millis;
  delivered_at: Millis | null;
  /** JSON list of LogEntry, oldest first. */
  log: string;
  /** Null once the event itself is past keeping. */
  type: string | null;
  at: Millis | null;
  sequence: number | null;
  data: string | null;
}

export interface LogEntry {
  at: Millis;
  attempt: number;
  status: "success" | "failed";
  code: number | null;
  error: string | null;
  durationMs: number;
  response: string | null;
}

const DELIVERY_COLUMNS = `d.webhook_id, d.outbox_id, d.status, d.attempts, d.due_at, d.last_code, d.last_error, d.created_at,
  d.delivered_at, o.type, o.at, o.sequence, o.data,
  (SELECT json_group_array(json_object('at', l.created_at, 'attempt', l.attempt, 'status', l.status,
     'code', l.response_code, 'error', l.error, 'durationMs', l.duration_ms, 'response', l.response) ORDER BY l.created_at)
   FROM webhook_logs l WHERE l.webhook_id = d.webhook_id AND l.outbox_id = d.outbox_id) AS log`;

/** Newest first, from before the event `cursor` on. */
export const listDeliveries = async (
  db: D1Database,
  webhookId: string,
  page: { status: DeliveryStatus | null; cursor: string | null; limit: number },
): Promise<DeliveryRow[]> =>
  (
    await db
      .prepare(
        `SELECT ${DELIVERY_COLUMNS} FROM deliveries d LEFT JOIN outbox o ON o.id = d.outbox_id
         WHERE d.webhook_id = ?1 AND (?2 IS NULL OR d.outbox_id < ?2) AND (?3 IS NULL OR d.status = ?3)
         ORDER BY d.outbox_id DESC LIMIT ?4`,
      )
      .bind(webhookId, page.cursor, page.status, page.limit)
      .all<DeliveryRow>()
  ).results;

/** What never arrived, over all endpoints of a provider, newest first. */
export const listDeadLetters = async (
  db: D1Database,
  owner: WebhookOwner,
  page: { cursor: string | null; limit: number },
): Promise<DeliveryRow[]> =>
  (
    await db
      .prepare(
        `SELECT ${DELIVERY_COLUMNS}
         FROM webhooks w CROSS JOIN deliveries d ON d.webhook_id = w.id LEFT JOIN outbox o ON o.id = d.outbox_id
         WHERE w.provider_id = ?1 AND w.mode = ?2 AND w.deleted_at IS NULL
           AND d.status IN ('dead', 'dropped') AND (?3 IS NULL OR d.outbox_id || d.webhook_id < ?3)
         ORDER BY d.outbox_id DESC, d.webhook_id DESC LIMIT ?4`,
      )
      .bind(owner.providerId, owner.mode, page.cursor, page.limit)
      .all<DeliveryRow>()
  ).results;

export const findDelivery = (db: D1Database, webhookId: string, eventId: string): Promise<DeliveryRow | null> =>
  db
    .prepare(
      `SELECT ${DELIVERY_COLUMNS} FROM deliveries d LEFT JOIN outbox o ON o.id = d.outbox_id
       WHERE d.webhook_id = ? AND d.outbox_id = ?`,
    )
    .bind(webhookId, eventId)
    .first<DeliveryRow>();

/** Event ids an endpoint did not get, oldest first, from the id `from` on. */
export const findReplayable = async (
  db: D1Database,
  webhookId: string,
  range: { from: string; includeDelivered: boolean; limit: number },
): Promise<string[]> =>
  (
    await db
      .prepare(
        `SELECT outbox_id FROM deliveries WHERE webhook_id = ? AND outbox_id >= ?
           AND (status IN ('dead', 'dropped') OR (status = 'delivered' AND ?))
         ORDER BY outbox_id LIMIT ?`,
      )
      .bind(webhookId, range.from, range.includeDelivered ? 1 : 0, range.limit)
      .all<{ outbox_id: string }>()
  ).results.map((row) => row.outbox_id);

/** Which of these events went to an endpoint, oldest first. */
export const findDelivered = async (
  db: D1Database,
  webhookId: string,
  eventIds: readonly string[],
): Promise<string[]> =>
  (
    await db
      .prepare(
        `SELECT outbox_id FROM deliveries WHERE webhook_id = ? AND outbox_id IN (SELECT value FROM json_each(?))
         ORDER BY outbox_id`,
      )
      .bind(webhookId, JSON.stringify(eventIds))
      .all<{ outbox_id: string }>()
  ).results.map((row) => row.outbox_id);

/** Due at once, with all attempts before them. One that is out at this moment stays as it is. */
export const replayDeliveries = (
  db: D1Database,
  webhookId: string,
  eventIds: readonly string[],
  now: Millis,
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE deliveries SET status = 'pending', attempts = 0, due_at = ?3, delivered_at = NULL
       WHERE webhook_id = ?1 AND outbox_id IN (SELECT value FROM json_each(?2)) AND lease IS NULL`,
    )
    .bind(webhookId, JSON.stringify(eventIds), now);

/** An event for one endpoint only, whatever it subscribes to: it is born fanned out. */
export const insertTargetedEvent = (
  db: D1Database,
  event: { id: string; type: string; providerId: string; webhookId: string; data: unknown },
  now: Millis,
): D1PreparedStatement[] => [
  db
    .prepare("INSERT INTO outbox (id, type, provider_id, data, at, fanned_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)")
    .bind(event.id, event.type, event.providerId, JSON.stringify(event.data), now),
  db
    .prepare(
      "INSERT INTO deliveries (webhook_id, outbox_id, status, due_at, created_at) VALUES (?1, ?2, 'pending', ?3, ?3)",
    )
    .bind(event.webhookId, event.id, now),
];

// Keeping and throwing away ------------------------------------------------------------------------------------------

/** Rows deleted by one statement at most, so that a purge never holds the database for long. */
const PURGE_ROWS_MAX = 5_000;

/**
 * Throw away what is past keeping, and nothing that is still owed: a delivery on its way, an event that has one, and what a
 * session said before it is settled (settling says its end again under the same id, and must find it). Event ids are UUIDv7:
 * their order is their age. Safe to repeat.
 */
export async function purgeWebhooks(db: D1Database, now: Millis): Promise<void> {
  const eventsBefore = firstIdAt(now - DELIVERY_KEPT_MS);
  const ofEveryEndpoint = (table: string, key: string, old: string) =>
    db.prepare(
      `DELETE FROM ${table} WHERE (${key}) IN (
         SELECT ${key.replaceAll(/\w+/g, "t.$&")} FROM webhooks w CROSS JOIN ${table} t ON t.webhook_id = w.id
         WHERE t.outbox_id < ?1 ${old} LIMIT ${PURGE_ROWS_MAX})`,
    );
  await db.batch([
    ofEveryEndpoint("webhook_logs", "webhook_id, outbox_id, created_at, attempt", "").bind(
      firstIdAt(now - LOG_KEPT_MS),
    ),
    // An event may have been fanned out long after it happened.
    ofEveryEndpoint("deliveries", "webhook_id, outbox_id", "AND t.status <> 'pending' AND t.created_at < ?2").bind(
      eventsBefore,
      now - DELIVERY_KEPT_MS,
    ),
    db
      .prepare(
        `DELETE FROM outbox WHERE id IN (
           SELECT o.id FROM outbox o LEFT JOIN sessions s ON s.id = o.session_id
           WHERE o.id < ?1 AND o.fanned_at IS NOT NULL AND (s.id IS NULL OR s.settled_at IS NOT NULL)
             AND NOT EXISTS (SELECT 1 FROM webhooks w JOIN deliveries d ON d.webhook_id = w.id AND d.outbox_id = o.id
               WHERE w.provider_id = o.provider_id)
           LIMIT ${PURGE_ROWS_MAX})`,
      )
      .bind(eventsBefore),
    db.prepare("DELETE FROM webhook_secrets WHERE expires_at <= ?").bind(now),
    db
      .prepare(
        `DELETE FROM webhooks WHERE deleted_at < ?1
           AND NOT EXISTS (SELECT 1 FROM webhook_logs l WHERE l.webhook_id = webhooks.id)
           AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = webhooks.id)`,
      )
      .bind(now - LOG_KEPT_MS),
    db.prepare("DELETE FROM queue_dead_letters WHERE at < ?").bind(now - LOG_KEPT_MS),
  ]);
}

/** No UUIDv7 of this moment or later sorts before it. */
export function firstIdAt(at: Millis): string {
  const time = Math.max(0, at).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7`;
}

export async function recordDeadLetters(
  db: D1Database,
  queue: string,
  letters: { id: string; body: string }[],
  now: Millis,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO queue_dead_letters (id, queue, body, at)
       SELECT value->>'id', ?2, value->>'body', ?3 FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
    )
    .bind(JSON.stringify(letters), queue, now)
    .run();
}
