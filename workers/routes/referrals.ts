// Referrals of a person: their own code, and entering somebody else's.

import { createRoute, z } from "@hono/zod-openapi";
import { claimReferral, readReferrals } from "../../domain/referrals/referrals.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";

const ReferralsSchema = z
  .object({
    enabled: z.boolean(),
    code: z.string().optional().openapi({ description: "Yours, to pass on." }),
    tokens: z.number().int().optional().openapi({ description: "Promotional tokens for each side." }),
    minTokens: z.number().int().optional().openapi({ description: "A purchase must have so many to count." }),
    waitDays: z.number().int().optional().openapi({ description: "And stand so long, or be used up." }),
    waiting: z.number().int().optional(),
    rewarded: z.number().int().optional(),
    earnedTokens: z.number().int().optional(),
  })
  .openapi("Referrals");
const ClaimBody = z.object({ code: z.string().trim().min(1).max(40) }).openapi("ClaimReferral");
const ClaimedSchema = z
  .object({ tokens: z.number().int(), minTokens: z.number().int(), waitDays: z.number().int() })
  .openapi("ClaimedReferral");

export const referralRoutes = newRouter();
referralRoutes.use("/v1/referrals", requireUser);

referralRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/referrals",
    operationId: "getReferrals",
    tags: ["Tokens"],
    summary: "Your referral code and what became of it",
    security: [{ accessToken: [] }],
    responses: { 200: json(ReferralsSchema, "Only `enabled: false` while referrals are off."), ...problems(401, 429) },
  }),
  async (c) => c.json(await readReferrals(c.env.DB, c.get("user").userId, c.get("now")), 200),
);

referralRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/referrals",
    operationId: "claimReferral",
    tags: ["Tokens"],
    summary: "Enter the code of who brought you",
    description:
      "Once, before your first purchase. Both of you get promotional tokens when a purchase has stood. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/referrals")],
    request: { body: { required: true, content: { "application/json": { schema: ClaimBody } } } },
    responses: { 200: json(ClaimedSchema, "What you both get, and when."), ...problems(400, 401, 409, 422, 429) },
  }),
  async (c) => {
    const { userId } = c.get("user");
    const it = { userId, code: c.req.valid("json").code, claim: c.get("idempotency") };
    return c.json(await answerOnce(c, () => claimReferral(c.env.DB, it, c.get("now"))), 200);
  },
);
