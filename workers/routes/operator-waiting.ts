// How much waits for an operator in each area, for the page they begin on.

import { createRoute, z } from "@hono/zod-openapi";
import { countWaiting } from "../../domain/operators/waiting-store.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { requireRole } from "../middleware/require-role.ts";

const count = (what: string) => z.number().int().min(0).openapi({ description: what });
const WaitingSchema = z
  .object({
    books: count("Alerts nobody has put away."),
    complaints: count("Reported problems without an answer."),
    disputes: count("Inquiries and disputes that a bank has not decided."),
    slices: count("Contested use."),
    reviews: count("Held purchases."),
    listings: count("Apps that wait to be shown, and shown ones whose words are flagged."),
    onboarding: count("Requests for help without an answer."),
    referrals: count("Held referrals."),
  })
  .openapi("OperatorWaiting");

export const operatorWaitingRoutes = newRouter();
operatorWaitingRoutes.use("/v1/operator/waiting", requireUser, requireRole("operator"));

operatorWaitingRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/waiting",
    operationId: "operatorCountWaiting",
    tags: ["Operators"],
    summary: "How much waits in each area",
    security: [{ accessToken: [] }],
    responses: { 200: json(z.object({ waiting: WaitingSchema }), "A count each."), ...problems(401, 403, 429) },
  }),
  async (c) => c.json({ waiting: await countWaiting(c.env.DB) }, 200),
);
