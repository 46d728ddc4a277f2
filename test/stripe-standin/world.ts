// What every verb of the stand-in needs: its memory, its clock, ids, and the events that tell the outside.

import type Stripe from "stripe";
import type { State, StoredEvent } from "./state.ts";

/** The one API version this stand-in speaks: the one the pinned SDK is typed for. */
export const API_VERSION = "2026-10-28.endive";

export interface World {
  state: State;
  /** Milliseconds. */
  now(): number;
  /** Origin of the hosted page. */
  origin: string;
  /** Event types the webhook endpoint is subscribed to. */
  subscribed: ReadonlySet<string> | "all";
  /** The API request being answered; null for what happens on the page or by itself. */
  request: { id: string; idempotencyKey: string | null } | null;
}

export const secondsNow = (world: World): number => Math.floor(world.now() / 1000);

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
export function randomId(prefix: string, length = 24): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return prefix + Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

/** Id and creation time of a new object. */
export const make = (world: World, prefix: string, length?: number): { id: string; created: number } => ({
  id: randomId(prefix, length),
  created: secondsNow(world),
});

/** Record that something happened, and queue it for the webhook endpoint if that is subscribed. */
export function emit(world: World, type: Stripe.Event["type"], object: object, previous?: object): StoredEvent {
  const delivered = world.subscribed === "all" || world.subscribed.has(type);
  const event = world.state.put("event", {
    ...make(world, "evt_"),
    object: "event",
    api_version: API_VERSION,
    data: previous ? { object, previous_attributes: previous } : { object },
    livemode: false,
    pending_webhooks: delivered ? 1 : 0,
    request: { id: world.request?.id ?? null, idempotency_key: world.request?.idempotencyKey ?? null },
    type,
  });
  if (delivered) world.state.put("note.delivery", { id: event.id, attempts: 0, dueAtMs: world.now() });
  return event;
}
