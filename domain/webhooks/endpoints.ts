// A provider's webhook endpoints: made, seen, changed, rotated and removed by the provider.

import { WEBHOOK_EVENT_TYPES } from "../../sdk/src/protocol/webhooks.ts";
import { iso, isoOrNull, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { SECRETS_MAX, WEBHOOKS_MAX } from "./limits.ts";
import { SECRET_OVERLAP_MS, sealSecret } from "./secrets.ts";
import { newWebhookSecret } from "./sign.ts";
import {
  deleteWebhook,
  findWebhook,
  insertSecret,
  insertWebhook,
  listWebhooks,
  retireSecrets,
  updateWebhook,
  type WebhookOwner,
  type WebhookRow,
} from "./store.ts";
import { assertUrlAllowed } from "./url-policy.ts";

/** What these functions need of the Worker. */
export interface WebhookPlace {
  db: D1Database;
  dataKey: string;
  environment: "local" | "production";
}

/** The wildcard: every event type there is, and those to come. */
export const ALL_EVENTS = "*";
export const SUBSCRIBABLE = [...WEBHOOK_EVENT_TYPES, ALL_EVENTS] as const;

/** An endpoint as its provider sees it. The secret is not in it: it is shown when it is made, and never again. */
export const webhookView = (row: WebhookRow) => ({
  id: row.id,
  providerId: row.provider_id,
  mode: row.mode,
  url: row.url,
  events: JSON.parse(row.events) as string[],
  description: row.description,
  enabled: row.enabled === 1,
  disabledReason: row.disabled_reason,
  failingSince: isoOrNull(row.failing_since),
  /** Until then nothing is sent, because half of the last attempts failed. */
  pausedUntil: isoOrNull(row.open_until),
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
export type WebhookView = ReturnType<typeof webhookView>;

/**
 * Register an endpoint. @returns it with its signing secret, shown this once.
 * @throws DomainError `url_not_allowed`, `webhook_limit_reached`.
 */
export async function createWebhook(
  place: WebhookPlace,
  owner: WebhookOwner,
  wish: { url: string; events: string[]; description: string | null },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ webhook: WebhookView & { secret: string } }> {
  const url = assertUrlAllowed(wish.url, { environment: place.environment, purpose: "webhook" }).href;
  const webhook = { ...owner, id: newId(now), url, events: normalEvents(wish.events), description: wish.description };
  const secret = newWebhookSecret();
  const sealed = await sealSecret(place.dataKey, secret);
  const row: WebhookRow = {
    id: webhook.id,
    provider_id: owner.providerId,
    mode: owner.mode,
    url,
    events: JSON.stringify(webhook.events),
    description: wish.description,
    enabled: 1,
    disabled_reason: null,
    created_at: now,
    updated_at: now,
    failing_since: null,
    open_until: null,
  };
  const body = { webhook: { ...webhookView(row), secret } };
  try {
    await place.db.batch([
      insertWebhook(place.db, webhook, now),
      insertSecret(place.db, { id: newId(now), webhookId: webhook.id, sealed }, now),
      ...(await recordAnswer(place.db, claim, { status: 201, body }, now)),
    ]);
  } catch (error) {
    if (!/webhook_limit_reached/.test(String((error as Error)?.message))) throw error;
    throw new DomainError(
      "webhook_limit_reached",
      `A provider can have ${WEBHOOKS_MAX} endpoints in each mode. Delete one that you no longer need.`,
    );
  }
  return body;
}

export const webhooksOf = async (place: WebhookPlace, owner: WebhookOwner): Promise<WebhookView[]> =>
  (await listWebhooks(place.db, owner)).map(webhookView);

/** @throws DomainError `webhook_not_found`, also for another provider's and another mode's. */
export async function loadWebhook(place: WebhookPlace, owner: WebhookOwner, id: string): Promise<WebhookRow> {
  const row = await findWebhook(place.db, owner, id);
  if (!row) throw new DomainError("webhook_not_found", "There is no such webhook endpoint.");
  return row;
}

/**
 * Change what is given and leave the rest. Switching an endpoint on clears why it was off.
 * @throws DomainError `webhook_not_found`, `url_not_allowed`.
 */
export async function changeWebhook(
  place: WebhookPlace,
  owner: WebhookOwner,
  id: string,
  change: { url?: string; events?: string[]; description?: string | null; enabled?: boolean },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ webhook: WebhookView }> {
  const row = await loadWebhook(place, owner, id);
  const url =
    change.url === undefined
      ? row.url
      : assertUrlAllowed(change.url, { environment: place.environment, purpose: "webhook" }).href;
  const isEnabled = change.enabled ?? row.enabled === 1;
  const isFresh = url !== row.url || isEnabled !== (row.enabled === 1);
  const events = change.events ? normalEvents(change.events) : (JSON.parse(row.events) as string[]);
  const description = change.description === undefined ? row.description : change.description;
  const changed: WebhookRow = {
    ...row,
    url,
    events: JSON.stringify(events),
    description,
    enabled: isEnabled ? 1 : 0,
    disabled_reason: isEnabled || row.enabled === 1 ? null : row.disabled_reason,
    failing_since: isFresh ? null : row.failing_since,
    open_until: isFresh ? null : row.open_until,
    updated_at: now,
  };
  const body = { webhook: webhookView(changed) };
  await place.db.batch([
    updateWebhook(place.db, id, { url, events, description, isEnabled }, now),
    ...(await recordAnswer(place.db, claim, { status: 200, body }, now)),
  ]);
  return body;
}

/** Remove an endpoint: nothing is sent from now on. @throws DomainError `webhook_not_found`. */
export async function removeWebhook(
  place: WebhookPlace,
  owner: WebhookOwner,
  id: string,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<null> {
  await loadWebhook(place, owner, id);
  await place.db.batch([
    ...deleteWebhook(place.db, id, now),
    ...(await recordAnswer(place.db, claim, { status: 204, body: null }, now)),
  ]);
  return null;
}

/**
 * A new signing secret. The old one signs beside it for 24 h, so that receivers can change over without losing an event.
 * @throws DomainError `webhook_not_found`.
 */
export async function rotateSecret(
  place: WebhookPlace,
  owner: WebhookOwner,
  id: string,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ webhook: WebhookView & { secret: string; previousSecretExpiresAt: string } }> {
  const row = await loadWebhook(place, owner, id);
  const secret = newWebhookSecret();
  const sealed = await sealSecret(place.dataKey, secret);
  const expiresAt = now + SECRET_OVERLAP_MS;
  const body = { webhook: { ...webhookView(row), secret, previousSecretExpiresAt: iso(expiresAt) } };
  await place.db.batch([
    ...retireSecrets(place.db, id, { expiresAt, kept: SECRETS_MAX - 1 }),
    insertSecret(place.db, { id: newId(now), webhookId: id, sealed }, now),
    ...(await recordAnswer(place.db, claim, { status: 200, body }, now)),
  ]);
  return body;
}

/** Each type once, in the order of the protocol; the wildcard swallows the others. */
function normalEvents(events: readonly string[]): string[] {
  if (events.includes(ALL_EVENTS)) return [ALL_EVENTS];
  return WEBHOOK_EVENT_TYPES.filter((type) => events.includes(type));
}
