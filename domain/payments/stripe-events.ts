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
/** Gone through at once; a stretch with more events than one list holds is cut in half, down to a second. */
const STRETCH_MS = 24 * 60 * 60 * 1000;
const STRETCH_MIN_MS = 1_000;
/** The most Stripe's library pages through; of each twenty types. */
const LISTED_MAX = 10_000;
/** Acted on in one run; what is left over comes the hour after. */
const ACTED_ON_MAX = 500;

/**
 * Go through Stripe's list of events since the last time, however long ago (30 days are there), the oldest first, and act
 * on those that never came. One that fails does not hold up the others, and is looked at again. Run hourly.
 */
export async function catchUpEvents(env: EventsEnv, now: Millis, listedMax = LISTED_MAX): Promise<CaughtUp> {
  const stripe = await stripeClient(env);
  const outcome: CaughtUp = { notices: [], failures: [] };
  let since = Math.max(now - EVENTS_KEPT_MS, Math.min(now, (await readCaughtUp(env.DB)) ?? 0) - OVERLAP_MS);
  let stretchMs = STRETCH_MS;
  let left = ACTED_ON_MAX;
  /** The oldest that is still to be acted on: next time begins there. */
  let open: Millis | null = null;
  while (since < now && left > 0) {
    const until = Math.min(now, since + stretchMs);
    const { hints, isWhole } = await listEvents(stripe, WEBHOOK_EVENTS, { since, until }, listedMax);
    if (!isWhole && stretchMs > STRETCH_MIN_MS) {
      stretchMs = Math.ceil(stretchMs / 2);
      continue;
    }
    if (!isWhole) {
      outcome.failures.push({ id: "events", error: `more than ${listedMax} in the second after ${iso(since)}` });
      open ??= since;
    }
    const ids = hints.map(({ id }) => id);
    const done = await processedEvents(env.DB, ids);
    const missed = hints.filter(({ id }) => !done.has(id));
    for (const hint of missed) {
      if (left-- === 0) {
        open ??= hint.createdAt;
        break;
      }
      try {
        outcome.notices.push(...(await receiveEvent(env, hint, now)));
      } catch (error) {
        if (error instanceof StripeUnavailable) throw error;
        outcome.failures.push({ id: hint.id, error: String(error) });
        open ??= hint.createdAt;
      }
    }
    since = until;
    await noteCaughtUp(env.DB, open ?? until).run();
  }
  return outcome;
}
