// Automatic top-up: look at it, set it, turn it on and off. What it may charge stands in domain/top-up/fuse.ts.

import { createRoute, z } from "@hono/zod-openapi";
import { PURCHASE_MAX_TOKENS, PURCHASE_MIN_TOKENS } from "../../domain/money.ts";
import { setTopUp, viewTopUp } from "../../domain/top-up/set-up.ts";
import { SPENDING_TOKENS_MAX } from "../../domain/spending/limits.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";

const Amounts = {
  thresholdTokens: z.number().int().min(1).max(PURCHASE_MAX_TOKENS).openapi({
    description: "Tokens are bought when all that is yours, held included, falls below.",
    example: 500,
  }),
  topUpTokens: z.number().int().min(PURCHASE_MIN_TOKENS).max(PURCHASE_MAX_TOKENS).openapi({ example: 2000 }),
  dayMaxTokens: z.number().int().max(SPENDING_TOKENS_MAX).openapi({
    description: "The most it buys in a calendar day (UTC).",
    example: 4000,
  }),
  monthMaxTokens: z.number().int().max(SPENDING_TOKENS_MAX).openapi({ example: 20_000 }),
};
const SetBody = z
  .object({
    enabled: z.boolean().openapi({ description: "True is your consent to be charged while you are away." }),
    ...Amounts,
  })
  .openapi("SetTopUp");
const TopUpSchema = z
  .object({
    state: z.enum(["off", "on", "asking"]).openapi({
      description:
        "`asking`: three attempts failed, or there is no card; nothing is charged until it is turned on again.",
    }),
    ...Amounts,
    failures: z.number().int().openapi({ description: "Since the last attempt that was paid." }),
    card: z
      .object({ brand: z.string(), last4: z.string() })
      .nullable()
      .openapi({ description: "What would be charged; null: none is saved." }),
    dayTokens: z.number().int().openapi({ description: "Bought by it today." }),
    monthTokens: z.number().int(),
    dayResetsAt: z.string(),
    monthResetsAt: z.string(),
    attempts: z
      .array(
        z.object({
          orderId: z.string(),
          state: z.enum(["in_flight", "asked", "paid", "declined", "lapsed"]),
          tokens: z.number().int(),
          amountCents: z.number().int(),
          reason: z.string().nullable(),
          checkoutUrl: z.string().nullable().openapi({ description: "`asked`: the bank wants you; pay here." }),
          at: z.string(),
          endedAt: z.string().nullable(),
        }),
      )
      .openapi({ description: "The last ten, newest first." }),
  })
  .openapi("TopUp");

export const topUpRoutes = newRouter();
topUpRoutes.use("/v1/me/top-up", requireUser);

topUpRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/me/top-up",
    operationId: "getTopUp",
    tags: ["Wallet"],
    summary: "Your automatic top-up, and what it did",
    description: "Off until you turn it on. Before that the amounts are a proposal.",
    security: [{ accessToken: [] }],
    responses: { 200: json(TopUpSchema, "As it is set."), ...problems(401, 429, 502) },
  }),
  async (c) => c.json(await viewTopUp(c.env, c.get("user").userId, c.get("now")), 200),
);

topUpRoutes.openapi(
  createRoute({
    method: "put",
    path: "/v1/me/top-up",
    operationId: "setTopUp",
    tags: ["Wallet"],
    summary: "Set automatic top-up, turn it on or off",
    description:
      "Charges your saved card when your tokens run low while you are using an app, within the caps. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("PUT /v1/me/top-up")],
    request: { body: { required: true, content: { "application/json": { schema: SetBody } } } },
    responses: { 200: json(TopUpSchema, "As it is now."), ...problems(400, 401, 409, 422, 429, 502) },
  }),
  async (c) => {
    const wish = c.req.valid("json");
    await answerOnce(c, () => setTopUp(c.env, c.get("user"), wish, c.get("idempotency"), c.get("now")));
    return c.json(await viewTopUp(c.env, c.get("user").userId, c.get("now")), 200);
  },
);
