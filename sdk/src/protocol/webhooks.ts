// Webhook events as providers receive them, and the two signature headers. Contract section 5.

export const WEBHOOK_EVENT_TYPES = [
  "session.started",
  "session.paused",
  "session.resumed",
  "session.extended",
  "session.expiring",
  "session.completed",
  "session.failed",
  "session.settled",
  "tokens.consumed",
  "tokens.depleted",
  "provider.available",
  "provider.unavailable",
  "user.erased",
  "user.consent_withdrawn",
  "user.connected",
  "user.disconnected",
  "payout.paid",
  "payout.failed",
  "subscription.started",
  "subscription.renewed",
  "subscription.past_due",
  "subscription.ended",
  "usage.disputed",
  "usage.resolved",
] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

export interface WebhookEvent<Data = Record<string, unknown>> {
  id: string;
  type: WebhookEventType;
  /** ISO 8601 UTC: when it happened, not when it was sent. */
  timestamp: string;
  data: Data & { sessionId?: string; sequence?: number };
}

/** Standard Webhooks 1.0.0 headers. */
export const WEBHOOK_HEADERS = {
  id: "webhook-id",
  timestamp: "webhook-timestamp",
  signature: "webhook-signature",
} as const;
/** The brief's header: `t=<unix s>,v1=<hex HMAC-SHA256 of "t.body" under the whole whsec_ string>`. */
export const MARKETPLACE_SIGNATURE_HEADER = "x-marketplace-signature";
/** A signature older or newer than this is refused. */
export const WEBHOOK_TOLERANCE_SECONDS = 300;
