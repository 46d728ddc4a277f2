// The nudge after a commit: "there may be events to deliver". A hint carries nothing and may be lost; the outbox row is
// the truth and the sweeper looks every minute. So hints of a burst are folded together, isolate by isolate.

import { wallClock, type Millis } from "../../domain/clock.ts";
import type { Env } from "../env.ts";

/** At most one queue message an isolate in this time; what comes in between is covered by one more at its end. */
const HINT_WINDOW_MS = 200;
/** A deliverer that has not shown itself for this long was killed, and is waited for no longer. */
const DELIVERER_SILENT_MS = 10_000;

// Plain figures only: promises and handles of one request may not be touched by another (Workers runtime APIs).
let sentAt: Millis = -Infinity;
let isTrailing = false;
let delivererSeenAt: Millis = -Infinity;
let isWanted = false;
let nextDelayedAt: Millis = Infinity;

/**
 * Ask for delivery soon. Call it after the commit; never await it.
 * While this isolate is delivering anyway, a flag tells it to look once more and no message is sent.
 */
export function hintWebhooks(env: Env, ctx: Pick<ExecutionContext, "waitUntil">): void {
  hintWebhooksFrom(env, (promise) => ctx.waitUntil(promise));
}

/** The same for a Durable Object, whose `ctx.waitUntil` has another type. */
export function hintWebhooksFrom(env: Env, waitUntil: (promise: Promise<unknown>) => void): void {
  const now = wallClock();
  if (now - delivererSeenAt < DELIVERER_SILENT_MS) {
    isWanted = true;
    return;
  }
  const sinceLast = now - sentAt;
  if (sinceLast < 0 || sinceLast >= HINT_WINDOW_MS) {
    sentAt = now;
    waitUntil(sendHint(env));
    return;
  }
  if (isTrailing) return;
  isTrailing = true;
  waitUntil(sendTrailingHint(env, HINT_WINDOW_MS - sinceLast));
}

/** A look at a later moment, for retries that come due within the minute; the sweeper has the others. */
export async function hintLater(env: Env, dueAt: Millis, now: Millis): Promise<void> {
  // One pending look is enough, as long as it is not later than this one.
  if (nextDelayedAt > now && nextDelayedAt <= dueAt) return;
  nextDelayedAt = dueAt;
  const delaySeconds = Math.max(1, Math.ceil((dueAt - now) / 1000));
  await sendHint(env, { delaySeconds });
}

export async function sendHint(env: Env, options: QueueSendOptions = {}): Promise<void> {
  try {
    await env.WEBHOOKS.send({}, { contentType: "json", ...options });
  } catch (error) {
    // Nothing is lost: the sweeper finds the row within the minute.
    console.warn(JSON.stringify({ message: "webhook hint not sent", error: String(error) }));
  }
}

async function sendTrailingHint(env: Env, waitMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  isTrailing = false;
  sentAt = wallClock();
  await sendHint(env);
}

/** The deliverer of this isolate shows that it lives; hints are then a flag. `null`: it has ended. */
export function showDeliverer(now: Millis | null): void {
  delivererSeenAt = now ?? -Infinity;
}

/** Whether a hint came since the last question. */
export function takeWanted(): boolean {
  const wanted = isWanted;
  isWanted = false;
  return wanted;
}
