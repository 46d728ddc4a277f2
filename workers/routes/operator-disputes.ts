// Payments people took back at their bank, refunds an operator gives, and the blocks that follow a lost dispute.

import { createRoute, z } from "@hono/zod-openapi";
import { iso, isoOrNull } from "../../domain/clock.ts";
import { recordAnswer } from "../../domain/idempotency.ts";
import { listDisputeRows, type DisputeRow } from "../../domain/payments/dispute-store.ts";
import { refundByOperator } from "../../domain/payments/refund-order.ts";
import { CURRENCY } from "../../domain/money.ts";
import { liftBlock } from "../../domain/trust/block-store.ts";
import { DomainError } from "../../domain/errors.ts";
import { json, newRouter, problems } from "../http.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { logNotices } from "../notices.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";
import { RefundSchema } from "./refunds.ts";
import { MoneySchema, OrderParam } from "./token-schemas.ts";

const DISPUTE_STATUSES = ["inquiry", "closed", "open", "won", "lost"] as const;
const DisputeSchema = z
  .object({
    id: z.string().openapi({ description: "Stripe's id of it." }),
    orderId: z.string(),
    userId: z.string(),
    email: z.string().nullable(),
    status: z.enum(DISPUTE_STATUSES).openapi({ description: "An `inquiry` moves no money; answer it before it does." }),
    amount: MoneySchema,
    fee: MoneySchema.openapi({ description: "What Stripe has kept for it." }),
    reason: z.string().openapi({ example: "fraudulent" }),
    tokens: z.number().int().openapi({ description: "Frozen while open, gone when lost, back when won." }),
    loss: MoneySchema.nullable().openapi({ description: "Of a lost one: what was spent already." }),
    isBlocking: z.boolean().openapi({ description: "The person may not buy or start because of it." }),
    respondBy: z.string().nullable(),
    createdAt: z.string(),
    openedAt: z.string().nullable(),
    closedAt: z.string().nullable(),
  })
  .openapi("Dispute");
const ListQuery = z.object({
  status: z.enum(DISPUTE_STATUSES).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(80).optional(),
});
const REASON_MAX_LENGTH = 500;
const reason = z.string().trim().min(1).max(REASON_MAX_LENGTH);
const LiftBody = z.object({ reason: reason.openapi({ example: "repaid by bank transfer" }) }).openapi("LiftBlock");
const RefundBody = z
  .object({
    tokens: z.number().int().min(0).optional().openapi({ description: "Unspent tokens to take; all unless said." }),
    extraCents: z
      .number()
      .int()
      .min(0)
      .max(100_000_00)
      .default(0)
      .openapi({ description: "Money on top, for nothing in return: booked as a loss." }),
    reason,
  })
  .openapi("OperatorRefund");
const IdParam = z.object({
  id: z
    .string()
    .max(80)
    .openapi({ param: { name: "id", in: "path" } }),
});

export const operatorDisputeRoutes = newRouter();
operatorDisputeRoutes.use("/v1/operator/*", requireUser, requireRole("operator"));

operatorDisputeRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/disputes",
    operationId: "listDisputes",
    tags: ["Operators"],
    summary: "Payments disputed at a bank",
    description: "Newest first. The answer to a dispute is written at Stripe.",
    security: [{ accessToken: [] }],
    request: { query: ListQuery },
    responses: {
      200: json(z.object({ disputes: z.array(DisputeSchema), nextCursor: z.string().nullable() }), "One page."),
      ...problems(400, 401, 403, 429),
    },
  }),
  async (c) => {
    const { status, limit, cursor } = c.req.valid("query");
    const rows = await listDisputeRows(c.env.DB, { status: status ?? null, limit, before: readCursor(cursor) });
    const last = rows.length === limit ? rows.at(-1)! : null;
    return c.json({ disputes: rows.map(disputeView), nextCursor: last && `${last.createdAt}:${last.id}` }, 200);
  },
);

operatorDisputeRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/disputes/{id}/lift",
    operationId: "liftDisputeBlock",
    tags: ["Operators"],
    summary: "Let a person buy and start again after a lost dispute",
    description: "With a reason, which is kept. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/disputes/:id/lift")],
    request: { params: IdParam, body: { required: true, content: { "application/json": { schema: LiftBody } } } },
    responses: {
      200: json(z.object({ lifted: z.literal(true) }), "They may."),
      ...problems(400, 401, 403, 409, 429),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const by = { operatorId: c.get("user").userId, reason: c.req.valid("json").reason };
    const answer = { lifted: true as const };
    await answerOnce(c, async () => {
      await c.env.DB.batch([
        liftBlock(c.env.DB, `dispute:${id}`, by, c.get("now")),
        ...(await recordAnswer(c.env.DB, c.get("idempotency"), { status: 200, body: answer }, c.get("now"))),
      ]);
      return answer;
    });
    return c.json(answer, 200);
  },
);

operatorDisputeRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/orders/{id}/refund",
    operationId: "operatorRefundOrder",
    tags: ["Operators"],
    summary: "Refund anybody's purchase",
    description: "Unspent tokens, and money on top where that is right. No time limit. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/orders/:id/refund")],
    request: { params: OrderParam, body: { required: true, content: { "application/json": { schema: RefundBody } } } },
    responses: {
      200: json(z.object({ refund: RefundSchema }), "On its way."),
      ...problems(400, 401, 403, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const { tokens, ...body } = c.req.valid("json");
    const it = {
      ...body,
      tokens: tokens ?? null,
      orderId: c.req.valid("param").id,
      operatorId: c.get("user").userId,
      claim: c.get("idempotency"),
    };
    const answer = await answerOnce(c, async () => {
      const { refund, notices } = await refundByOperator(c.env, it, c.get("now"));
      logNotices(notices);
      return { refund };
    });
    hintWebhooks(c.env, c.executionCtx);
    return c.json(answer, 200);
  },
);

/** A moment and the id of a dispute: where a list of them goes on. @throws DomainError `invalid_cursor`. */
export function readCursor(cursor: string | undefined): { at: number; id: string } | null {
  if (cursor === undefined) return null;
  const match = /^(\d{1,15}):(\w+)$/.exec(cursor);
  if (!match) throw new DomainError("invalid_cursor", "This cursor is not one of ours. Start again without it.");
  return { at: Number(match[1]), id: match[2]! };
}

const usd = (amount: number) => ({ amount, currency: CURRENCY });
const disputeView = (it: DisputeRow): z.infer<typeof DisputeSchema> => ({
  id: it.id,
  orderId: it.orderId,
  userId: it.userId,
  email: it.email,
  status: it.status,
  amount: usd(it.amountCents),
  fee: usd(it.feeCents),
  reason: it.reason,
  tokens: it.tokens,
  loss: it.lossCents === null ? null : usd(it.lossCents),
  isBlocking: it.isBlocking === 1,
  respondBy: isoOrNull(it.respondBy),
  createdAt: iso(it.createdAt),
  openedAt: isoOrNull(it.openedAt),
  closedAt: isoOrNull(it.closedAt),
});
