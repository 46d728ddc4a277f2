// The proof of the books for operators: the last report, a run at once, and the alerts.

import { createRoute, z } from "@hono/zod-openapi";
import { acknowledgeAlert, listAlerts } from "../../domain/books/alerts.ts";
import { lastReport, proveBooks, type BooksReport } from "../../domain/books/prove-books.ts";
import { iso, isoOrNull } from "../../domain/clock.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, answerRepeatable, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";

const ReportSchema = z
  .object({
    at: z.string(),
    findings: z.number().int().openapi({ description: "0: the books are sound." }),
    checks: z.array(
      z.object({
        name: z.string(),
        says: z.string(),
        findings: z.number().int(),
        rows: z
          .array(z.object({ row: z.string(), expected: z.number().int(), found: z.number().int() }))
          .openapi({ description: "At most 20 of what breaks it." }),
      }),
    ),
    days: z
      .array(
        z.object({
          day: z.string().openapi({ example: "2026-11-26", description: "UTC." }),
          stripeCents: z.number().int(),
          booksCents: z.number().int(),
          inTransitCents: z.number().int().openapi({ description: "Too young to judge; not in the other two." }),
        }),
      )
      .openapi({ description: "What moved our balance at Stripe, by Stripe and by our books. Newest first, 35 days." }),
    stripe: z.object({
      through: z.string().nullable().openapi({ description: "Up to when Stripe's list was read." }),
      isStale: z.boolean().openapi({ description: "Stripe did not answer; what was read before is compared." }),
      inTransitCents: z.number().int(),
    }),
  })
  .openapi("BooksReport");
const BooksSchema = z
  .object({
    report: ReportSchema.nullable().openapi({ description: "Null: never checked." }),
    runs: z
      .array(
        z.object({ id: z.string(), at: z.string(), cause: z.enum(["cron", "operator"]), findings: z.number().int() }),
      )
      .openapi({ description: "Newest first, at most 24." }),
  })
  .openapi("Books");
const AlertSchema = z
  .object({
    id: z.string(),
    area: z.string().openapi({ example: "books" }),
    title: z.string(),
    rows: z.array(z.looseObject({})).openapi({ description: "What shows it." }),
    rowCount: z.number().int(),
    firstAt: z.string(),
    lastAt: z.string(),
    acknowledged: z.object({ at: z.string(), by: z.string(), reason: z.string() }).nullable(),
  })
  .openapi("Alert");
const AlertsQuery = z.object({
  state: z.enum(["open", "all"]).default("open"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(40).optional(),
});
const AcknowledgeBody = z
  .object({
    reason: z.string().trim().min(3).max(1_000).openapi({ description: "What it was, for whoever looks next." }),
  })
  .openapi("AcknowledgeAlert");

export const operatorBooksRoutes = newRouter();
for (const path of ["/v1/operator/books", "/v1/operator/books/*", "/v1/operator/alerts", "/v1/operator/alerts/*"])
  operatorBooksRoutes.use(path, requireUser, requireRole("operator"));

operatorBooksRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/books",
    operationId: "operatorGetBooks",
    tags: ["Operators"],
    summary: "Whether the books are sound",
    description: "The report of the last run, and the runs before it. The check runs every hour.",
    security: [{ accessToken: [] }],
    responses: { 200: json(BooksSchema, "The last report."), ...problems(401, 403, 429) },
  }),
  async (c) => {
    const { report, runs } = await lastReport(c.env.DB);
    return c.json({ report: report && viewOf(report), runs: runs.map((run) => ({ ...run, at: iso(run.at) })) }, 200);
  },
);

operatorBooksRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/books/check",
    operationId: "operatorCheckBooks",
    tags: ["Operators"],
    summary: "Check the books now",
    description:
      "Checks every promise, reads Stripe's list of what moved our balance, and compares. What is broken raises an alert with its rows; nothing is repaired. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/books/check")],
    responses: { 200: json(z.object({ report: ReportSchema }), "What was found."), ...problems(401, 403, 409, 429) },
  }),
  async (c) => {
    const answer = await answerRepeatable(c, async () => {
      const { report } = await proveBooks(c.env, "operator", c.get("now"));
      return { report: viewOf(report) };
    });
    return c.json(answer, 200);
  },
);

operatorBooksRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/alerts",
    operationId: "operatorListAlerts",
    tags: ["Operators"],
    summary: "What an operator has to look at",
    security: [{ accessToken: [] }],
    request: { query: AlertsQuery },
    responses: {
      200: json(z.object({ alerts: z.array(AlertSchema), nextCursor: z.string().nullable() }), "Newest first."),
      ...problems(400, 401, 403, 429),
    },
  }),
  async (c) => {
    const { state, limit, cursor } = c.req.valid("query");
    return c.json(await listAlerts(c.env.DB, { openOnly: state === "open", limit, cursor: cursor ?? null }), 200);
  },
);

operatorBooksRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/alerts/{id}/acknowledge",
    operationId: "operatorAcknowledgeAlert",
    tags: ["Operators"],
    summary: "Put an alert away, with a reason",
    description: "It stays on record with who did it. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/alerts/:id/acknowledge")],
    request: {
      params: z.object({
        id: z
          .string()
          .max(60)
          .openapi({ param: { name: "id", in: "path" } }),
      }),
      body: { required: true, content: { "application/json": { schema: AcknowledgeBody } } },
    },
    responses: {
      200: json(z.object({ alert: AlertSchema }), "The alert after it."),
      ...problems(400, 401, 403, 404, 409, 429),
    },
  }),
  async (c) => {
    const answer = await answerOnce(c, () =>
      acknowledgeAlert(
        c.env.DB,
        {
          id: c.req.valid("param").id,
          userId: c.get("user").userId,
          reason: c.req.valid("json").reason,
          claim: c.get("idempotency"),
        },
        c.get("now"),
      ),
    );
    return c.json(answer, 200);
  },
);

const viewOf = (report: BooksReport) => ({
  ...report,
  at: iso(report.at),
  stripe: { ...report.stripe, through: isoOrNull(report.stripe.through) },
});
