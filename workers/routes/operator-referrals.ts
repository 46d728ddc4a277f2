// Referrals that are held because they look like a farm, and what an operator decides.

import { createRoute, z } from "@hono/zod-openapi";
import { iso } from "../../domain/clock.ts";
import { listHeld } from "../../domain/referrals/held-store.ts";
import { decideReferral } from "../../domain/referrals/referrals.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";

const REASON_MAX_LENGTH = 500;
const LIST_MAX = 200;
const HeldSchema = z
  .object({
    referredUserId: z.string(),
    referredEmail: z.string().nullable().openapi({ description: "Null: the account was deleted." }),
    referrerUserId: z.string(),
    referrerEmail: z.string().nullable(),
    broughtPeople: z.number().int().openapi({ description: "By the referrer in all, this person among them." }),
    links: z
      .array(
        z.object({
          userId: z.string(),
          email: z.string().nullable(),
          isReferrer: z.boolean().openapi({ description: "Else somebody else the referrer brought." }),
          by: z.enum(["card", "payout", "operator"]).openapi({
            description: "A card both paid with, an account both are paid to, or an operator who said so.",
          }),
        }),
      )
      .openapi({ description: "Accounts the referred person is linked to, at most ten; empty for `many_referrals`." }),
    tokens: z.number().int().openapi({ description: "What each side would get." }),
    claimedAt: z.string(),
    heldReason: z.string().openapi({
      description:
        "`linked_accounts`: both, or two people of the same referrer, share a card or a payout account. `many_referrals`: more within 30 days than `referralsPerMonthMax`.",
    }),
  })
  .openapi("HeldReferral");

export const operatorReferralRoutes = newRouter();
operatorReferralRoutes.use("/v1/operator/referrals", requireUser, requireRole("operator"));
operatorReferralRoutes.use("/v1/operator/referrals/*", requireUser, requireRole("operator"));

operatorReferralRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/referrals",
    operationId: "listHeldReferrals",
    tags: ["Operators"],
    summary: "Referrals that are held for a look",
    description: "Oldest first, 200 at most. Nobody is rewarded until it is decided.",
    security: [{ accessToken: [] }],
    responses: { 200: json(z.object({ referrals: z.array(HeldSchema) }), "Those held."), ...problems(401, 403, 429) },
  }),
  async (c) => {
    const held = await listHeld(c.env.DB, LIST_MAX);
    return c.json({ referrals: held.map((one) => ({ ...one, claimedAt: iso(one.claimedAt) })) }, 200);
  },
);

operatorReferralRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/referrals/{id}/decide",
    operationId: "decideReferral",
    tags: ["Operators"],
    summary: "Let a held referral go on, or decline it",
    description:
      "Once, with a reason that is kept. Released, it is rewarded on its own terms. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/referrals/:id/decide")],
    request: {
      params: z.object({
        id: z.string().openapi({ param: { name: "id", in: "path" }, description: "Id of the referred person." }),
      }),
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z
              .object({
                decision: z.enum(["release", "decline"]),
                reason: z.string().trim().min(1).max(REASON_MAX_LENGTH),
              })
              .openapi("DecideReferral"),
          },
        },
      },
    },
    responses: {
      200: json(z.object({ decided: z.literal(true) }), "Done."),
      ...problems(400, 401, 403, 404, 409, 429),
    },
  }),
  async (c) => {
    const it = {
      ...c.req.valid("json"),
      referredUserId: c.req.valid("param").id,
      operatorId: c.get("user").userId,
      claim: c.get("idempotency"),
    };
    return c.json(await answerOnce(c, () => decideReferral(c.env.DB, it, c.get("now"))), 200);
  },
);
