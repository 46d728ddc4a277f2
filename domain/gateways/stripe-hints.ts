// Events from Stripe at the door: verified when they come, listed when they were missed, and read as hints only.

import type Stripe from "stripe";
import type { Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { PAGE_MAX } from "./stripe.ts";
import { asking } from "./stripe-errors.ts";

/** Every type of event the pinned API knows. */
export type StripeEventType = Stripe.Event["type"];

/** Ids an event's object may name at its top level, by which a handler finds rows of ours. */
const NAMES = [
  "client_reference_id",
  "payment_intent",
  "setup_intent",
  "charge",
  "customer",
  "subscription",
  "invoice",
  "destination",
] as const;

/** An event is a hint where to look, never a fact: amounts and states are always fetched. */
export interface StripeHint {
  id: string;
  type: string;
  apiVersion: string | null;
  createdAt: Millis;
  /** Connect: the account it happened in; null for our own. */
  account: string | null;
  /** Id of the object it is about (`cs_...`, `re_...`, `du_...`). */
  objectId: string | null;
  names: Readonly<Partial<Record<(typeof NAMES)[number], string>>>;
}

/**
 * An event that Stripe signed, at most 300 s ago.
 * @param secrets One for each endpoint at Stripe that sends here: ours, and the one for connected accounts.
 * @param rawBody The body as it came, byte for byte: a body that was parsed and written again does not verify.
 * @throws DomainError `signature_invalid`, whatever is wrong with it.
 */
export async function verifyEvent(
  stripe: Stripe,
  secrets: readonly string[],
  rawBody: string,
  signature: string | undefined,
  now: Millis,
): Promise<StripeHint> {
  for (const secret of secrets) {
    try {
      const { webhooks } = stripe;
      return hintOf(await webhooks.constructEventAsync(rawBody, signature ?? "", secret, undefined, undefined, now));
    } catch {
      // Another endpoint's, or nobody's.
    }
  }
  throw new DomainError("signature_invalid", "The signature of this event does not fit it.");
}

/** Stripe takes no more in one list (docs.stripe.com/api/events/list). */
const TYPES_MAX = 20;

/**
 * Events of these types created between two moments, oldest first; of each twenty types the newest `max`. `isWhole` is
 * false where there may be more.
 */
export async function listEvents(
  stripe: Stripe,
  types: readonly StripeEventType[],
  { since, until }: { since: Millis; until: Millis },
  max: number,
): Promise<{ hints: StripeHint[]; isWhole: boolean }> {
  const events: Stripe.Event[] = [];
  let isWhole = true;
  for (let i = 0; i < types.length; i += TYPES_MAX) {
    const some = types.slice(i, i + TYPES_MAX);
    const page = await asking(() =>
      stripe.events
        .list({
          types: [...some],
          created: { gt: Math.floor(since / 1000), lte: Math.ceil(until / 1000) },
          limit: PAGE_MAX,
        })
        .autoPagingToArray({ limit: max }),
    );
    events.push(...(page ?? []).reverse());
    if ((page?.length ?? 0) >= max) isWhole = false;
  }
  return { hints: events.map(hintOf).sort((a, b) => a.createdAt - b.createdAt), isWhole };
}

function hintOf(event: Stripe.Event): StripeHint {
  // Of the fifty kinds of object only the ids count, so none of them is told apart here.
  const object = event.data.object as unknown as Record<string, unknown>;
  return {
    id: event.id,
    type: event.type,
    apiVersion: event.api_version,
    createdAt: event.created * 1000,
    account: event.account ?? null,
    objectId: idOf(object.id),
    names: Object.fromEntries(
      NAMES.flatMap((name) => {
        const id = idOf(object[name]);
        return id === null ? [] : [[name, id]];
      }),
    ),
  };
}

/** Stripe writes an object it names as its id, or whole where that was asked for. */
function idOf(it: unknown): string | null {
  if (typeof it === "string") return it;
  const id: unknown = typeof it === "object" && it !== null && "id" in it ? it.id : null;
  return typeof id === "string" ? id : null;
}
