// What an operator may do with a session of somebody else: end it, with a reason the person can read on the receipt.

import { createRoute, z } from "@hono/zod-openapi";
import { unwrap, type Result } from "../../domain/result.ts";
import type { SessionAnswer } from "../../durable-objects/session-answer.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerRepeatable, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";
import { SessionIdParam, SessionStateSchema } from "./session-schemas.ts";

const EndBody = z
  .object({
    reason: z.enum(["admin_ended", "provider_error"]).openapi({
      description: "admin_ended charges what was used; provider_error captures nothing.",
    }),
  })
  .openapi("OperatorEnd");

export const operatorSessionRoutes = newRouter();
operatorSessionRoutes.use("/v1/operator/*", requireUser, requireRole("operator"));

operatorSessionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/sessions/{id}/end",
    operationId: "operatorEndSession",
    tags: ["Operators"],
    summary: "End anybody's session",
    description: "Settles it at once. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/sessions/:id/end")],
    request: {
      params: SessionIdParam,
      body: { required: true, content: { "application/json": { schema: EndBody } } },
    },
    responses: {
      200: json(z.object({ session: SessionStateSchema }), "The session after it."),
      ...problems(400, 401, 403, 404, 409, 429),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { reason } = c.req.valid("json");
    const answer = await answerRepeatable(c, async () => {
      const clock = c.env.SESSIONS.getByName(id);
      const ended = unwrap((await clock.end({ sessionId: id, by: "operator" }, reason, true)) as Result<SessionAnswer>);
      return { session: ended.session };
    });
    return c.json(answer, 200);
  },
);
