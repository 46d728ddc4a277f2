// /api/sessions: the same sessions as /v1/sessions in the brief's shapes. Minutes instead of seconds, paused shown as
// active, and the completion page's address that settles and then shows.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { readOwnSession } from "../../domain/sessions/read-session.ts";
import { json, newRouter, type AppEnv } from "../http.ts";
import { invalidRequest } from "../read-request.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { idempotencyKey } from "../middleware/idempotency-key.ts";
import { SessionIdParam } from "../routes/session-schemas.ts";
import {
  completeAnswer,
  createAnswer,
  currentAnswer,
  extendAnswer,
  ExtendBody,
  pauseAnswer,
  resumeAnswer,
} from "../routes/sessions.ts";
import { API_TAG, apiErrors, jsonBody } from "./responses.ts";
import { ApiSessionAnswer, apiSessionAnswer } from "./shapes.ts";

const CreateBody = z
  .object({
    providerId: z.string(),
    durationMinutes: z.number().int().openapi({ description: "5 to 180.", example: 60 }),
  })
  .openapi("ApiCreateSession");
const Created = z
  .object({
    session: z.object({
      id: z.string(),
      providerId: z.string(),
      providerName: z.string(),
      durationMinutes: z.number(),
      tokensAllocated: z.number().int().openapi({ description: "Held: the most it can cost." }),
      redirectUrl: z.string().openapi({ description: "Go here with a full-page redirect; valid for 5 minutes, once." }),
    }),
  })
  .openapi("ApiCreatedSession");

export const apiSessionRoutes = newRouter();
apiSessionRoutes.use("/api/sessions/*", requireUser);

const shown = json(ApiSessionAnswer, "The session and your balance");

apiSessionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/api/sessions/create",
    operationId: "apiCreateSession",
    summary: "Hold tokens and get the link into the app",
    description: "As `POST /v1/sessions/create`; an Idempotency-Key counts for both.",
    tags: [API_TAG],
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/sessions/create")] as const,
    request: { body: jsonBody(CreateBody) },
    responses: {
      200: json(Created, "Held; redirect the browser"),
      ...apiErrors(400, 401, 402, 404, 409, 422, 429, 500),
    },
  }),
  async (c) => {
    const { session } = await createAnswer(c, c.req.valid("json"));
    const { id, providerId, providerName, durationMinutes, tokensAllocated, redirectUrl } = session;
    return c.json({ session: { id, providerId, providerName, durationMinutes, tokensAllocated, redirectUrl } }, 200);
  },
);

// Before `/api/sessions/{id}`, which would take "complete" for an id.
apiSessionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/api/sessions/complete",
    operationId: "apiShowCompletion",
    summary: "Settle if not settled, then show",
    description:
      "What the page calls that a person comes back to. Ends the session if it still runs; repeating it shows the same.",
    tags: [API_TAG],
    security: [{ accessToken: [] }],
    request: {
      query: z.object({
        sessionId: z.string().optional().openapi({ description: "Either this or `session_id`." }),
        session_id: z.string().optional().openapi({ description: "The name the return address carries." }),
      }),
    },
    responses: { 200: shown, ...apiErrors(400, 401, 404, 429) },
  }),
  async (c) => {
    const { sessionId, session_id } = c.req.valid("query");
    const id = sessionId ?? session_id;
    if (!id) throw invalidRequest([{ path: ["sessionId"], message: "is required" }]);
    return answer(c, await endedAnswer(c, id));
  },
);

async function endedAnswer(c: Context<AppEnv>, id: string) {
  const { session } = await readOwnSession(c.env.DB, id, c.get("user").userId);
  return session.settledAt === null ? completeAnswer(c, id) : currentAnswer(c, id);
}

apiSessionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/api/sessions/{id}",
    operationId: "apiGetSession",
    summary: "One session, as its clock has it now",
    description: "As `GET /v1/sessions/{id}`.",
    tags: [API_TAG],
    security: [{ accessToken: [] }],
    request: { params: SessionIdParam },
    responses: { 200: shown, ...apiErrors(401, 404, 429) },
  }),
  async (c) => answer(c, await currentAnswer(c, c.req.valid("param").id)),
);

const command = (verb: "pause" | "resume" | "complete", operationId: string, summary: string) =>
  createRoute({
    method: "post",
    path: `/api/sessions/{id}/${verb}`,
    operationId,
    summary,
    description: `As \`POST /v1/sessions/{id}/${verb}\`.`,
    tags: [API_TAG],
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey(`POST /v1/sessions/:id/${verb}`)],
    request: { params: SessionIdParam },
    responses: { 200: shown, ...apiErrors(401, 404, 409, 429) },
  });

apiSessionRoutes.openapi(command("pause", "apiPauseSession", "Stop the clock"), async (c) =>
  answer(c, await pauseAnswer(c, c.req.valid("param").id)),
);
apiSessionRoutes.openapi(command("resume", "apiResumeSession", "Start the clock again"), async (c) =>
  answer(c, await resumeAnswer(c, c.req.valid("param").id)),
);
apiSessionRoutes.openapi(command("complete", "apiCompleteSession", "End the session"), async (c) =>
  answer(c, await completeAnswer(c, c.req.valid("param").id)),
);

apiSessionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/api/sessions/{id}/extend",
    operationId: "apiExtendSession",
    summary: "Hold tokens for more time",
    description: "As `POST /v1/sessions/{id}/extend`; an Idempotency-Key counts for both.",
    tags: [API_TAG],
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/sessions/:id/extend")] as const,
    request: { params: SessionIdParam, body: jsonBody(ExtendBody) },
    responses: { 200: shown, ...apiErrors(400, 401, 402, 404, 409, 422, 429) },
  }),
  async (c) => answer(c, await extendAnswer(c, c.req.valid("param").id, c.req.valid("json"))),
);

const answer = (c: Context<AppEnv>, it: Awaited<ReturnType<typeof currentAnswer>>) =>
  c.json(apiSessionAnswer(c.get("user").userId, it), 200);
