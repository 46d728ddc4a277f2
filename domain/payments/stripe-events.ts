// Events from Stripe: each is a hint where to look. They come at least once, in no order, and sometimes never, so whatever
// was missed is asked for once an hour and handled the same way.

import { iso, type Millis } from "../clock.ts";
import { stripeClient } from "../gateways/stripe.ts";
import { StripeUnavailable } from "../gateways/stripe-errors.ts";
import { listEvents, type StripeEventType, type StripeHint } from "../gateways/stripe-hints.ts";
import type { EventsEnv } from "./events/handler.ts";
import { EVENT_HANDLERS, WEBHOOK_EVENTS } from "./events/table.ts";
import type { CaughtUp, Notice } from "./notice.ts";
import { markProcessed, noteCaughtUp, processedEvents, readCaughtUp, receiveHint } from "./store.ts";

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

/** Looked at again each time: an event can appear in the list after younger ones. */
const OVERLAP_MS = 3 * 60 * 60 * 1000;
/** For so long Stripe lists an event (docs.stripe.com/api/events). */
const EVENTS_KEPT_MS = 30 * 24 * 60 * 60 * 1000;
/** The most Stripe's library pages through; of each twenty types. */
const LISTED_MAX = 10_000;
/** What is left over comes the hour after. */
const ACTED_ON_MAX = 500;

/**
 * Go through Stripe's list of events since the last time that was done whole, however long ago (30 days are there), and act
 * on those that never came. One that fails does not hold up the others, and is looked at again. Run hourly.
 */
export async function catchUpEvents(env: EventsEnv, now: Millis): Promise<CaughtUp> {
  const through = await readCaughtUp(env.DB);
  const since = Math.max(now - EVENTS_KEPT_MS, (through ?? 0) - OVERLAP_MS);
  const { hints, isWhole } = await listEvents(await stripeClient(env), WEBHOOK_EVENTS, since, LISTED_MAX);
  const done = await processedEvents(
    env.DB,
    hints.map(({ id }) => id),
  );
  const missed = hints.filter(({ id }) => !done.has(id));
  const outcome: CaughtUp = { notices: [], failures: [] };
  let open = missed[ACTED_ON_MAX];
  for (const hint of missed.slice(0, ACTED_ON_MAX)) {
    try {
      outcome.notices.push(...(await receiveEvent(env, hint, now)));
    } catch (error) {
      if (error instanceof StripeUnavailable) throw error;
      outcome.failures.push({ id: hint.id, error: String(error) });
      if (!open || hint.createdAt < open.createdAt) open = hint;
    }
  }
  // A list cut short lacks its oldest, so it is not gone through, and somebody has to know.
  if (isWhole) await noteCaughtUp(env.DB, open?.createdAt ?? now).run();
  else outcome.failures.push({ id: "events", error: `more than ${LISTED_MAX} events since ${iso(since)}` });
  return outcome;
}
