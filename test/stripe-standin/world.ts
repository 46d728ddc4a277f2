// What every verb of the stand-in needs: its memory, its clock, ids, and the events that tell the outside.

import type Stripe from "stripe";
import type { State, StoredEvent } from "./state.ts";

/** The one API version this stand-in speaks: the one the pinned SDK is typed for. */
export const API_VERSION = "2026-10-28.endive";

export interface World {
  state: State;
  /** Milliseconds, as they are for whoever is being dealt with: a customer on a test clock lives by that. */
  now(): number;
  /** Milliseconds of the wall: events and their deliveries keep to it. */
  wall(): number;
  /** Origin of the hosted page. */
  origin: string;
  /** Event types the webhook endpoint is subscribed to. */
  subscribed: ReadonlySet<string> | "all";
  /** The API request being answered; null for what happens on the page or by itself. */
  request: { id: string; idempotencyKey: string | null } | null;
}

/** The same world at another time, given in seconds. */
export const atTime = (world: World, seconds: number): World => ({ ...world, now: () => seconds * 1000 });

/** The world by the clock of this customer; unchanged for everybody without one. */
export function timeOf(world: World, customer: unknown): World {
  const clockId = typeof customer === "string" ? world.state.find("customer", customer)?.test_clock : null;
  const clock = typeof clockId === "string" ? world.state.find("test_helpers.test_clock", clockId) : undefined;
  return clock ? atTime(world, clock.frozen_time) : world;
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
    id: randomId("evt_"),
    created: Math.floor(world.wall() / 1000),
    object: "event",
    api_version: API_VERSION,
    data: previous ? { object, previous_attributes: previous } : { object },
    livemode: false,
    pending_webhooks: delivered ? 1 : 0,
    request: { id: world.request?.id ?? null, idempotency_key: world.request?.idempotencyKey ?? null },
    type,
  });
  if (delivered) world.state.put("note.delivery", { id: event.id, attempts: 0, dueAtMs: world.wall() });
  return event;
}
