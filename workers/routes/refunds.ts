// Unspent tokens back to the card: what would come back, and doing it.

import { createRoute, z } from "@hono/zod-openapi";
import { quoteRefund, refundByBuyer } from "../../domain/payments/refund-order.ts";
import { json, newRouter, problems } from "../http.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { logNotices } from "../notices.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { MoneySchema, OrderParam } from "./token-schemas.ts";

const RefundQuoteSchema = z
  .object({
    orderId: z.string(),
    whyNot: z
      .enum(["not_paid", "nothing_left", "too_late", "in_progress", "disputed", "too_many", "account_blocked"])
      .nullable()
      .openapi({ description: "Null when it can be returned now." }),
    tokens: z.number().int().openapi({ description: "All that is unspent of this purchase." }),
    amount: MoneySchema.openapi({ description: "What was paid for them, and comes back." }),
    until: z.string().nullable().openapi({ description: "Until when you may return it without asking." }),
  })
  .openapi("RefundQuote");
export const RefundSchema = z
  .object({
    id: z.string(),
    orderId: z.string(),
    tokens: z.number().int(),
    amount: MoneySchema,
    status: z.enum(["on_its_way", "done", "refused", "failed"]).openapi({
      description:
        "`on_its_way`: the tokens are set aside and the card refund is being made. A notification tells its end.",
    }),
  })
  .openapi("Refund");

export const refundRoutes = newRouter();
refundRoutes.use("/v1/tokens/orders/:id/refund", requireUser);

refundRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/tokens/orders/{id}/refund",
    operationId: "quoteRefund",
    tags: ["Tokens"],
    summary: "What would come back for a purchase",
    description:
      "Unspent tokens of a purchase go back to the card they were bought with: within 14 days, three purchases in 30 days (settings of the marketplace). Later an operator can.",
    security: [{ accessToken: [] }],
    request: { params: OrderParam },
    responses: { 200: json(RefundQuoteSchema, "As it stands now."), ...problems(401, 404, 429) },
  }),
  async (c) => {
    const it = { orderId: c.req.valid("param").id, userId: c.get("user").userId };
    return c.json(await quoteRefund(c.env.DB, it, c.get("now")), 200);
  },
);

refundRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/tokens/orders/{id}/refund",
    operationId: "refundOrder",
    tags: ["Tokens"],
    summary: "Return what is unspent of a purchase",
    description:
      "The tokens leave the wallet at once; banks take five to ten days for the money. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/tokens/orders/:id/refund")],
    request: { params: OrderParam },
    responses: { 200: json(z.object({ refund: RefundSchema }), "On its way."), ...problems(401, 404, 409, 422, 429) },
  }),
  async (c) => {
    const it = { orderId: c.req.valid("param").id, userId: c.get("user").userId, claim: c.get("idempotency") };
    const answer = await answerOnce(c, async () => {
      const { refund, notices } = await refundByBuyer(c.env, it, c.get("now"));
      logNotices(notices);
      return { refund };
    });
    hintWebhooks(c.env, c.executionCtx);
    return c.json(answer, 200);
  },
);
