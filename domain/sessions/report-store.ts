// SQL of usage reports: insert what may be, tell the outbox, and ask for a verdict on every record, in one batch.

import type { ReportStatus } from "../../sdk/src/protocol/session.ts";
import { iso, type Millis } from "../clock.ts";
import { OPERATIONS, rowsOf, type BatchPart } from "../ledger/batch-part.ts";
import { fannedAtSql } from "../webhooks/listeners-store.ts";
import { reportsOf } from "./row.ts";

export interface ReportOperation {
  position: number;
  sessionId: string;
  key: string;
  meter: string;
  unitsMicro: number;
  occurredAt: Millis;
  late: boolean;
  /** Of the `tokens.consumed` event its session gets in this request. */
  eventId: string;
}

export interface ReportVerdict {
  position: number;
  sessionId: string;
  meter: string;
  verdict: Exclude<ReportStatus, "invalid" | "unavailable">;
  /** Why there is no open session for the record, where that is the verdict: it never was one, or has not begun, or is over. */
  closed: "unknown" | "not_started" | "too_early" | "over" | null;
  reports: number;
  /** Null where the app has no such meter: kept as evidence, costs nothing. */
  capMicro: number | null;
  usedMicro: number;
  /** 1 where the event of its request and session waits for delivery. */
  isHeard: 0 | 1;
}

/** The records of one HTTP request, with who sent them and when. */
export interface ReportRequest {
  providerId: string;
  mode: "live" | "test";
  requestId: string;
  now: Millis;
  operations: ReportOperation[];
}

/**
 * Take the records of any number of requests. A record that may not be is left out by
 * `usage_reports_admit`; the last statement says why. Asking again with the same request ids gives the same verdicts, so
 * a caller whose answer was lost may simply repeat.
 *
 * A record is "accepted" when the stored row carries its own request id and position; another row under its key makes it
 * a duplicate or a conflict.
 * Answers the verdicts of each request.
 */
export function reportsPart(db: D1Database, requests: readonly ReportRequest[]): BatchPart<ReportVerdict[]> {
  const rows = requests.flatMap(({ operations, ...sender }, request) =>
    operations.map((operation) => ({
      ...operation,
      ...sender,
      request,
      stamp: `${sender.requestId}/${operation.position}`,
    })),
  );
  const json = JSON.stringify(rows);
  return {
    statements: REPORT_STATEMENTS.map((sql) => db.prepare(sql).bind(json)),
    answers: (results) => {
      const verdicts: ReportVerdict[][] = requests.map(() => []);
      for (const { request, ...verdict } of rowsOf<ReportVerdict & { request: number }>(results[2]))
        verdicts[request]!.push(verdict);
      return verdicts;
    },
  };
}

const REPORT_STATEMENTS = [
  `${OPERATIONS} INSERT INTO usage_reports (session_id, key, provider_id, mode, meter, units_micro, occurred_at, received_at, request_id)
   SELECT op.value->>'sessionId', op.value->>'key', op.value->>'providerId', op.value->>'mode', op.value->>'meter',
     op.value->>'unitsMicro', op.value->>'occurredAt', op.value->>'now', op.value->>'stamp'
   FROM op`,
  // One event per request and session, made from what was just accepted.
  `${OPERATIONS} INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at, fanned_at)
   SELECT op.value->>'eventId', 'tokens.consumed', s.provider_id, s.user_id, s.id,
     json_object('sessionId', s.id, 'providerId', s.provider_id, 'userId', s.subject,
       'idempotencyKey', CASE count(*) WHEN 1 THEN r.key END,
       'records', json_group_array(json_object('idempotencyKey', r.key, 'meter', r.meter,
         'units', r.units_micro / 1000000.0, 'at', strftime('%Y-%m-%dT%H:%M:%fZ', r.occurred_at / 1000.0, 'unixepoch')))),
     op.value->>'now', ${fannedAtSql({ providerId: "s.provider_id", userId: "s.user_id", at: "op.value->>'now'" })}
   FROM op
   CROSS JOIN usage_reports r ON r.session_id = op.value->>'sessionId' AND r.key = op.value->>'key'
     AND r.request_id = op.value->>'stamp'
   CROSS JOIN sessions s ON s.id = r.session_id
   GROUP BY op.value->>'eventId'`,
  `${OPERATIONS} SELECT op.value->>'request' AS request, op.value->>'position' AS position, op.value->>'sessionId' AS sessionId,
     op.value->>'meter' AS meter,
     CASE
       WHEN r.request_id = op.value->>'stamp' THEN 'accepted'
       WHEN r.key IS NOT NULL AND r.meter = op.value->>'meter' AND r.units_micro = op.value->>'unitsMicro' THEN 'duplicate'
       WHEN r.key IS NOT NULL THEN 'conflict'
       WHEN op.value->>'late' THEN 'too_late'
       WHEN s.id IS NULL OR s.started_at IS NULL OR s.settled_at IS NOT NULL OR op.value->>'occurredAt' < s.started_at
         OR (s.ended_at IS NOT NULL AND op.value->>'occurredAt' > s.ended_at) THEN 'session_closed'
       ELSE 'tokens_depleted'
     END AS verdict,
     CASE
       WHEN s.id IS NULL THEN 'unknown'
       WHEN s.settled_at IS NOT NULL OR (s.ended_at IS NOT NULL AND op.value->>'occurredAt' > s.ended_at) THEN 'over'
       WHEN s.started_at IS NULL THEN 'not_started'
       WHEN op.value->>'occurredAt' < s.started_at THEN 'too_early'
     END AS closed,
     ${reportsOf("s.id")} AS reports, m.cap_micro AS capMicro, coalesce(m.used_micro, 0) AS usedMicro,
     EXISTS (SELECT 1 FROM outbox o WHERE o.id = op.value->>'eventId' AND o.fanned_at IS NULL) AS isHeard
   FROM op
   LEFT JOIN sessions s ON s.id = op.value->>'sessionId' AND s.provider_id = op.value->>'providerId' AND s.mode = op.value->>'mode'
   LEFT JOIN usage_reports r ON r.session_id = s.id AND r.key = op.value->>'key'
   LEFT JOIN session_meters m ON m.session_id = s.id AND m.meter = op.value->>'meter'`,
] as const;

/** The single accepted reports of a session in their order, by meter, in micro-units. */
export async function readEventsMicro(db: D1Database, sessionId: string): Promise<Record<string, number[]>> {
  const { results } = await db
    .prepare(
      "SELECT meter, units_micro AS units FROM usage_reports WHERE session_id = ? ORDER BY occurred_at, request_id, key",
    )
    .bind(sessionId)
    .all<{ meter: string; units: number }>();
  const events: Record<string, number[]> = {};
  for (const row of results) (events[row.meter] ??= []).push(row.units);
  return events;
}

/** What was reported for the time until a moment, by meter, in micro-units. */
export async function readReportedUntil(
  db: D1Database,
  sessionId: string,
  until: Millis,
): Promise<Record<string, number>> {
  const { results } = await db
    .prepare(
      "SELECT meter, sum(units_micro) AS units FROM usage_reports WHERE session_id = ? AND occurred_at <= ? GROUP BY meter",
    )
    .bind(sessionId, until)
    .all<{ meter: string; units: number }>();
  return Object.fromEntries(results.map(({ meter, units }) => [meter, units]));
}

/**
 * The first refusal for lack of units is an event (`tokens.depleted`), once per meter until the session is extended.
 * @returns whether every reported meter of the session has run out.
 */
export async function markDepleted(
  db: D1Database,
  event: { id: string; sessionId: string; meter: string; now: Millis },
): Promise<{ exhausted: boolean }> {
  const { id, sessionId, meter, now } = event;
  const answers = await db.batch<{ open: number }>([
    db
      .prepare(
        "UPDATE session_meters SET depleted_at = ?3 WHERE session_id = ?1 AND meter = ?2 AND depleted_at IS NULL",
      )
      .bind(sessionId, meter, now),
    db
      .prepare(
        `INSERT INTO outbox (id, type, provider_id, user_id, session_id, data, at)
         SELECT ?3, 'tokens.depleted', s.provider_id, s.user_id, s.id,
           json_object('sessionId', s.id, 'providerId', s.provider_id, 'userId', s.subject, 'meter', ?2, 'at', ?5), ?4
         FROM sessions s JOIN session_meters m ON m.session_id = s.id
         WHERE s.id = ?1 AND m.meter = ?2 AND m.depleted_at = ?4`,
      )
      .bind(sessionId, meter, id, now, iso(now)),
    db
      .prepare("SELECT count(*) AS open FROM session_meters WHERE session_id = ? AND depleted_at IS NULL")
      .bind(sessionId),
  ]);
  return { exhausted: answers[2]!.results[0]!.open === 0 };
}
