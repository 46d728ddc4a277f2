// Hearing events without a public address: a program on a laptop makes a listener and asks for what came. It is for
// development; what must not be missed goes to an endpoint, which has attempts, a log and dead letters.

import { WEBHOOK_EVENT_TYPES } from "../../sdk/src/protocol/webhooks.ts";
import { iso, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { eventBody } from "./body.ts";
import { ALL_EVENTS } from "./endpoints.ts";
import {
  deleteListener,
  findListener,
  insertListener,
  insertListenerEvent,
  moveOn,
  noteSince,
  readHeard,
  type ListenerRow,
} from "./listen-store.ts";
import { TEST_EVENT_TYPE } from "./replay.ts";
import type { WebhookOwner } from "./store.ts";

/** Of one provider in one mode at a time. Held by a trigger. */
export const LISTENERS_MAX = 5;
/** A listener that has not asked for so long is over. */
export const LISTENER_LIVES_MS = 10 * 60 * 1000;
/** So far back a new listener may begin: the search is over everybody's events. */
export const SINCE_MAX_MS = 60 * 60 * 1000;
export const HEARD_MAX = 100;
/** A call waits at most this long for something to come. */
export const WAIT_SECONDS_MAX = 25;
/** Looks a second while it waits. */
const LOOKS_PER_SECOND = 1;

export interface ListenerView {
  id: string;
  providerId: string;
  mode: "live" | "test";
  events: string[];
  expiresAt: string;
}

/** One event with its body, character for character as an endpoint would get it. */
export interface HeardEvent {
  position: number;
  id: string;
  type: string;
  body: string;
}

/** @throws DomainError `webhook_limit_reached`, `invalid_request` for a beginning too far back. */
export async function createListener(
  db: D1Database,
  owner: WebhookOwner,
  wish: { events: readonly string[]; since: Millis | null },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ listener: ListenerView }> {
  if (wish.since !== null && wish.since < now - SINCE_MAX_MS)
    throw new DomainError("invalid_request", "A listener can begin an hour back at most. Replay goes back 30 days.");
  const events = wish.events.includes(ALL_EVENTS) ? [ALL_EVENTS] : [...new Set(wish.events)];
  const { providerId, mode } = owner;
  const expiresAt = now + LISTENER_LIVES_MS;
  const listener = { id: newId(now), providerId, mode, events };
  const body = { listener: { ...listener, expiresAt: iso(expiresAt) } };
  try {
    await db.batch([
      insertListener(db, { ...listener, expiresAt }, now),
      ...(wish.since === null ? [] : [noteSince(db, listener, wish.since)]),
      ...(await recordAnswer(db, claim, { status: 201, body }, now)),
    ]);
  } catch (error) {
    if (!/webhook_limit_reached/.test(String((error as Error)?.message))) throw error;
    throw new DomainError(
      "webhook_limit_reached",
      `${LISTENERS_MAX} listeners run in this mode. Stop one, or wait ten minutes after one was cut off.`,
    );
  }
  return body;
}

/**
 * What came behind `after`, oldest first; waits for it when there is nothing yet. What stands before `after` is forgotten, so a
 * lost answer is heard again by asking again with the same `after`.
 *
 * @param pause Waits a second; tests do not.
 * @throws DomainError `webhook_not_found`.
 */
export async function hear(
  db: D1Database,
  owner: WebhookOwner,
  id: string,
  wish: { after: number; limit: number; waitSeconds: number },
  now: Millis,
  pause: () => Promise<void>,
): Promise<{ events: HeardEvent[]; nextAfter: number }> {
  const listener = await loadListener(db, owner, id, now);
  await db.batch(moveOn(db, id, wish.after, now + wish.waitSeconds * 1000 + LISTENER_LIVES_MS));
  const page = { after: wish.after, limit: wish.limit, types: typesOf(listener) };
  let rows = await readHeard(db, id, page);
  for (let looks = wish.waitSeconds * LOOKS_PER_SECOND; rows.length === 0 && looks > 0; looks--) {
    await pause();
    rows = await readHeard(db, id, page);
  }
  const events = rows.map(({ position, ...event }) => ({
    position,
    id: event.id,
    type: event.type,
    body: eventBody(event),
  }));
  return { events, nextAfter: events.at(-1)?.position ?? wish.after };
}

/** A `webhook.test` for this listener. @throws DomainError `webhook_not_found`. */
export async function testListener(
  db: D1Database,
  owner: WebhookOwner,
  id: string,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ event: { id: string; type: string } }> {
  await loadListener(db, owner, id, now);
  const { providerId, mode } = owner;
  const data = { listenerId: id, providerId, mode, message: "This listener hears." };
  const event = { id: newId(now), type: TEST_EVENT_TYPE };
  const body = { event };
  await db.batch([
    ...insertListenerEvent(db, { ...event, listenerId: id, data }, now),
    ...(await recordAnswer(db, claim, { status: 202, body }, now)),
  ]);
  return body;
}

/** @throws DomainError `webhook_not_found`. */
export async function removeListener(
  db: D1Database,
  owner: WebhookOwner,
  id: string,
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<null> {
  await loadListener(db, owner, id, now);
  await db.batch([...deleteListener(db, id), ...(await recordAnswer(db, claim, { status: 204, body: null }, now))]);
  return null;
}

async function loadListener(db: D1Database, owner: WebhookOwner, id: string, now: Millis): Promise<ListenerRow> {
  const row = await findListener(db, owner, id, now);
  if (!row)
    throw new DomainError("webhook_not_found", "There is no such listener. One that stays away ten minutes is over.");
  return row;
}

function typesOf(listener: ListenerRow): string[] {
  const wanted = JSON.parse(listener.events) as string[];
  const types = wanted.includes(ALL_EVENTS) ? [...WEBHOOK_EVENT_TYPES] : wanted;
  return [...types, TEST_EVENT_TYPE];
}
