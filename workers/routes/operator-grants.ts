// Tokens an operator gives a person: what their organisation paid for, or a gift with a reason; and the list of all given.

import { createRoute, z } from "@hono/zod-openapi";
import { iso, isoOrNull } from "../../domain/clock.ts";
import { PURCHASE_MAX_TOKENS } from "../../domain/money.ts";
import { listGrants } from "../../domain/payments/grant-store.ts";
import { grantTokens } from "../../domain/payments/grant-tokens.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";

const LIST_MAX = 200;
const whole = z.number().int();
const SourceSchema = z.enum(["organisation", "promotion"]).openapi({
  description: "`organisation`: paid for outside Stripe, as by invoice. `promotion`: the platform's gift.",
});
const GrantBody = z
  .object({
    userId: z.string().max(100).nullish(),
    email: z.email().max(254).nullish().openapi({ description: "Instead of the id." }),
    source: SourceSchema,
    organisation: z
      .string()
      .trim()
      .min(1)
      .max(120)
      .nullish()
      .openapi({ description: "The name of the organisation that paid.", example: "Stadtwerke Beispiel" }),
    tokens: whole.min(1).max(PURCHASE_MAX_TOKENS),
    paidCents: whole.min(0).max(PURCHASE_MAX_TOKENS).default(0).openapi({
      description: "What the organisation paid for them, at most the list price. Nothing for a gift.",
    }),
    expiresAt: z.iso.datetime({ offset: true }).nullish().openapi({ description: "Of a gift; never, unless said." }),
    reference: z
      .string()
      .trim()
      .min(1)
      .max(120)
      .nullish()
      .openapi({ description: "What it was paid by.", example: "Invoice 2026-117" }),
    reason: z.string().trim().min(1).max(500),
  })
  .refine((body) => (typeof body.userId === "string") !== (typeof body.email === "string"), {
    path: ["userId"],
    message: "say who by either the id or the address",
  })
  .openapi("GrantTokens");
const GrantAnswer = z
  .object({
    grant: z.object({ id: z.string(), userId: z.string(), source: SourceSchema, tokens: whole, paidCents: whole }),
  })
  .openapi("TokenGrant");
const ListAnswer = z
  .object({
    grants: z.array(
      z.object({
        id: z.string(),
        userId: z.string().nullable().openapi({ description: "Null: the account was deleted." }),
        email: z.string().nullable(),
        source: SourceSchema,
        organisation: z.string().nullable().openapi({ description: "Null of a gift, and where nobody said." }),
        tokens: whole,
        remainingTokens: whole.openapi({ description: "Not spent and not held." }),
        paidCents: whole,
        expiresAt: z.string().nullable(),
        reference: z.string().nullable(),
        reason: z.string(),
        grantedBy: z.string(),
        grantedByEmail: z.string().nullable(),
        at: z.string(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi("TokenGrants");

export const operatorGrantRoutes = newRouter();
operatorGrantRoutes.use("/v1/operator/grants", requireUser, requireRole("operator"));

operatorGrantRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/grants",
    operationId: "grantTokens",
    tags: ["Operators"],
    summary: "Give a person tokens",
    description:
      "On the books at once: what an organisation paid is received in `bank` and owed like any purchase, a gift costs the platform what is spent of it. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/grants")],
    request: { body: { required: true, content: { "application/json": { schema: GrantBody } } } },
    responses: { 201: json(GrantAnswer, "Given."), ...problems(400, 401, 403, 404, 409, 429) },
  }),
  async (c) => {
    const { expiresAt, ...body } = c.req.valid("json");
    const wish = {
      ...body,
      userId: body.userId ?? null,
      email: body.email ?? null,
      organisation: body.organisation ?? null,
      reference: body.reference ?? null,
      expiresAt: expiresAt ? Date.parse(expiresAt) : null,
    };
    const operator = { id: c.get("user").userId, claim: c.get("idempotency") };
    return c.json(await answerOnce(c, () => grantTokens(c.env.DB, wish, operator, c.get("now"))), 201);
  },
);

operatorGrantRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/grants",
    operationId: "listTokenGrants",
    tags: ["Operators"],
    summary: "Tokens that operators gave, newest first",
    security: [{ accessToken: [] }],
    request: {
      query: z.object({
        limit: z.coerce.number().int().min(1).max(LIST_MAX).default(50),
        cursor: z.string().max(100).optional(),
      }),
    },
    responses: { 200: json(ListAnswer, "A page of them."), ...problems(400, 401, 403, 429) },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const rows = await listGrants(c.env.DB, { before: cursor ?? null, limit: limit + 1 });
    const grants = rows
      .slice(0, limit)
      .map((row) => ({ ...row, at: iso(row.at), expiresAt: isoOrNull(row.expiresAt) }));
    return c.json({ grants, nextCursor: rows.length > limit ? grants.at(-1)!.id : null }, 200);
  },
);
