// Usage reported by a provider's server, one record or up to 100. Every record is answered by itself, in order; costly work
// belongs after `accepted` (contract section 4).

import { createRoute, z } from "@hono/zod-openapi";
import { REPORT_BATCH_MAX, type ReportResult, type ReportStatus } from "../../sdk/src/protocol/session.ts";
import type { ErrorCode } from "../../sdk/src/protocol/errors.ts";
import { addDayCounts, REFUSED_REPORTS, type DayCount } from "../../domain/catalogue/day-counts-store.ts";
import { DomainError } from "../../domain/errors.ts";
import { newId } from "../../domain/ids.ts";
import { markDepleted } from "../../domain/sessions/report-store.ts";
import { reportUsage, type ReceivedReport, type ReportOutcome } from "../../domain/sessions/report-usage.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import type { Env } from "../env.ts";
import { jsonAnswer, newRouter, problems, type ProviderPrincipal } from "../http.ts";
import { inWords } from "../issue-words.ts";
import { ledgerWriter } from "../ledger-writer.ts";
import { requireProviderKey } from "../middleware/authenticate.ts";
import { noteUsage } from "./usage-notes.ts";

const RecordSchema = z
  .object({
    sessionId: z.string(),
    amount: z.number().optional().openapi({ description: "Whole tokens, for the meter `token`." }),
    units: z
      .union([z.number(), z.string()])
      .optional()
      .openapi({ description: "Units of `meter`, at most six decimals.", example: 1 }),
    meter: z.string().max(64).optional().openapi({ example: "scene" }),
    idempotencyKey: z.string().openapi({ example: "scene-42" }),
    at: z
      .string()
      .optional()
      .openapi({ description: "When it happened (ISO 8601); default now, at most 6 hours ago." }),
  })
  .openapi("UsageRecord");

const ResultSchema = z
  .object({
    status: z.enum([
      "accepted",
      "duplicate",
      "conflict",
      "session_closed",
      "tokens_depleted",
      "too_late",
      "unavailable",
      "invalid",
    ]),
    sessionId: z.string().optional(),
    idempotencyKey: z.string().optional(),
    remainingUnits: z.string().optional(),
    message: z.string().optional(),
  })
  .openapi("UsageResult");

// A record that cannot be read is answered `invalid` and does not spoil the others, so this looks at the outside only.
const Body = z
  .unknown()
  .refine((body) => recordsIn(body) !== null, {
    message: `is neither one record nor { events: [1 to ${REPORT_BATCH_MAX} records] }`,
  })
  .openapi("UsageReport", {
    oneOf: [
      { $ref: "#/components/schemas/UsageRecord" },
      {
        type: "object",
        required: ["events"],
        properties: {
          events: {
            type: "array",
            minItems: 1,
            maxItems: REPORT_BATCH_MAX,
            items: { $ref: "#/components/schemas/UsageRecord" },
          },
        },
      },
    ],
  });

export const providerReportRoutes = newRouter();
providerReportRoutes.openAPIRegistry.register("UsageRecord", RecordSchema);

providerReportRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/tokens/report",
    operationId: "reportUsage",
    tags: ["Provider sessions"],
    summary: "Report metered use",
    description:
      "One record, or up to 100 as `events`. Idempotent by session and idempotencyKey. The single form also answers its status over HTTP.",
    security: [{ apiKey: [] }],
    middleware: [requireProviderKey],
    request: { body: { required: true, content: { "application/json": { schema: Body } } } },
    responses: {
      200: {
        description: "One result per record, in order.",
        content: { "application/json": { schema: z.object({ results: z.array(ResultSchema) }) } },
      },
      ...problems(400, 401, 402, 409, 422, 503),
    },
  }),
  async (c) => {
    const body = c.req.valid("json");
    const records = recordsIn(body)!;
    const outcome = await reportUsage(
      ledgerWriter(c.env).report,
      c.get("provider"),
      records.map(receive),
      c.get("requestId"),
      c.get("now"),
    );
    for (const work of follow(c.env, outcome, c.get("now"))) c.executionCtx.waitUntil(work);
    const refused = refusedOf(outcome.results, c.get("provider"));
    if (refused.length > 0) c.executionCtx.waitUntil(addDayCounts(c.env.DB, refused, c.get("now")));
    if (outcome.isHeard) hintWebhooks(c.env, c.executionCtx);
    const isAlone = records[0] === body;
    if (isAlone) refuseOverHttp(outcome.results[0]!, outcome.results);
    return jsonAnswer(c, { results: outcome.results });
  },
);

/** The records of a body: its `events`, or itself as the only one; null where there are none, or too many. */
function recordsIn(body: unknown): unknown[] | null {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  if (!("events" in body) || !Array.isArray(body.events)) return [body];
  return body.events.length >= 1 && body.events.length <= REPORT_BATCH_MAX ? body.events : null;
}

function receive(record: unknown): ReceivedReport {
  const read = RecordSchema.safeParse(record);
  if (read.success) return { report: read.data };
  const issue = read.error.issues[0]!;
  const known = (record ?? {}) as { sessionId?: unknown; idempotencyKey?: unknown };
  return {
    problem: `${issue.path.join(".") || "record"}: ${inWords(issue.message)}`,
    ...(typeof known.sessionId === "string" && { sessionId: known.sessionId }),
    ...(typeof known.idempotencyKey === "string" && { idempotencyKey: known.idempotencyKey }),
  };
}

const HTTP_REFUSAL: Record<Exclude<ReportStatus, "accepted" | "duplicate">, ErrorCode> = {
  conflict: "report_conflict",
  session_closed: "session_closed",
  tokens_depleted: "tokens_depleted",
  too_late: "report_too_late",
  unavailable: "temporarily_unavailable",
  invalid: "invalid_request",
};

function refuseOverHttp(result: ReportResult, results: ReportResult[]): void {
  if (result.status === "accepted" || result.status === "duplicate") return;
  throw new DomainError(HTTP_REFUSAL[result.status], result.message ?? "This record was not taken.", { results });
}

/** What was refused in a request, for the app's dashboard. Most requests have nothing. */
function refusedOf(results: readonly ReportResult[], { providerId, mode }: ProviderPrincipal): DayCount[] {
  return REFUSED_REPORTS.flatMap((status) => {
    const count = results.filter((result) => result.status === status).length;
    return count > 0 ? [{ providerId, mode, kind: `report:${status}` as const, count }] : [];
  });
}

/** After the answer: tell the sessions' clocks what ran out and what was used, for the figures their pages show. */
function follow(env: Env, { depleted, totals }: ReportOutcome, now: number): Promise<void>[] {
  const notes = totals.map(({ sessionId, ...usage }) =>
    noteUsage(sessionId, usage, now, {
      tell: (known) => env.SESSIONS.getByName(sessionId).noteUsage(known),
      wait: (ms) => new Promise((resume) => setTimeout(resume, ms)),
    }),
  );
  const ends = depleted.length > 0 ? endDepleted(env, depleted, now) : null;
  return [ends, ...notes].filter((work) => work !== null);
}

async function endDepleted(env: Env, depleted: ReportOutcome["depleted"], now: number): Promise<void> {
  for (const { sessionId, meter } of depleted) {
    const { exhausted } = await markDepleted(env.DB, { id: newId(now), sessionId, meter, now });
    if (exhausted) await env.SESSIONS.getByName(sessionId).depleted({ sessionId, by: "operator" });
  }
}
