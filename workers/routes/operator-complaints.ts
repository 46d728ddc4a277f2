// People who wait for an answer, and the answers.

import { createRoute, z } from "@hono/zod-openapi";
import { iso, isoOrNull } from "../../domain/clock.ts";
import { DomainError } from "../../domain/errors.ts";
import { decideComplaint, type Decision } from "../../domain/complaints/decide.ts";
import { COMPLAINT_STATUSES, findComplaint, listComplaints, type Complaint } from "../../domain/complaints/store.ts";
import { complaintView } from "../../domain/complaints/complain.ts";
import { json, newRouter, problems } from "../http.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { logNotices } from "../notices.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";
import { ReportedProblemSchema } from "./problems.ts";

const ComplaintSchema = ReportedProblemSchema.extend({
  userId: z.string(),
  email: z.string().nullable().openapi({ description: "Null when the account is gone." }),
  providerId: z.string(),
  providerName: z.string(),
  session: z.object({
    chargedTokens: z.number().int(),
    returnedTokens: z.number().int().openapi({ description: "Given back by any complaint so far." }),
    activeSeconds: z.number().int(),
    endedAt: z.string().nullable(),
  }),
}).openapi("Complaint");
const ANSWER_MAX_LENGTH = 2_000;
const DecideBody = z
  .object({
    decision: z.enum(["reverse", "refund", "decline"]).openapi({
      description:
        "reverse: tokens back to the wallet, out of what provider and platform earned. refund: the same, and on to the card. decline: the answer alone.",
    }),
    tokens: z
      .number()
      .int()
      .min(1)
      .optional()
      .openapi({ description: "Of the session; all that is left unless said." }),
    answer: z.string().trim().min(1).max(ANSWER_MAX_LENGTH).openapi({ description: "The person reads it." }),
  })
  .openapi("DecideComplaint");
const ListQuery = z.object({
  status: z.enum(COMPLAINT_STATUSES).default("open"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(40).optional(),
});
const IdParam = z.object({
  id: z
    .string()
    .max(40)
    .openapi({ param: { name: "id", in: "path" } }),
});

export const operatorComplaintRoutes = newRouter();
operatorComplaintRoutes.use("/v1/operator/*", requireUser, requireRole("operator"));

operatorComplaintRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/complaints",
    operationId: "listComplaints",
    tags: ["Operators"],
    summary: "Problems people reported",
    description: "What waits comes oldest first, what was decided newest first.",
    security: [{ accessToken: [] }],
    request: { query: ListQuery },
    responses: {
      200: json(z.object({ complaints: z.array(ComplaintSchema), nextCursor: z.string().nullable() }), "One page."),
      ...problems(400, 401, 403, 429),
    },
  }),
  async (c) => {
    const { status, limit, cursor } = c.req.valid("query");
    const rows = await listComplaints(c.env.DB, { status, limit, after: cursor ?? null });
    const nextCursor = rows.length === limit ? rows.at(-1)!.id : null;
    return c.json({ complaints: rows.map(operatorView), nextCursor }, 200);
  },
);

operatorComplaintRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/complaints/{id}",
    operationId: "getComplaint",
    tags: ["Operators"],
    summary: "One reported problem",
    security: [{ accessToken: [] }],
    request: { params: IdParam },
    responses: {
      200: json(z.object({ complaint: ComplaintSchema }), "As it stands."),
      ...problems(401, 403, 404, 429),
    },
  }),
  async (c) => {
    const complaint = await findComplaint(c.env.DB, c.req.valid("param").id);
    if (!complaint) throw new DomainError("complaint_not_found", "There is no such complaint.");
    return c.json({ complaint: operatorView(complaint) }, 200);
  },
);

operatorComplaintRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/complaints/{id}/decide",
    operationId: "decideComplaint",
    tags: ["Operators"],
    summary: "Answer a reported problem",
    description: "Once. The person is told, and what moves commits with the answer. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/complaints/:id/decide")],
    request: { params: IdParam, body: { required: true, content: { "application/json": { schema: DecideBody } } } },
    responses: {
      200: json(z.object({ complaint: ReportedProblemSchema }), "As decided."),
      ...problems(400, 401, 403, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { decision: kind, tokens, answer } = c.req.valid("json");
    const decision: Decision = kind === "decline" ? { kind } : { kind, tokens: tokens ?? null };
    const it = { id, decision, answer, operatorId: c.get("user").userId, claim: c.get("idempotency") };
    const body = await answerOnce(c, async () => {
      const { complaint, notices } = await decideComplaint(c.env, it, c.get("now"));
      logNotices(notices);
      return { complaint };
    });
    hintWebhooks(c.env, c.executionCtx);
    return c.json(body, 200);
  },
);

const operatorView = (it: Complaint): z.infer<typeof ComplaintSchema> => ({
  ...complaintView(it),
  userId: it.userId,
  email: it.email,
  providerId: it.providerId,
  providerName: it.providerName,
  createdAt: iso(it.createdAt),
  session: {
    chargedTokens: it.chargedTokens,
    returnedTokens: it.returnedTokens,
    activeSeconds: it.activeSeconds,
    endedAt: isoOrNull(it.endedAt),
  },
});
