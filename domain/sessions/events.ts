// The events a session gives rise to, as rows of the outbox. A row commits with its cause; `id` is the webhook-id a
// provider sees, so the same fact told twice is one event.

import type { WebhookEventType } from "../../sdk/src/protocol/webhooks.ts";
import type { Millis } from "../clock.ts";
import { iso } from "../clock.ts";
import { newId } from "../ids.ts";
import type { Meter } from "./meter-state.ts";
import { remainingSeconds, type Transition } from "./meter.ts";

/** Events only the person's own devices hear of, beside those providers can subscribe to. */
export type SessionEventType = WebhookEventType | "session.created";

export interface SessionEvent {
  id: string;
  type: SessionEventType;
  /** Null: for the person's devices only. */
  providerId: string | null;
  sessionId: string;
  data: Record<string, unknown>;
  at: Millis;
}

/** Who and what an event is about. `subject` is all a provider learns of the person. */
export interface EventParties {
  id: string;
  providerId: string;
  subject: string;
}

/**
 * @param facts What the event adds to the parties, e.g. `{ cause: "idle" }`. Times in it are ISO 8601.
 * @param id Fixed ahead where the event must be the same on a retry.
 */
export function sessionEvent(
  type: SessionEventType,
  session: EventParties,
  at: Millis,
  facts: Record<string, unknown> = {},
  id = newId(at),
): SessionEvent {
  return {
    id,
    type,
    providerId: type === "session.created" ? null : session.providerId,
    sessionId: session.id,
    data: { sessionId: session.id, providerId: session.providerId, userId: session.subject, ...facts },
    at,
  };
}

/** What a change of the clock tells. The end is told with the settlement, or where reports may still come, before it. */
export function transitionEvents(transition: Transition, session: EventParties, meter: Meter): SessionEvent[] {
  const at = iso(transition.at);
  switch (transition.kind) {
    case "paused":
      return [sessionEvent("session.paused", session, transition.at, { cause: transition.cause, pausedAt: at })];
    case "resumed":
      return [sessionEvent("session.resumed", session, transition.at, { resumedAt: at })];
    case "expiring":
      return [
        sessionEvent("session.expiring", session, transition.at, {
          remainingSeconds: remainingSeconds(meter, transition.at),
          at,
        }),
      ];
    case "ended":
      return [];
  }
}
