// What a person allows themselves to spend, and what they want to hear of.

import { createRoute, z } from "@hono/zod-openapi";
import {
  BALANCE_ALERTS_MAX,
  changeSpending,
  SPENDING_RULES_MAX,
  SPENDING_TOKENS_MAX,
  viewSpending,
} from "../../domain/spending/limits.ts";
import { PERIODS } from "../../domain/spending/periods.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";

const tokens = (min: number) => z.number().int().min(min).max(SPENDING_TOKENS_MAX);
const RuleSchema = z.object({
  providerId: z
    .string()
    .min(1)
    .max(100)
    .nullable()
    .openapi({ description: "One app, or null for all together.", example: null }),
  period: z.enum(PERIODS).openapi({ description: "Calendar day, week (from Monday) or month, in UTC." }),
  limitTokens: tokens(0).nullable().openapi({
    description: "A start or an extension that could go beyond it is refused with `spend_limit_reached`.",
    example: 2000,
  }),
  alertTokens: tokens(1).nullable().openapi({ description: "You are told when so much was charged.", example: 1500 }),
});
const BalanceAlertsSchema = z
  .array(tokens(1))
  .max(BALANCE_ALERTS_MAX)
  .openapi({ description: "You are told when your tokens, held ones included, fall below.", example: [500] });
const SpendingBody = z
  .object({ balanceAlerts: BalanceAlertsSchema, rules: z.array(RuleSchema).max(SPENDING_RULES_MAX) })
  .openapi("SetSpending");
const SpendingSchema = z
  .object({
    balanceAlerts: BalanceAlertsSchema,
    rules: z.array(
      RuleSchema.extend({
        providerName: z.string().nullable(),
        spentTokens: z.number().int().openapi({ description: "Charged in the running period." }),
        heldTokens: z.number().int().openapi({ description: "Held by open sessions; counts until they settle." }),
        resetsAt: z.string(),
      }),
    ),
  })
  .openapi("Spending");

export const spendingRoutes = newRouter();
spendingRoutes.use("/v1/me/spending", requireUser);

spendingRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/me/spending",
    operationId: "getSpending",
    tags: ["Wallet"],
    summary: "Your limits and alerts, and how far you are",
    security: [{ accessToken: [] }],
    responses: { 200: json(SpendingSchema, "All of them."), ...problems(401, 429) },
  }),
  async (c) => c.json(await viewSpending(c.env.DB, c.get("user"), c.get("now")), 200),
);

spendingRoutes.openapi(
  createRoute({
    method: "put",
    path: "/v1/me/spending",
    operationId: "setSpending",
    tags: ["Wallet"],
    summary: "Set your limits and alerts",
    description:
      "Replaces all of them. They hold from the next start or extension on; a session that runs goes on. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("PUT /v1/me/spending")],
    request: { body: { required: true, content: { "application/json": { schema: SpendingBody } } } },
    responses: { 200: json(SpendingSchema, "As they are now."), ...problems(400, 401, 409, 429) },
  }),
  async (c) => {
    const wish = c.req.valid("json");
    await answerOnce(c, () => changeSpending(c.env.DB, c.get("user"), wish, c.get("idempotency"), c.get("now")));
    return c.json(await viewSpending(c.env.DB, c.get("user"), c.get("now")), 200);
  },
);
