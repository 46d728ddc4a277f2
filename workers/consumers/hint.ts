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
/** When the message at the end of the window was promised. A request that was cut off never sends it. */
let trailingSince: Millis = -Infinity;
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
  if (isWithin(DELIVERER_SILENT_MS, delivererSeenAt, now)) {
    isWanted = true;
    return;
  }
  if (!isWithin(HINT_WINDOW_MS, sentAt, now)) {
    sentAt = now;
    waitUntil(sendHint(env));
    return;
  }
  if (isWithin(HINT_WINDOW_MS, trailingSince, now)) return;
  trailingSince = now;
  waitUntil(sendTrailingHint(env, HINT_WINDOW_MS - (now - sentAt)));
}

/** A moment in the future is none of this isolate's: its clock was set back. */
const isWithin = (span: Millis, since: Millis, now: Millis): boolean => now >= since && now - since < span;

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
  trailingSince = -Infinity;
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
