// What an operator gives single people: a plan, or as an owner a fee tier. Which there are is a setting.

import { createRoute, z } from "@hono/zod-openapi";
import { setFeeTier, setPlan } from "../../domain/catalogue/plans.ts";
import { isoOrNull } from "../../domain/clock.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerRepeatable, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";

const UserIdParam = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, description: "User id." }),
});
const PlanBody = z
  .object({
    plan: z
      .string()
      .nullable()
      .openapi({ description: "Id of a plan of the setting `userPlans`; null takes it away." }),
    until: z.iso.datetime({ offset: true }).nullish(),
  })
  .openapi("SetPlan");
const PlanAnswer = z
  .object({
    userId: z.string(),
    plan: z.object({ id: z.string(), name: z.string(), feeRebateBasisPoints: z.number().int() }).nullable(),
    until: z.string().nullable(),
  })
  .openapi("UserPlan");
const TierBody = z
  .object({
    tier: z.string().nullable().openapi({ description: "Id of a tier of the setting `feeTiers`; null: standard fee." }),
  })
  .openapi("SetFeeTier");
const TierAnswer = z
  .object({
    ownerUserId: z.string(),
    feeBasisPoints: z.number().int(),
    changedApps: z.number().int().openapi({ description: "Apps that got a new price version with the new fee." }),
  })
  .openapi("OwnerFeeTier");

export const operatorPlanRoutes = newRouter();
operatorPlanRoutes.use("/v1/operator/users/*", requireUser, requireRole("operator"));

operatorPlanRoutes.openapi(
  createRoute({
    method: "put",
    path: "/v1/operator/users/{id}/plan",
    operationId: "setUserPlan",
    tags: ["Operators"],
    summary: "Give a person a plan",
    description: "Counts from their next session on. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("PUT /v1/operator/users/:id/plan")],
    request: {
      params: UserIdParam,
      body: { required: true, content: { "application/json": { schema: PlanBody } } },
    },
    responses: { 200: json(PlanAnswer, "The plan they have now."), ...problems(400, 401, 403, 409, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { plan, until } = c.req.valid("json");
    const wish = { userId: id, plan, until: until ? Date.parse(until) : null, by: c.get("user").userId };
    const answer = await answerRepeatable(c, async () => {
      const set = await setPlan(c.env.DB, wish, c.get("now"));
      return { ...set, until: isoOrNull(set.until) };
    });
    return c.json(answer, 200);
  },
);

operatorPlanRoutes.openapi(
  createRoute({
    method: "put",
    path: "/v1/operator/users/{id}/fee-tier",
    operationId: "setOwnerFeeTier",
    tags: ["Operators"],
    summary: "Put an owner into a fee tier",
    description: "Each app gets a new price version with the new fee; sessions already made keep theirs.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("PUT /v1/operator/users/:id/fee-tier")],
    request: {
      params: UserIdParam,
      body: { required: true, content: { "application/json": { schema: TierBody } } },
    },
    responses: { 200: json(TierAnswer, "The fee they pay now."), ...problems(400, 401, 403, 409, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { tier } = c.req.valid("json");
    const wish = { ownerUserId: id, tier, by: c.get("user").userId };
    return c.json(await answerRepeatable(c, () => setFeeTier(c.env.DB, wish, c.get("now"))), 200);
  },
);
