// Disputed slices an operator decides: what the person contests of a provider's evidence.

import { createRoute, z } from "@hono/zod-openapi";
import { readMicro } from "../../domain/pricing/decimal.ts";
import { decideSlice, type SliceDecision } from "../../domain/slices/decide-slice.ts";
import { listSlices, SLICE_STATUSES } from "../../domain/slices/store.ts";
import { sliceView } from "../../domain/slices/view.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { json, newRouter, problems } from "../http.ts";
import { invalidRequest } from "../read-request.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";
import { SessionIdParam } from "./session-schemas.ts";
import { SliceSchema } from "./slices.ts";

const METERS_MAX = 10;
const DecideBody = z
  .object({
    decision: z.enum(["provider", "person", "units"]).openapi({
      description: "provider: all it reported counts. person: what the page saw. units: what `units` says.",
    }),
    units: z
      .record(z.string().max(64), z.string().max(20))
      .refine((units) => Object.keys(units).length <= METERS_MAX, `at most ${METERS_MAX} meters`)
      .optional()
      .openapi({ description: "Of each disputed meter, between what the page saw and what was reported." }),
    reason: z.string().trim().min(1).max(2_000).openapi({ description: "Both sides read it." }),
  })
  .openapi("DecideSlice");

export const operatorSliceRoutes = newRouter();
operatorSliceRoutes.use("/v1/operator/*", requireUser, requireRole("operator"));

operatorSliceRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/slices",
    operationId: "listContestedSlices",
    tags: ["Operators"],
    summary: "Disputed slices",
    description: "What waits for an operator, oldest first; or those in another state.",
    security: [{ accessToken: [] }],
    request: {
      query: z.object({
        status: z.enum(SLICE_STATUSES).default("contested"),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        cursor: z.string().max(40).optional(),
      }),
    },
    responses: {
      200: json(z.object({ slices: z.array(SliceSchema), nextCursor: z.string().nullable() }), "One page."),
      ...problems(400, 401, 403, 429),
    },
  }),
  async (c) => {
    const { status, limit, cursor } = c.req.valid("query");
    const query = { providerId: null, status, after: cursor ?? null, limit, oldestFirst: true };
    const slices = await listSlices(c.env.DB, query);
    const nextCursor = slices.length === limit ? slices.at(-1)!.sessionId : null;
    return c.json({ slices: slices.map(sliceView), nextCursor }, 200);
  },
);

operatorSliceRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/slices/{id}/decide",
    operationId: "decideSlice",
    tags: ["Operators"],
    summary: "Decide what counts of a disputed slice",
    description: "Once. What moves commits with the decision, and both sides are told. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/slices/:id/decide")],
    request: {
      params: SessionIdParam,
      body: { required: true, content: { "application/json": { schema: DecideBody } } },
    },
    responses: {
      200: json(z.object({ slice: SliceSchema }), "Closed and settled."),
      ...problems(400, 401, 403, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const { decision, units, reason } = c.req.valid("json");
    const it = {
      sessionId: c.req.valid("param").id,
      decision: decision === "units" ? unitsMicro(units) : decision,
      operatorId: c.get("user").userId,
      reason,
      claim: c.get("idempotency"),
    };
    const body = await answerOnce(c, () => decideSlice(c.env.DB, it, c.get("now")));
    hintWebhooks(c.env, c.executionCtx);
    return c.json(body, 200);
  },
);

function unitsMicro(units: Record<string, string> | undefined): SliceDecision {
  if (!units) throw invalidRequest([{ path: ["units"], message: "is needed with this decision" }]);
  return Object.fromEntries(
    Object.entries(units).map(([meter, value]) => {
      const micro = readMicro(value);
      if (micro === null)
        throw invalidRequest([{ path: ["units", meter], message: "is not a number of at most six decimals" }]);
      return [meter, micro];
    }),
  );
}
