// Purchases that are held because something speaks against them, and what an operator decides.

import { createRoute, z } from "@hono/zod-openapi";
import { iso, isoOrNull } from "../../domain/clock.ts";
import { CURRENCY } from "../../domain/money.ts";
import { decideReview } from "../../domain/trust/decide-review.ts";
import { listReviews, REVIEW_STATUSES, type Review } from "../../domain/trust/store.ts";
import { json, newRouter, problems } from "../http.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { logNotices } from "../notices.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";
import { MoneySchema, OrderParam } from "./token-schemas.ts";

const ReviewSchema = z
  .object({
    orderId: z.string(),
    userId: z.string(),
    email: z.string().nullable(),
    reasons: z.array(z.string()).openapi({ example: ["many_declines"] }),
    tokens: z.number().int().openapi({ description: "Held: credited, and not spendable." }),
    amount: MoneySchema,
    status: z.enum(REVIEW_STATUSES),
    createdAt: z.string(),
    releaseAt: z.string().openapi({ description: "Spendable from then on, if nobody decides before." }),
    decidedAt: z.string().nullable(),
    decisionReason: z.string().nullable(),
  })
  .openapi("PurchaseReview");
const ListQuery = z.object({
  status: z.enum(REVIEW_STATUSES).default("held"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(40).optional(),
});
const REASON_MAX_LENGTH = 500;
const DecideBody = z
  .object({
    decision: z.enum(["release", "refund"]),
    reason: z.string().trim().min(1).max(REASON_MAX_LENGTH),
  })
  .openapi("DecideReview");

export const operatorReviewRoutes = newRouter();
operatorReviewRoutes.use("/v1/operator/*", requireUser, requireRole("operator"));

operatorReviewRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/reviews",
    operationId: "listReviews",
    tags: ["Operators"],
    summary: "Purchases that are held for a look",
    description: "Newest first. Without a decision each is released by itself.",
    security: [{ accessToken: [] }],
    request: { query: ListQuery },
    responses: {
      200: json(z.object({ reviews: z.array(ReviewSchema), nextCursor: z.string().nullable() }), "One page."),
      ...problems(400, 401, 403, 429),
    },
  }),
  async (c) => {
    const { status, limit, cursor } = c.req.valid("query");
    const rows = await listReviews(c.env.DB, { status, limit, after: cursor ?? null });
    return c.json({ reviews: rows.map(view), nextCursor: rows.length === limit ? rows.at(-1)!.orderId : null }, 200);
  },
);

operatorReviewRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/reviews/{id}/decide",
    operationId: "decideReview",
    tags: ["Operators"],
    summary: "Let a held purchase go, or give its money back",
    description: "Once, with a reason that is kept. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/reviews/:id/decide")],
    request: { params: OrderParam, body: { required: true, content: { "application/json": { schema: DecideBody } } } },
    responses: {
      200: json(z.object({ decided: z.literal(true) }), "Done."),
      ...problems(400, 401, 403, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const it = {
      ...c.req.valid("json"),
      orderId: c.req.valid("param").id,
      operatorId: c.get("user").userId,
      claim: c.get("idempotency"),
    };
    const answer = await answerOnce(c, async () => {
      logNotices(await decideReview(c.env, it, c.get("now")));
      return { decided: true as const };
    });
    hintWebhooks(c.env, c.executionCtx);
    return c.json(answer, 200);
  },
);

const view = (it: Review): z.infer<typeof ReviewSchema> => ({
  orderId: it.orderId,
  userId: it.userId,
  email: it.email,
  reasons: it.reasons.split(" "),
  tokens: it.tokens,
  amount: { amount: it.amountCents, currency: CURRENCY },
  status: it.status,
  createdAt: iso(it.createdAt),
  releaseAt: iso(it.releaseAt),
  decidedAt: isoOrNull(it.decidedAt),
  decisionReason: it.decisionReason,
});
