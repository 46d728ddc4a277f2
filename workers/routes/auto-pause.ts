// A person's own rules for when their clocks stop.

import { createRoute, z } from "@hono/zod-openapi";
import {
  AUTO_PAUSE_RULES_MAX,
  changeAutoPause,
  DAILY_MAX_MINUTES,
  DAILY_MIN_MINUTES,
  IDLE_MAX_SECONDS,
  IDLE_MIN_SECONDS,
  viewAutoPause,
} from "../../domain/sessions/auto-pause.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";

const RuleSchema = z.object({
  providerId: z
    .string()
    .min(1)
    .max(100)
    .nullable()
    .openapi({ description: "One app, or null for all together.", example: null }),
  idleSeconds: z.number().int().min(IDLE_MIN_SECONDS).max(IDLE_MAX_SECONDS).nullable().openapi({
    description:
      "The clock stops after so long without activity; null: two minutes. Of several rules the shortest holds.",
    example: 60,
  }),
  dailyMinutes: z.number().int().min(DAILY_MIN_MINUTES).max(DAILY_MAX_MINUTES).nullable().openapi({
    description:
      "Active minutes a day (UTC). A running session pauses (`daily_limit`) until you resume it yourself; another start is refused with `daily_limit_reached`.",
    example: 45,
  }),
});
const AutoPauseBody = z.object({ rules: z.array(RuleSchema).max(AUTO_PAUSE_RULES_MAX) }).openapi("SetAutoPause");
const AutoPauseSchema = z
  .object({
    rules: z.array(
      RuleSchema.extend({
        providerName: z.string().nullable(),
        usedSeconds: z.number().int().openapi({ description: "Active seconds of today's sessions." }),
      }),
    ),
    resetsAt: z.string().openapi({ description: "When the next day begins." }),
  })
  .openapi("AutoPause");

export const autoPauseRoutes = newRouter();
autoPauseRoutes.use("/v1/me/auto-pause", requireUser);

autoPauseRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/me/auto-pause",
    operationId: "getAutoPause",
    tags: ["Sessions"],
    summary: "Your auto-pause rules, and today's use",
    security: [{ accessToken: [] }],
    responses: { 200: json(AutoPauseSchema, "All of them."), ...problems(401, 429) },
  }),
  async (c) => c.json(await viewAutoPause(c.env.DB, c.get("user").userId, c.get("now")), 200),
);

autoPauseRoutes.openapi(
  createRoute({
    method: "put",
    path: "/v1/me/auto-pause",
    operationId: "setAutoPause",
    tags: ["Sessions"],
    summary: "Set your auto-pause rules",
    description:
      "Replaces all of them. They hold from the next start on, and can only stop a clock earlier than it would anyway. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("PUT /v1/me/auto-pause")],
    request: { body: { required: true, content: { "application/json": { schema: AutoPauseBody } } } },
    responses: { 200: json(AutoPauseSchema, "As they are now."), ...problems(400, 401, 409, 429) },
  }),
  async (c) => {
    const { rules } = c.req.valid("json");
    await answerOnce(c, () =>
      changeAutoPause(c.env.DB, c.get("user").userId, rules, c.get("idempotency"), c.get("now")),
    );
    return c.json(await viewAutoPause(c.env.DB, c.get("user").userId, c.get("now")), 200);
  },
);
