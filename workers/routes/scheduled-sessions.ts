// Sessions for later: plan, see, start in the window, take back.

import { createRoute, z } from "@hono/zod-openapi";
import {
  AHEAD_MAX_DAYS,
  cancelPlan,
  PLANNED_MAX,
  plannedSessions,
  planSession,
  scheduledView,
  startPlan,
} from "../../domain/sessions/schedule.ts";
import { json, newRouter, problems } from "../http.ts";
import { ledgerWriter } from "../ledger-writer.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, answerRepeatable, idempotencyKey } from "../middleware/idempotency-key.ts";
import { CreatedSchema } from "./sessions.ts";

const PlanParam = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, description: "Id of the plan (UUIDv7)." }),
});
const PlanBody = z
  .object({
    providerId: z.string().min(1).max(100),
    startsAt: z.iso
      .datetime({ offset: true })
      .openapi({ description: `ISO 8601, up to ${AHEAD_MAX_DAYS} days ahead.`, example: "2026-12-01T18:00:00Z" }),
    durationMinutes: z.number().int().openapi({ description: "5 to 180.", example: 60 }),
    autoExtendMinutes: z.number().int().min(5).max(180).optional().openapi({
      description: "Consent to one extension of this length, as for a session started now.",
    }),
  })
  .openapi("PlanSession");
const StartBody = z
  .object({
    maxTokens: z.number().int().min(0).optional().openapi({
      description: "What you were shown as the most; if more would be held, 422 `price_changed`.",
    }),
    includedTokens: z.number().int().min(0).optional().openapi({
      description: "What you were shown to be included in your plan; if it covers less by now, 422 `price_changed`.",
    }),
    fixedDuration: z.boolean().optional().openapi({
      description: "You agree to pay for the whole duration, where the app asks for that.",
    }),
  })
  .openapi("StartPlannedSession");
const ScheduledSchema = z
  .object({
    id: z.string(),
    providerId: z.string(),
    providerName: z.string(),
    durationSeconds: z.number().int(),
    durationMinutes: z.number(),
    autoExtendSeconds: z.number().int(),
    startsAt: z.string(),
    opensAt: z.string().openapi({ description: "It can be started from here; you are reminded at this moment." }),
    closesAt: z.string().openapi({ description: "Not started by then, it is `missed`, and costs nothing." }),
    status: z.enum(["planned", "started", "cancelled", "missed"]),
    sessionId: z.string().nullable().openapi({ description: "The session it became." }),
  })
  .openapi("ScheduledSession");
const PlanAnswerSchema = z.object({ scheduled: ScheduledSchema });

export const scheduledSessionRoutes = newRouter();
scheduledSessionRoutes.use("/v1/scheduled-sessions", requireUser);
scheduledSessionRoutes.use("/v1/scheduled-sessions/*", requireUser);

scheduledSessionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/scheduled-sessions",
    operationId: "planSession",
    tags: ["Sessions"],
    summary: "Plan a session for later",
    description: `Holds nothing and starts nothing by itself: you are reminded five minutes ahead and start it yourself. At most ${PLANNED_MAX} at once. Takes an Idempotency-Key.`,
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/scheduled-sessions")],
    request: { body: { required: true, content: { "application/json": { schema: PlanBody } } } },
    responses: { 200: json(PlanAnswerSchema, "Planned."), ...problems(400, 401, 404, 409, 422, 429) },
  }),
  async (c) => {
    const body = c.req.valid("json");
    const input = {
      userId: c.get("user").userId,
      walletId: c.get("user").walletId,
      providerId: body.providerId,
      startsAt: Date.parse(body.startsAt),
      durationSeconds: body.durationMinutes * 60,
      autoExtendSeconds: (body.autoExtendMinutes ?? 0) * 60,
    };
    return c.json(await answerOnce(c, () => planSession(c.env.DB, input, c.get("idempotency"), c.get("now"))), 200);
  },
);

scheduledSessionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/scheduled-sessions",
    operationId: "listPlannedSessions",
    tags: ["Sessions"],
    summary: "Your planned sessions, the next one first",
    description: "Those still to come, and those missed in the last week.",
    security: [{ accessToken: [] }],
    responses: {
      200: json(z.object({ scheduled: z.array(ScheduledSchema) }), "All of them."),
      ...problems(401, 429),
    },
  }),
  async (c) => {
    const plans = await plannedSessions(c.env.DB, c.get("user").userId, c.get("now"));
    return c.json({ scheduled: plans.map(scheduledView) }, 200);
  },
);

scheduledSessionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/scheduled-sessions/{id}/start",
    operationId: "startPlannedSession",
    tags: ["Sessions"],
    summary: "Start a planned session",
    description:
      "From five minutes before its time until thirty after. Holds at the price of this moment and answers with the link into the app, like any other start. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/scheduled-sessions/:id/start")],
    request: {
      params: PlanParam,
      body: { required: true, content: { "application/json": { schema: StartBody } } },
    },
    responses: {
      200: json(CreatedSchema, "Held; redirect the browser."),
      ...problems(400, 401, 402, 404, 409, 410, 422, 429),
    },
  }),
  async (c) => {
    const { userId, walletId } = c.get("user");
    const consent = { ...c.req.valid("json"), claim: c.get("idempotency") };
    const { id } = c.req.valid("param");
    const answer = await answerOnce(c, () =>
      startPlan(c.env, ledgerWriter(c.env).create, { userId, walletId }, id, consent, c.get("now")),
    );
    return c.json(answer, 200);
  },
);

scheduledSessionRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/v1/scheduled-sessions/{id}",
    operationId: "cancelPlannedSession",
    tags: ["Sessions"],
    summary: "Take a planned session back",
    description: "Nothing was held. One that was started goes on. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("DELETE /v1/scheduled-sessions/:id")],
    request: { params: PlanParam },
    responses: { 200: json(PlanAnswerSchema, "As it is now."), ...problems(400, 401, 404, 409, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await answerRepeatable(c, () => cancelPlan(c.env.DB, c.get("user").userId, id, c.get("now"))), 200);
  },
);
