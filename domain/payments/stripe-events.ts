// Events from Stripe: each is a hint where to look. They come at least once, in no order, and sometimes never, so whatever
// was missed is asked for once an hour and handled the same way.

import type { Millis } from "../clock.ts";
import { stripeClient } from "../gateways/stripe.ts";
import { StripeUnavailable } from "../gateways/stripe-errors.ts";
import { listEvents, type StripeEventType, type StripeHint } from "../gateways/stripe-hints.ts";
import type { EventsEnv } from "./events/handler.ts";
import { EVENT_HANDLERS, WEBHOOK_EVENTS } from "./events/table.ts";
import type { CaughtUp, Notice } from "./notice.ts";
import { markProcessed, processedEvents, receiveHint } from "./store.ts";

/**
 * Act on one verified event. Repeatable; when it throws, the event stays open and Stripe sends it again.
 * @throws DomainError `payment_provider_unavailable`
 */
export async function receiveEvent(env: EventsEnv, hint: StripeHint, now: Millis): Promise<Notice[]> {
  if (await receiveHint(env.DB, hint, now)) return [];
  const done = markProcessed(env.DB, hint.id, now);
  const handle = EVENT_HANDLERS[hint.type as StripeEventType];
  const handled = handle ? await handle(env, { hint, done }, now) : "not_ours";
  if (handled !== "not_ours") return handled;
  // Another type, or something of this Stripe account that has nothing to do with us.
  await done.run();
  return [];
}

const CATCH_UP_MS = 3 * 60 * 60 * 1000;
const CATCH_UP_EVENTS_MAX = 500;

/** Ask Stripe for the events of the last three hours and act on those that never came. Run hourly. */
export async function catchUpEvents(env: EventsEnv, now: Millis): Promise<CaughtUp> {
  const hints = await listEvents(await stripeClient(env), WEBHOOK_EVENTS, now - CATCH_UP_MS, CATCH_UP_EVENTS_MAX);
  const ids = hints.map(({ id }) => id);
  const done = await processedEvents(env.DB, ids);
  const outcome: CaughtUp = { notices: [], failures: [] };
  for (const hint of hints.filter(({ id }) => !done.has(id))) {
    try {
      outcome.notices.push(...(await receiveEvent(env, hint, now)));
    } catch (error) {
      if (error instanceof StripeUnavailable) throw error;
      outcome.failures.push({ id: hint.id, error: String(error) });
    }
  }
  return outcome;
}
