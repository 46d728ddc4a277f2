// The push services of browsers (RFC 8030), one door for all: a message is encrypted for the device (RFC 8291) and signed
// with our key (RFC 8292). Which service it is, the browser chose.

import { buildPushPayload } from "@block65/webcrypto-web-push";
import { base64url } from "jose";
import type { Millis } from "../clock.ts";
import { readRetryAfter } from "../webhooks/schedule.ts";

/** A browser's `PushSubscription.toJSON()`, as far as it is needed. */
export interface PushAddress {
  endpoint: string;
  /** base64url: the device's P-256 point of 65 bytes, and its secret of 16. */
  keys: { p256dh: string; auth: string };
}

/** Our key toward push services (VAPID), base64url: the point and the private scalar. `subject` says who asks: https or mailto. */
export interface PushKeys {
  publicKey: string;
  privateKey: string;
  subject: string;
}

export interface PushOptions {
  /** How long it is worth delivering. */
  ttlSeconds: number;
  isUrgent: boolean;
  topic?: string | undefined;
}

export type PushOutcome =
  | { kind: "sent" }
  /** The device took its subscription back. */
  | { kind: "gone" }
  /** This message will never be taken. */
  | { kind: "refused"; status: number }
  /** `status` null: no answer. */
  | { kind: "later"; status: number | null; retryAfterMs: number | null };

/** A push service must answer within this time. */
export const PUSH_TIMEOUT_MS = 8_000;
const GONE = new Set([404, 410]);
const LATER = new Set([408, 425, 429]);

/**
 * Send one message. Whatever a push service does is an outcome.
 * @throws when the message cannot be made: the device's keys were looked at when it was added, so ours are not what they should be.
 */
export async function sendPush(
  send: typeof fetch,
  keys: PushKeys,
  address: PushAddress,
  message: { data: Record<string, unknown>; options: PushOptions },
  now: Millis,
): Promise<PushOutcome> {
  const request = await encrypted(keys, address, message);
  const cutOff = new AbortController();
  const timer = setTimeout(() => cutOff.abort(), PUSH_TIMEOUT_MS);
  try {
    const response = await send(address.endpoint, { ...request, redirect: "manual", signal: cutOff.signal });
    await response.body?.cancel();
    return outcomeOf(response, now);
  } catch {
    return { kind: "later", status: null, retryAfterMs: null };
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a message could be encrypted for these keys. */
export async function isEncryptable({ keys }: PushAddress): Promise<boolean> {
  try {
    if (base64url.decode(keys.auth).length !== AUTH_BYTES) return false;
    await crypto.subtle.importKey(
      "raw",
      base64url.decode(keys.p256dh),
      { name: "ECDH", namedCurve: "P-256" },
      false,
      [],
    );
    return true;
  } catch {
    return false;
  }
}
const AUTH_BYTES = 16;

async function encrypted(
  keys: PushKeys,
  { endpoint, keys: deviceKeys }: PushAddress,
  { data, options }: { data: Record<string, unknown>; options: PushOptions },
): Promise<RequestInit> {
  const { ttlSeconds, isUrgent, topic } = options;
  const payload = await buildPushPayload(
    {
      data: JSON.stringify(data),
      options: {
        ttl: Math.max(1, Math.floor(ttlSeconds)),
        urgency: isUrgent ? "high" : "normal",
        ...(topic !== undefined && { topic }),
      },
    },
    { endpoint, keys: deviceKeys, expirationTime: null },
    keys,
  );
  return { method: "POST", headers: payload.headers, body: payload.body };
}

function outcomeOf(response: Response, now: Millis): PushOutcome {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: "sent" };
  if (GONE.has(status)) return { kind: "gone" };
  if (LATER.has(status) || status >= 500)
    return { kind: "later", status, retryAfterMs: readRetryAfter(response.headers.get("Retry-After"), now) };
  return { kind: "refused", status };
}
