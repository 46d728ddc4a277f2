// Webhook endpoints by API: register, change, rotate, test, see what was sent, send it again. With a test key these are
// the endpoints of the sandbox, with a live key the real ones.

import type { WebhookEvent, WebhookEventType } from "../protocol/webhooks.ts";
import { send, type ApiRequest, type HttpSettings } from "./http.ts";
import { verifyWebhook, type WebhookHeaders, type WebhookSecrets } from "./webhooks.ts";

export interface WebhookWish {
  /** https, on a public host; `http://localhost` where the marketplace runs on your machine. */
  url: string;
  /** `["*"]` for all, also for what comes later. */
  events: readonly (WebhookEventType | "*")[];
  description?: string | null;
}
/** What is left out stays. `enabled: true` also lifts a switch-off of ours. */
export type WebhookChange = Partial<WebhookWish> & { enabled?: boolean };

export interface Webhook {
  id: string;
  providerId: string;
  mode: "live" | "test";
  url: string;
  events: string[];
  description: string | null;
  enabled: boolean;
  /** Why we switched it off: it answered 410, or nothing got through for five days. */
  disabledReason: "gone" | "failing" | null;
  failingSince: string | null;
  /** Half of the last attempts failed: until then nothing is sent. */
  pausedUntil: string | null;
  createdAt: string;
  updatedAt: string;
}
/** `secret` is shown this once. */
export type NewWebhook = Webhook & { secret: string };
export type RotatedWebhook = NewWebhook & { previousSecretExpiresAt: string };

export type WebhookDeliveryStatus = "pending" | "delivered" | "dead" | "dropped";
export interface WebhookDelivery {
  /** The event's id: `webhook-id` of what was sent. */
  id: string;
  webhookId: string;
  type: string | null;
  status: WebhookDeliveryStatus;
  attempts: number;
  nextAttemptAt: string | null;
  responseCode: number | null;
  error: string | null;
  createdAt: string;
  deliveredAt: string | null;
  payload: Record<string, unknown> | null;
  log: {
    at: string;
    attempt: number;
    status: "success" | "failed";
    responseCode: number | null;
    error: string | null;
    durationMs: number;
    response: string | null;
  }[];
}

/** A key is made for every call; give your own where your code itself may run twice. */
export interface Once {
  idempotencyKey?: string;
}
export interface Page {
  limit?: number;
  cursor?: string;
}

export interface Webhooks {
  /** Is it from the marketplace? Takes the body as it came. @throws WebhookSignatureError. */
  verify<Data = Record<string, unknown>>(
    body: string | Uint8Array,
    headers: WebhookHeaders,
    secret: WebhookSecrets,
  ): Promise<WebhookEvent<Data>>;
  create(wish: WebhookWish, once?: Once): Promise<NewWebhook>;
  list(): Promise<Webhook[]>;
  get(id: string): Promise<Webhook>;
  update(id: string, change: WebhookChange, once?: Once): Promise<Webhook>;
  delete(id: string, once?: Once): Promise<void>;
  /** A new secret; the old one signs beside it for 24 h. */
  rotate(id: string, once?: Once): Promise<RotatedWebhook>;
  /** Sends `webhook.test`; `deliveries` shows what became of it. */
  test(id: string, once?: Once): Promise<{ id: string; webhookId: string; type: string; status: "pending" }>;
  /** One delivery again, up to 200 of them, or everything this endpoint did not get since a moment (`nextSince`: go on there). */
  replay(
    id: string,
    what: { deliveryId: string } | { deliveryIds: string[] } | { since: string | Date; includeDelivered?: boolean },
    once?: Once,
  ): Promise<{ replayed: number; nextSince: string | null }>;
  /** What was sent to an endpoint, newest first. */
  deliveries(
    id: string,
    page?: Page & { status?: WebhookDeliveryStatus },
  ): Promise<{ deliveries: WebhookDelivery[]; nextCursor: string | null }>;
  /** What never arrived, over all endpoints, newest first. */
  deadLetters(page?: Page): Promise<{ deadLetters: WebhookDelivery[]; nextCursor: string | null }>;
}

const PATH = "/v1/provider/webhooks";

export function webhooks(http: HttpSettings, now: () => number): Webhooks {
  const at = (id: string, action = "") => `${PATH}/${encodeURIComponent(id)}${action}`;
  const change = <Answer>(method: ApiRequest["method"], path: string, body?: unknown, once: Once = {}) =>
    send<Answer>(http, { method, path, body, idempotencyKey: once.idempotencyKey ?? crypto.randomUUID() });
  const read = <Answer>(path: string, query: object = {}) =>
    send<Answer>(http, { method: "GET", path: path + queryOf(query) });

  return {
    verify: (body, headers, secret) => verifyWebhook(body, headers, secret, now()),
    create: async (wish, once) => (await change<{ webhook: NewWebhook }>("POST", PATH, wish, once)).webhook,
    list: async () => (await read<{ webhooks: Webhook[] }>(PATH)).webhooks,
    get: async (id) => (await read<{ webhook: Webhook }>(at(id))).webhook,
    update: async (id, wish, once) => (await change<{ webhook: Webhook }>("PATCH", at(id), wish, once)).webhook,
    delete: (id, once) => change<void>("DELETE", at(id), undefined, once),
    rotate: async (id, once) =>
      (await change<{ webhook: RotatedWebhook }>("POST", at(id, "/rotate"), undefined, once)).webhook,
    test: async (id, once) =>
      (await change<{ delivery: Awaited<ReturnType<Webhooks["test"]>> }>("POST", at(id, "/test"), undefined, once))
        .delivery,
    replay: (id, what, once) =>
      change(
        "POST",
        at(id, "/replay"),
        "since" in what ? { ...what, since: new Date(what.since).toISOString() } : what,
        once,
      ),
    deliveries: (id, page) => read(at(id, "/deliveries"), page),
    deadLetters: (page) => read(`${PATH}/dead-letters`, page),
  };
}

function queryOf(values: object): string {
  const entries = Object.entries(values as Record<string, unknown>).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(entries.map(([name, value]) => [name, String(value)]));
  return entries.length === 0 ? "" : `?${query.toString()}`;
}
