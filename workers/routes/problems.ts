// "Report a problem" on a receipt.

import { createRoute, z } from "@hono/zod-openapi";
import { COMPLAINT_TEXT_MAX_LENGTH, ownComplaints, reportProblem } from "../../domain/complaints/complain.ts";
import { COMPLAINT_CATEGORIES, COMPLAINT_STATUSES } from "../../domain/complaints/store.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { SessionIdParam } from "./session-schemas.ts";

const ReportBody = z
  .object({
    category: z.enum(COMPLAINT_CATEGORIES),
    text: z.string().trim().min(1).max(COMPLAINT_TEXT_MAX_LENGTH).openapi({ description: "What went wrong." }),
  })
  .openapi("ReportProblem");
export const ReportedProblemSchema = z
  .object({
    id: z.string(),
    sessionId: z.string(),
    category: z.enum(COMPLAINT_CATEGORIES),
    text: z.string(),
    status: z.enum(COMPLAINT_STATUSES),
    createdAt: z.string(),
    decidedAt: z.string().nullable(),
    answer: z.string().nullable().openapi({ description: "What an operator answered." }),
    returnedTokens: z.number().int().openapi({ description: "Tokens that came back by it." }),
    isRefunded: z.boolean().openapi({ description: "They went on to the card." }),
  })
  .openapi("ReportedProblem");

export const problemRoutes = newRouter();
problemRoutes.use("/v1/sessions/:id/problem", requireUser);

problemRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/sessions/{id}/problem",
    operationId: "reportProblem",
    tags: ["Sessions"],
    summary: "Report a problem with a session that is over",
    description:
      "An operator reads it and gives tokens back, refunds the card, or says why not; the answer stands here and comes as a notification. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/sessions/:id/problem")],
    request: {
      params: SessionIdParam,
      body: { required: true, content: { "application/json": { schema: ReportBody } } },
    },
    responses: {
      200: json(z.object({ problem: ReportedProblemSchema }), "It waits for an answer."),
      ...problems(400, 401, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const { id: sessionId } = c.req.valid("param");
    const { userId } = c.get("user");
    const report = { ...c.req.valid("json"), sessionId, userId, claim: c.get("idempotency") };
    return c.json(await answerOnce(c, () => reportProblem(c.env.DB, report, c.get("now"))), 200);
  },
);

problemRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/sessions/{id}/problem",
    operationId: "listProblems",
    tags: ["Sessions"],
    summary: "What you reported about a session, and the answers",
    security: [{ accessToken: [] }],
    request: { params: SessionIdParam },
    responses: {
      200: json(z.object({ problems: z.array(ReportedProblemSchema) }), "Oldest first; at most three."),
      ...problems(401, 404, 429),
    },
  }),
  async (c) => {
    const { id: sessionId } = c.req.valid("param");
    return c.json({ problems: await ownComplaints(c.env.DB, { sessionId, userId: c.get("user").userId }) }, 200);
  },
);
