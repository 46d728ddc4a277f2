// SQL of delivering: one D1 call writes what the last round learned, turns new events into deliveries, and takes what is
// due. Locally a call costs a millisecond whatever it does, in production a round trip, so a round has exactly one.

import { WEBHOOK_EVENT_TYPES } from "../../sdk/src/protocol/webhooks.ts";
import type { Millis } from "../clock.ts";
import { newId } from "../ids.ts";
import { eventsOfLivePeople, personEventFromRow, type PersonEvent } from "../live/store.ts";
import { eventBody, type OutboxEvent } from "./body.ts";
import { recordResults, type DeliveryResult } from "./result-store.ts";

/** A taken delivery comes back by itself after this long. Longer than an attempt's timeout and the wait before it. */
export const LEASE_MS = 20_000;
/** A deliverer holds at most this many of one endpoint, so that a slow one cannot fill it. */
export const PER_ENDPOINT_MAX = 50;
/** What is due beyond that steps aside for so long. */
const BUSY_WAIT_MS = 300;

/** A delivery that is ours to send until `leaseUntil`. */
export interface Claim {
  webhookId: string;
  eventId: string;
  lease: string;
  leaseUntil: Millis;
  /** Attempts made before. */
  attempts: number;
  url: string;
  /** Sealed signing secrets, the newest first. */
  secrets: string[];
  type: string;
  body: string;
}

export interface Exchange {
  claims: Claim[];
  /** There was more than this round could take. */
  isMore: boolean;
  /** The next moment something comes due or a lease runs out; null: nothing waits. */
  nextDueAt: Millis | null;
  /** Of the events fanned out, those about people with a socket open. */
  news: PersonEvent[];
}

/**
 * One round trip: record `results`, fan out new events, take what is due. All of it commits or none.
 *
 * @param busy Deliveries held of each endpoint (id to number); an endpoint at its limit is passed over.
 * @param eventsMax Events to fan out, each to every endpoint that subscribes. 0: none.
 * @param claimsMax Due deliveries to take, beside those just fanned out. 0: none.
 */
export async function exchange(
  db: D1Database,
  round: { results: DeliveryResult[]; busy: Record<string, number>; eventsMax: number; claimsMax: number; now: Millis },
): Promise<Exchange> {
  const { results, now } = round;
  const claim = { token: newId(now), leaseUntil: now + LEASE_MS, busy: JSON.stringify(round.busy), now };
  const recording = results.length > 0 ? recordResults(db, results, now) : [];
  const answers = await db.batch([
    ...recording,
    eventsOfLivePeople(db, `SELECT * ${waitingEvents("?1")}`, round.eventsMax),
    fanOut(db, claim, round.eventsMax),
    markFannedOut(db, round.eventsMax, now),
    takeDue(db, claim, round.claimsMax),
    markProbes(db, claim),
    readClaimedEvents(db, claim),
    readClaimedEndpoints(db, claim),
    readNextDue(db, now),
  ]);
  const [news, , fanned, taken, , events, endpoints, next] = answers.slice(recording.length);
  return {
    claims: claimsOf(events!.results as ClaimedEventRow[], endpoints!.results as ClaimedEndpointRow[], claim),
    isMore:
      (round.eventsMax > 0 && fanned!.meta.changes >= round.eventsMax) ||
      (round.claimsMax > 0 && taken!.meta.changes >= round.claimsMax),
    nextDueAt: (next!.results[0] as { at: Millis | null }).at,
    news: (news!.results as Parameters<typeof personEventFromRow>[0][]).map(personEventFromRow),
  };
}

interface ClaimToken {
  token: string;
  leaseUntil: Millis;
  busy: string;
  now: Millis;
}

/** An event with the endpoints it was taken for: `targets` is a JSON list of [webhook id, attempts made]. */
interface ClaimedEventRow extends OutboxEvent {
  targets: string;
}
interface ClaimedEndpointRow {
  id: string;
  url: string;
  secrets: string;
}

/** Each event once and each endpoint once comes out of D1; here they become the deliveries. */
function claimsOf(events: ClaimedEventRow[], endpoints: ClaimedEndpointRow[], claim: ClaimToken): Claim[] {
  const known = new Map(
    endpoints.map(({ id, url, secrets }) => [id, { url, secrets: JSON.parse(secrets) as string[] }]),
  );
  return events.flatMap((event) => {
    const body = eventBody(event);
    return (JSON.parse(event.targets) as [string, number][]).map(([webhookId, attempts]) => ({
      webhookId,
      attempts,
      eventId: event.id,
      type: event.type,
      body,
      lease: claim.token,
      leaseUntil: claim.leaseUntil,
      ...known.get(webhookId)!,
    }));
  });
}

// New events ---------------------------------------------------------------------------------------------------------

const SWITCHED_OFF = "the endpoint was switched off";
/** Both statements of the fan-out must mean the same rows. */
const waitingEvents = (limit: string) => `FROM outbox WHERE fanned_at IS NULL ORDER BY at, id LIMIT ${limit}`;
const PUBLIC_TYPES = WEBHOOK_EVENT_TYPES.map((type) => `'${type}'`).join(", ");

/**
 * New deliveries, already taken where the endpoint is well and has room. Events of a test session go to test endpoints,
 * all others to live ones. Events for a person's own devices (no provider) have no endpoint. What happens while an
 * endpoint is switched off is written down as dropped, so that it can be replayed.
 */
const fanOut = (db: D1Database, claim: ClaimToken, eventsMax: number): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO deliveries (webhook_id, outbox_id, status, due_at, lease, last_error, created_at)
       SELECT webhook_id, event_id, CASE enabled WHEN 1 THEN 'pending' ELSE 'dropped' END,
         CASE WHEN takes THEN ?2 ELSE max(?4, coalesce(open_until, 0)) END, CASE WHEN takes THEN ?1 END,
         CASE enabled WHEN 0 THEN '${SWITCHED_OFF}' END, ?4
       FROM (
         SELECT w.id AS webhook_id, e.id AS event_id, w.enabled, w.open_until,
           w.enabled = 1 AND w.open_until IS NULL AND coalesce((SELECT value FROM json_each(?3) WHERE key = w.id), 0) < ${PER_ENDPOINT_MAX} AS takes
         FROM (SELECT id, type, provider_id, session_id ${waitingEvents("?5")}) e
         LEFT JOIN sessions s ON s.id = e.session_id
         JOIN webhooks w ON w.provider_id = e.provider_id AND w.mode = coalesce(s.mode, 'live') AND w.deleted_at IS NULL
         WHERE e.type IN (${PUBLIC_TYPES})
           AND EXISTS (SELECT 1 FROM json_each(w.events) WHERE value IN (e.type, '*')))
       WHERE true
       ON CONFLICT DO NOTHING`,
    )
    .bind(claim.token, claim.leaseUntil, claim.busy, claim.now, eventsMax);

const markFannedOut = (db: D1Database, eventsMax: number, now: Millis): D1PreparedStatement =>
  db.prepare(`UPDATE outbox SET fanned_at = ?1 WHERE id IN (SELECT id ${waitingEvents("?2")})`).bind(now, eventsMax);

// What is due --------------------------------------------------------------------------------------------------------

/**
 * Take due deliveries. The others that stand in front of the queue step aside in the same statement, so that they are not
 * read again and again: of a busy endpoint for a moment; of one that is switched off for good; of one whose breaker is open
 * the first until it is half open, the others longer the longer it has been failing. A half-open breaker lets one through.
 */
const takeDue = (db: D1Database, claim: ClaimToken, claimsMax: number): D1PreparedStatement =>
  db
    .prepare(
      `WITH due AS MATERIALIZED (
         SELECT d.webhook_id, d.outbox_id, w.open_until,
           w.enabled = 1 AND w.deleted_at IS NULL AS is_on,
           CAST(?4 + min(600000, max(5000, (?4 - coalesce(w.failing_since, ?4)) / 8)) AS INTEGER) AS later,
           coalesce((SELECT value FROM json_each(?3) WHERE key = w.id), 0)
             + row_number() OVER (PARTITION BY d.webhook_id ORDER BY d.due_at, d.outbox_id) AS place
         FROM (SELECT webhook_id, outbox_id, due_at FROM deliveries
           WHERE status = 'pending' AND due_at <= ?4 ORDER BY due_at LIMIT ?5) d
         JOIN webhooks w ON w.id = d.webhook_id),
       judged AS MATERIALIZED (
         SELECT *, is_on AND place <= CASE WHEN open_until IS NULL THEN ${PER_ENDPOINT_MAX}
           WHEN open_until <= ?4 THEN 1 ELSE 0 END AS takes FROM due)
       UPDATE deliveries SET
         status = CASE WHEN j.is_on THEN 'pending' ELSE 'dropped' END,
         last_error = CASE WHEN j.is_on THEN last_error ELSE '${SWITCHED_OFF}' END,
         lease = CASE WHEN j.takes THEN ?1 END,
         due_at = CASE WHEN j.takes THEN ?2 WHEN j.open_until IS NULL THEN ?4 + ${BUSY_WAIT_MS}
           WHEN j.place = 1 THEN j.open_until ELSE max(j.open_until, j.later) END
       FROM judged j WHERE deliveries.webhook_id = j.webhook_id AND deliveries.outbox_id = j.outbox_id`,
    )
    .bind(claim.token, claim.leaseUntil, claim.busy, claim.now, claimsMax);

const CLAIMED = "d.status = 'pending' AND d.due_at = ?2 AND d.lease = ?1";

/** A probe is out: nobody sends a second one before it is back or lost. */
const markProbes = (db: D1Database, claim: ClaimToken): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE webhooks SET open_until = ?2
       WHERE id IN (SELECT d.webhook_id FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id
         WHERE ${CLAIMED} AND w.open_until IS NOT NULL)`,
    )
    .bind(claim.token, claim.leaseUntil);

const readClaimedEvents = (db: D1Database, claim: ClaimToken): D1PreparedStatement =>
  db
    .prepare(
      `SELECT o.id, o.type, o.at, o.sequence, o.data, json_group_array(json_array(d.webhook_id, d.attempts)) AS targets
       FROM deliveries d JOIN outbox o ON o.id = d.outbox_id WHERE ${CLAIMED} GROUP BY o.id ORDER BY o.at, o.id`,
    )
    .bind(claim.token, claim.leaseUntil);

const readClaimedEndpoints = (db: D1Database, claim: ClaimToken): D1PreparedStatement =>
  db
    .prepare(
      `SELECT w.id, w.url, (SELECT json_group_array(s.sealed ORDER BY s.created_at DESC) FROM webhook_secrets s
           WHERE s.webhook_id = w.id AND (s.expires_at IS NULL OR s.expires_at > ?3)) AS secrets
       FROM webhooks w WHERE w.id IN (SELECT d.webhook_id FROM deliveries d WHERE ${CLAIMED})`,
    )
    .bind(claim.token, claim.leaseUntil, claim.now);

const readNextDue = (db: D1Database, now: Millis): D1PreparedStatement =>
  db.prepare("SELECT min(due_at) AS at FROM deliveries WHERE status = 'pending' AND due_at > ?").bind(now);
