// What a family of Stripe events has to bring: one handler a type. The table that joins the families is table.ts.

import type { Millis } from "../../clock.ts";
import type { StripeEnv } from "../../gateways/stripe.ts";
import type { StripeEventType, StripeHint } from "../../gateways/stripe-hints.ts";
import type { Notice } from "../notice.ts";

export type EventsEnv = StripeEnv & { DB: D1Database };

export interface ReceivedEvent {
  hint: StripeHint;
  /** Marks the event as processed. Belongs in the batch of the effect, so that there is never one without the other. */
  done: D1PreparedStatement;
}

/**
 * Acts on one event, once or many times, in any order: the event only says where to look, the handler fetches the object
 * and commits what that says together with `done`.
 * @returns What an operator must hear of; `not_ours` when it is about nothing of ours and nothing was committed.
 * @throws DomainError `payment_provider_unavailable`: the event stays open and comes again, as after any other error.
 */
export type EventHandler = (env: EventsEnv, event: ReceivedEvent, now: Millis) => Promise<Notice[] | "not_ours">;

export type EventHandlers = Partial<Record<StripeEventType, EventHandler>>;
