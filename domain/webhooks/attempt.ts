// One attempt: sign, send, read a little of the answer, and judge it. Knows no database.

import type { Millis } from "../clock.ts";
import type { Claim } from "./delivery-store.ts";
import type { DeliveryResult } from "./result-store.ts";
import { nextAttemptAt, readRetryAfter } from "./schedule.ts";
import { signingKeysOf } from "./secrets.ts";
import { signatureHeaders } from "./sign.ts";
import { assertUrlAllowed } from "./url-policy.ts";

/** The receiver must answer within this time, its body included. */
export const TIMEOUT_MS = 8_000;
/** So much of the answer is kept in the log. */
export const RESPONSE_KEPT_BYTES = 1_024;
const USER_AGENT = "Meterplace-Webhooks/1.0";
const STATUS_GONE = 410;
/** These may say when to come back. */
const STATUS_ASKS_TO_WAIT = new Set([429, 503]);

export interface AttemptSettings {
  dataKey: string;
  environment: "local" | "production";
  send: typeof fetch;
  /** Read before and after the call: an attempt takes time. */
  clock: () => Millis;
  /** 0 to 1, for jitter. */
  dice: () => number;
}

interface Answer {
  code: number | null;
  error: string | null;
  response: string | null;
  retryAfterMs: number | null;
}

/** Send one claimed delivery and say what became of it. Never throws: whatever goes wrong is a failed attempt. */
export async function attemptDelivery(claim: Claim, settings: AttemptSettings): Promise<DeliveryResult> {
  const startedAt = settings.clock();
  const answer = await send(claim, settings, startedAt);
  const endedAt = settings.clock();
  const attempts = claim.attempts + 1;
  const isDelivered = answer.error === null;
  const isGone = answer.code === STATUS_GONE;
  const { retryAfterMs } = answer;
  const nextAt =
    isDelivered || isGone ? null : nextAttemptAt({ attempts, retryAfterMs, now: endedAt, dice: settings.dice() });
  return {
    webhookId: claim.webhookId,
    eventId: claim.eventId,
    lease: claim.lease,
    status: isDelivered ? "delivered" : nextAt === null ? "dead" : "pending",
    dueAt: nextAt ?? endedAt,
    attempt: {
      number: attempts,
      eventType: claim.type,
      at: startedAt,
      durationMs: Math.max(0, endedAt - startedAt),
      code: answer.code,
      error: answer.error,
      response: answer.response,
      isGone,
    },
  };
}

async function send(claim: Claim, settings: AttemptSettings, now: Millis): Promise<Answer> {
  const failed = (error: string): Answer => ({ code: null, error, response: null, retryAfterMs: null });
  let request: RequestInit;
  try {
    // Again at every attempt: the policy may have become stricter since the address was given.
    assertUrlAllowed(claim.url, { environment: settings.environment, purpose: "webhook" });
    request = await signedRequest(claim, settings.dataKey, now);
  } catch (error) {
    return failed(
      error instanceof Error && error.name === "DomainError" ? error.message : "the event could not be signed",
    );
  }
  // Not AbortSignal.timeout, which cannot be cleared: left-over timers of answered calls fire one by one, and hundreds of
  // them hold up every other timer of the isolate for seconds.
  const cutOff = new AbortController();
  const timer = setTimeout(() => cutOff.abort(), TIMEOUT_MS);
  try {
    const response = await settings.send(claim.url, { ...request, signal: cutOff.signal });
    return {
      code: response.status,
      error: whyRefused(response),
      retryAfterMs: STATUS_ASKS_TO_WAIT.has(response.status)
        ? readRetryAfter(response.headers.get("Retry-After"), now)
        : null,
      response: await readSnippet(response),
    };
  } catch {
    // What the network says is not repeated: it can name addresses that are none of the provider's business.
    return failed(cutOff.signal.aborted ? `no answer within ${TIMEOUT_MS / 1000} s` : "the connection failed");
  } finally {
    clearTimeout(timer);
  }
}

async function signedRequest(claim: Claim, dataKey: string, now: Millis): Promise<RequestInit> {
  const { body } = claim;
  const keys = await Promise.all(claim.secrets.map((sealed) => signingKeysOf(dataKey, sealed)));
  const signed = await signatureHeaders({ id: claim.eventId, timestampSeconds: Math.floor(now / 1000), body }, keys);
  return {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", "User-Agent": USER_AGENT, ...signed },
    // A redirect is an answer other than 2xx, and so a failure; following it could lead where the policy forbids.
    redirect: "manual",
  };
}

function whyRefused(response: Response): string | null {
  if (response.status >= 200 && response.status < 300) return null;
  if (response.status >= 300 && response.status < 400) return `redirect (${response.status}) is not followed`;
  if (response.status === STATUS_GONE) return "answered 410 Gone: the endpoint is switched off";
  return `answered ${response.status}`;
}

/** The first KB of the answer as text; the rest is not read. */
async function readSnippet(response: Response): Promise<string | null> {
  if (!response.body) return null;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let room = RESPONSE_KEPT_BYTES;
  while (room > 0) {
    const { done, value } = await reader.read();
    if (done) return text === "" ? null : text;
    text += decoder.decode(value.subarray(0, room), { stream: true });
    room -= value.length;
  }
  await reader.cancel();
  return text;
}
