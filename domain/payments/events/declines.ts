// Declined cards: counted per person, because somebody who tries many cards is trying cards that are not theirs.

import type { Millis } from "../../clock.ts";
import { findCharge } from "../../gateways/stripe-charges.ts";
import { stripeClient } from "../../gateways/stripe.ts";
import { noteDecline } from "../../trust/store.ts";
import type { EventHandlers, EventsEnv, ReceivedEvent } from "./handler.ts";

async function countDecline(env: EventsEnv, { hint, done }: ReceivedEvent, _now: Millis) {
  const charge = hint.objectId ? await findCharge(await stripeClient(env), hint.objectId) : null;
  if (!charge?.hasFailed || !charge.customerId) return "not_ours";
  const { id, customerId, fingerprint, createdAt } = charge;
  await env.DB.batch([noteDecline(env.DB, { chargeId: id, customerId, fingerprint, at: createdAt }), done]);
  return [];
}

export const DECLINE_EVENTS = { "charge.failed": countDecline } as const satisfies EventHandlers;
