// Webhook endpoints of an app of one's own: what they are sent, and sending it again.

import { call } from "./api.ts";

export type WebhookMode = "live" | "test";
export interface Webhook {
  id: string;
  url: string;
  events: string[];
  enabled: boolean;
  disabledReason: "gone" | "failing" | null;
  failingSince: string | null;
  pausedUntil: string | null;
}
/** In the answers that make one. */
export interface WebhookSecret {
  webhook: Webhook & { secret: string; previousSecretExpiresAt?: string };
}
export type DeliveryStatus = "pending" | "delivered" | "dead" | "dropped";
export interface DeliveryAttempt {
  at: string;
  attempt: number;
  status: "success" | "failed";
  responseCode: number | null;
  error: string | null;
  durationMs: number;
  response: string | null;
}
export interface Delivery {
  id: string;
  webhookId: string;
  type: string | null;
  status: DeliveryStatus;
  attempts: number;
  nextAttemptAt: string | null;
  responseCode: number | null;
  error: string | null;
  createdAt: string;
  payload: Record<string, unknown> | null;
  log: DeliveryAttempt[];
}

/** Whose endpoints: an app's, for real sessions or for the sandbox. */
export interface WebhookPlace {
  providerId: string;
  mode: WebhookMode;
}
const PATH = "/v1/provider/webhooks";
const at = (place: WebhookPlace, more: Record<string, string | number | null> = {}) => ({
  query: { ...place, ...more },
});
const path = (id: string, action = "") => `${PATH}/${encodeURIComponent(id)}${action}`;

export const listWebhooks = (place: WebhookPlace) =>
  call<{ webhooks: Webhook[] }>(PATH, at(place)).then(({ webhooks }) => webhooks);
export const createWebhook = (place: WebhookPlace, body: { url: string; events: string[] }) =>
  call<WebhookSecret>(PATH, { method: "POST", body, ...at(place) });
export const changeWebhook = (place: WebhookPlace, id: string, body: { enabled?: boolean; events?: string[] }) =>
  call<{ webhook: Webhook }>(path(id), { method: "PATCH", body, ...at(place) });
export const deleteWebhook = (place: WebhookPlace, id: string) =>
  call<unknown>(path(id), { method: "DELETE", ...at(place) });
export const rotateWebhook = (place: WebhookPlace, id: string) =>
  call<WebhookSecret>(path(id, "/rotate"), { method: "POST", ...at(place) });
export const testWebhook = (place: WebhookPlace, id: string) =>
  call<unknown>(path(id, "/test"), { method: "POST", ...at(place) });

const PAGE = 25;
export const listDeliveries = (place: WebhookPlace, id: string, status: DeliveryStatus | null, cursor: string | null) =>
  call<{ deliveries: Delivery[]; nextCursor: string | null }>(
    path(id, "/deliveries"),
    at(place, { limit: PAGE, status, cursor }),
  );
export const listDeadLetters = (place: WebhookPlace, cursor: string | null) =>
  call<{ deadLetters: Delivery[]; nextCursor: string | null }>(
    `${PATH}/dead-letters`,
    at(place, { limit: PAGE, cursor }),
  ).then(({ deadLetters, nextCursor }) => ({ deliveries: deadLetters, nextCursor }));
export type Replay = { deliveryIds: string[] } | { since: string; includeDelivered: boolean };
export const replayWebhook = (place: WebhookPlace, id: string, what: Replay) =>
  call<{ replayed: number; nextSince: string | null }>(path(id, "/replay"), {
    method: "POST",
    body: what,
    ...at(place),
  });
