// What became of events at an endpoint, and sending them once more: the log, dead letters, replay and the test event.

import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { eventBody } from "./body.ts";
import { loadWebhook, type WebhookPlace } from "./endpoints.ts";
import { REPLAY_MAX } from "./limits.ts";
import {
  findDelivered,
  findDelivery,
  findReplayable,
  firstIdAt,
  insertTargetedEvent,
  listDeadLetters,
  listDeliveries,
  replayDeliveries,
  type DeliveryRow,
  type DeliveryStatus,
  type LogEntry,
  type WebhookOwner,
} from "./store.ts";

/** Sent to one endpoint on request; nobody subscribes to it. */
export const TEST_EVENT_TYPE = "webhook.test";

/** A delivery with every attempt. Its id is the event's, which the receiver saw as `webhook-id`. */
export const deliveryView = (row: DeliveryRow) => ({
  id: row.outbox_id,
  webhookId: row.webhook_id,
  type: row.type,
  status: row.status,
  attempts: row.attempts,
  nextAttemptAt: row.status === "pending" ? iso(row.due_at) : null,
  responseCode: row.last_code,
  error: row.last_error,
  createdAt: iso(row.created_at),
  deliveredAt: isoOrNull(row.delivered_at),
  /** As it was sent; null once the event is past keeping. */
  payload: payloadOf(row),
  log: (JSON.parse(row.log) as LogEntry[]).map(({ at, code, ...entry }) => ({
    ...entry,
    at: iso(at),
    responseCode: code,
  })),
});
export type DeliveryView = ReturnType<typeof deliveryView>;

function payloadOf({ outbox_id: id, type, at, sequence, data }: DeliveryRow): Record<string, unknown> | null {
  if (type === null || at === null || data === null) return null;
  return JSON.parse(eventBody({ id, type, at, sequence, data })) as Record<string, unknown>;
}

/** Newest first. @throws DomainError `webhook_not_found`. */
export async function deliveriesOf(
  place: WebhookPlace,
  owner: WebhookOwner,
  webhookId: string,
  page: { status: DeliveryStatus | null; cursor: string | null; limit: number },
): Promise<{ deliveries: DeliveryView[]; nextCursor: string | null }> {
  await loadWebhook(place, owner, webhookId);
  const rows = await listDeliveries(place.db, webhookId, page);
  return { deliveries: rows.map(deliveryView), nextCursor: rows.length < page.limit ? null : rows.at(-1)!.outbox_id };
}

/** What never arrived and is not tried again, over all endpoints of the provider, newest first. */
export async function deadLettersOf(
  place: WebhookPlace,
  owner: WebhookOwner,
  page: { cursor: string | null; limit: number },
): Promise<{ deadLetters: DeliveryView[]; nextCursor: string | null }> {
  const rows = await listDeadLetters(place.db, owner, page);
  const last = rows.at(-1);
  return {
    deadLetters: rows.map(deliveryView),
    nextCursor: last && rows.length === page.limit ? last.outbox_id + last.webhook_id : null,
  };
}

/**
 * Send one event to an endpoint again, delivered or not, with all attempts before it.
 * @throws DomainError `webhook_not_found` (also for the delivery), `webhook_disabled`.
 */
export async function replayOne(
  place: WebhookPlace,
  owner: WebhookOwner,
  webhookId: string,
  deliveryId: string,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<ReplayAnswer> {
  await loadEnabled(place, owner, webhookId);
  if (!(await findDelivery(place.db, webhookId, deliveryId)))
    throw new DomainError("webhook_not_found", "This endpoint has no such delivery. They are kept for 30 days.");
  return replay(place, webhookId, { ids: [deliveryId], nextSince: null }, claim, now);
}

/**
 * Send these events to an endpoint again, delivered or not. Those it never had are passed over; `replayed` counts the others.
 * @throws DomainError `webhook_not_found` (also when it had none of them), `webhook_disabled`.
 */
export async function replayMany(
  place: WebhookPlace,
  owner: WebhookOwner,
  webhookId: string,
  deliveryIds: readonly string[],
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<ReplayAnswer> {
  await loadEnabled(place, owner, webhookId);
  const ids = await findDelivered(place.db, webhookId, deliveryIds);
  if (ids.length === 0)
    throw new DomainError(
      "webhook_not_found",
      "This endpoint has none of these deliveries. They are kept for 30 days.",
    );
  return replay(place, webhookId, { ids, nextSince: null }, claim, now);
}

/**
 * Send again what an endpoint did not get since a moment: up to `REPLAY_MAX` events, oldest first.
 * @param range.includeDelivered Also what it did get, for a receiver that lost its own records.
 * @returns `nextSince` when there are more: ask again with it.
 * @throws DomainError `webhook_not_found`, `webhook_disabled`.
 */
export async function replaySince(
  place: WebhookPlace,
  owner: WebhookOwner,
  webhookId: string,
  range: { since: Millis; includeDelivered: boolean },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<ReplayAnswer> {
  await loadEnabled(place, owner, webhookId);
  const { since, includeDelivered } = range;
  const found = await findReplayable(place.db, webhookId, {
    from: firstIdAt(since),
    includeDelivered,
    limit: REPLAY_MAX + 1,
  });
  const next = found[REPLAY_MAX];
  const nextSince = next === undefined ? null : iso(Number.parseInt(next.replace("-", "").slice(0, 12), 16));
  return replay(place, webhookId, { ids: found.slice(0, REPLAY_MAX), nextSince }, claim, now);
}

export interface ReplayAnswer {
  replayed: number;
  nextSince: string | null;
}

async function replay(
  place: WebhookPlace,
  webhookId: string,
  what: { ids: string[]; nextSince: string | null },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<ReplayAnswer> {
  const body: ReplayAnswer = { replayed: what.ids.length, nextSince: what.nextSince };
  await place.db.batch([
    replayDeliveries(place.db, webhookId, what.ids, now),
    ...(await recordAnswer(place.db, claim, { status: 202, body }, now)),
  ]);
  return body;
}

/**
 * Send a test event to one endpoint, whatever it subscribes to.
 * @returns The delivery, still pending; the list of deliveries shows what became of it.
 * @throws DomainError `webhook_not_found`, `webhook_disabled`.
 */
export async function sendTestEvent(
  place: WebhookPlace,
  owner: WebhookOwner,
  webhookId: string,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ delivery: { id: string; webhookId: string; type: string; status: "pending" } }> {
  await loadEnabled(place, owner, webhookId);
  const event = {
    id: newId(now),
    type: TEST_EVENT_TYPE,
    providerId: owner.providerId,
    webhookId,
    data: { webhookId, providerId: owner.providerId, mode: owner.mode, message: "This endpoint can be reached." },
  };
  const body = { delivery: { id: event.id, webhookId, type: event.type, status: "pending" as const } };
  await place.db.batch([
    ...insertTargetedEvent(place.db, event, now),
    ...(await recordAnswer(place.db, claim, { status: 202, body }, now)),
  ]);
  return body;
}

async function loadEnabled(place: WebhookPlace, owner: WebhookOwner, webhookId: string): Promise<void> {
  const row = await loadWebhook(place, owner, webhookId);
  if (row.enabled === 0)
    throw new DomainError(
      "webhook_disabled",
      "This endpoint is switched off. Switch it on first (PATCH, enabled: true).",
    );
}
