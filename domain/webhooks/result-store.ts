// SQL of what attempts taught: the delivery's state, one log row an attempt, and the health of the endpoint, from which the
// circuit breaker and the switching off follow.

import type { Millis } from "../clock.ts";

/** Circuit breaker: half of at least so many attempts of the last minute failed: nothing is sent for 30 s, then one. */
export const BREAKER_WINDOW_MS = 60_000;
export const BREAKER_ATTEMPTS_MIN = 20;
export const BREAKER_OPEN_MS = 30_000;
/** Nothing got through for five days: the endpoint is switched off and its owner is told. */
export const FAILING_MAX_MS = 5 * 24 * 60 * 60 * 1000;

export interface DeliveryResult {
  webhookId: string;
  eventId: string;
  lease: string;
  status: "pending" | "delivered" | "dead";
  /** When it may next be taken; without meaning once it is not pending. */
  dueAt: Millis;
  /** Null: given back without an attempt. */
  attempt: {
    number: number;
    eventType: string;
    at: Millis;
    durationMs: number;
    code: number | null;
    error: string | null;
    response: string | null;
    isGone: boolean;
  } | null;
}

/** The statements that write down what became of claimed deliveries; they belong into the next round's D1 call. */
export function recordResults(db: D1Database, results: DeliveryResult[], now: Millis): D1PreparedStatement[] {
  const json = JSON.stringify(results);
  return [
    // The lease is the fence: a deliverer that slept past it must not overwrite what another did since.
    db
      .prepare(
        `UPDATE deliveries SET status = r.status, due_at = r.due_at, lease = NULL,
           attempts = coalesce(r.number, attempts),
           last_code = CASE WHEN r.number IS NULL THEN last_code ELSE r.code END,
           last_error = CASE WHEN r.number IS NULL THEN last_error ELSE r.error END,
           delivered_at = CASE r.status WHEN 'delivered' THEN ?2 END
         FROM (SELECT value->>'webhookId' AS webhook_id, value->>'eventId' AS outbox_id, value->>'lease' AS lease,
             value->>'status' AS status, value->>'dueAt' AS due_at, value->>'$.attempt.number' AS number,
             value->>'$.attempt.code' AS code, value->>'$.attempt.error' AS error FROM json_each(?1)) r
         WHERE deliveries.webhook_id = r.webhook_id AND deliveries.outbox_id = r.outbox_id AND deliveries.lease = r.lease`,
      )
      .bind(json, now),
    db
      .prepare(
        `INSERT INTO webhook_logs (webhook_id, outbox_id, created_at, attempt, event_type, status, response_code, error,
           duration_ms, response)
         SELECT value->>'webhookId', value->>'eventId', value->>'$.attempt.at', value->>'$.attempt.number',
           value->>'$.attempt.eventType', CASE WHEN value->>'$.attempt.error' IS NULL THEN 'success' ELSE 'failed' END,
           value->>'$.attempt.code', value->>'$.attempt.error', value->>'$.attempt.durationMs', value->>'$.attempt.response'
         FROM json_each(?1) WHERE value->'attempt' IS NOT 'null'
         ON CONFLICT DO NOTHING`,
      )
      .bind(json),
    ...healthStatements(db, results, now),
  ];
}

/** The health of each endpoint: breaker, five days of failing, 410. `webhooks_disabled` tells the owner. */
function healthStatements(db: D1Database, results: DeliveryResult[], now: Millis): D1PreparedStatement[] {
  const health = new Map<string, { id: string; sent: number; failed: number; gone: number }>();
  for (const { webhookId, attempt } of results) {
    if (!attempt) continue;
    const endpoint = health.get(webhookId) ?? { id: webhookId, sent: 0, failed: 0, gone: 0 };
    endpoint.sent++;
    if (attempt.error !== null) endpoint.failed++;
    if (attempt.isGone) endpoint.gone = 1;
    health.set(webhookId, endpoint);
  }
  if (health.size === 0) return [];
  return [
    db
      .prepare(
        `WITH seen AS MATERIALIZED (
           SELECT w.id, h.sent > h.failed AS got_through, h.gone,
             h.sent + CASE WHEN ?2 - w.window_at < ${BREAKER_WINDOW_MS} THEN w.window_sent ELSE 0 END AS sent,
             h.failed + CASE WHEN ?2 - w.window_at < ${BREAKER_WINDOW_MS} THEN w.window_failed ELSE 0 END AS failed,
             CASE WHEN ?2 - w.window_at < ${BREAKER_WINDOW_MS} THEN w.window_at ELSE ?2 END AS window_at
           FROM (SELECT value->>'id' AS id, value->>'sent' AS sent, value->>'failed' AS failed, value->>'gone' AS gone
             FROM json_each(?1)) h JOIN webhooks w ON w.id = h.id),
         judged AS MATERIALIZED (
           SELECT s.*, w.open_until IS NOT NULL AS was_open,
             CASE WHEN w.enabled = 0 THEN NULL WHEN s.gone THEN 'gone'
               WHEN NOT s.got_through AND w.failing_since <= ?2 - ${FAILING_MAX_MS} THEN 'failing' END AS switched_off
           FROM seen s JOIN webhooks w ON w.id = s.id)
         UPDATE webhooks SET
           -- A window that opened or closed the breaker is over.
           window_at = CASE WHEN j.was_open THEN 0 ELSE j.window_at END,
           window_sent = CASE WHEN j.was_open THEN 0 ELSE j.sent END,
           window_failed = CASE WHEN j.was_open THEN 0 ELSE j.failed END,
           open_until = CASE
             WHEN j.was_open AND j.got_through THEN NULL
             WHEN j.was_open THEN ?2 + ${BREAKER_OPEN_MS}
             WHEN j.sent >= ${BREAKER_ATTEMPTS_MIN} AND j.failed * 2 >= j.sent THEN ?2 + ${BREAKER_OPEN_MS} END,
           failing_since = CASE WHEN j.got_through THEN NULL ELSE coalesce(failing_since, ?2) END,
           enabled = CASE WHEN j.switched_off IS NULL THEN enabled ELSE 0 END,
           disabled_reason = coalesce(j.switched_off, disabled_reason),
           updated_at = CASE WHEN j.switched_off IS NULL THEN updated_at ELSE ?2 END
         FROM judged j WHERE webhooks.id = j.id`,
      )
      .bind(JSON.stringify([...health.values()]), now),
  ];
}
