// Promotion codes, for operators: make one, see how often each was used, stop one.

import { createRoute, z } from "@hono/zod-openapi";
import { DISCOUNT_MAX_BASIS_POINTS, DISCOUNT_MIN_TOKENS } from "../../domain/payments/bundles.ts";
import { listPromotions, makePromotion, stopPromotion } from "../../domain/payments/promotions.ts";
import { PURCHASE_MAX_TOKENS } from "../../domain/money.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";

const USES_MAX = 1_000_000;
const BONUS_DAYS_MAX = 730;

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const whole = (min: number, max: number) => z.number().int().min(min).max(max);

const CodeBody = z
  .object({
    code: z
      .string()
      .trim()
      .toUpperCase()
      .regex(/^[A-Z0-9][A-Z0-9_-]{2,29}$/, "must be 3 to 30 letters, digits, - or _")
      .openapi({ type: "string", example: "SPRING" }),
    discountBasisPoints: whole(0, DISCOUNT_MAX_BASIS_POINTS)
      .default(0)
      .openapi({ description: "Off the list price, instead of the bundle's discount where that is smaller." }),
    bonusTokens: whole(0, PURCHASE_MAX_TOKENS).default(0).openapi({ description: "Or: promotional tokens on top." }),
    bonusDays: whole(1, BONUS_DAYS_MAX).default(180).openapi({ description: "Until bonus tokens expire." }),
    tokensMin: whole(DISCOUNT_MIN_TOKENS, PURCHASE_MAX_TOKENS).default(DISCOUNT_MIN_TOKENS),
    usesMax: whole(1, USES_MAX),
    usesPerPersonMax: whole(1, USES_MAX).default(1),
    startsAt: moment.nullish().openapi({ type: "string", format: "date-time", description: "Now, unless said." }),
    endsAt: moment.openapi({ type: "string", format: "date-time" }),
  })
  .refine((it) => it.discountBasisPoints > 0 !== it.bonusTokens > 0, {
    path: ["discountBasisPoints"],
    message: "a code gives either a discount or bonus tokens",
  })
  .openapi("NewPromotionCode");
const CodeSchema = z
  .object({
    code: z.string(),
    discountBasisPoints: z.number().int(),
    bonusTokens: z.number().int(),
    bonusDays: z.number().int(),
    tokensMin: z.number().int(),
    usesMax: z.number().int(),
    usesPerPersonMax: z.number().int(),
    uses: z.number().int().openapi({ description: "Orders that are paid or still can be." }),
    startsAt: z.string(),
    endsAt: z.string(),
    stoppedAt: z.string().nullable(),
    createdBy: z.string(),
    createdAt: z.string(),
  })
  .openapi("PromotionCode");
const CodeParam = z.object({
  id: z
    .string()
    .max(40)
    .openapi({ param: { name: "id", in: "path" }, description: "The code." }),
});

export const operatorPromotionRoutes = newRouter();
operatorPromotionRoutes.use("/v1/operator/promotions/*", requireUser, requireRole("operator"));

operatorPromotionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/promotions",
    operationId: "operatorListPromotions",
    tags: ["Operators"],
    summary: "Promotion codes and how often each was used",
    security: [{ accessToken: [] }],
    responses: {
      200: json(z.object({ promotions: z.array(CodeSchema) }), "Newest first, at most 200."),
      ...problems(401, 403, 429),
    },
  }),
  async (c) => c.json(await listPromotions(c.env.DB), 200),
);

operatorPromotionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/promotions",
    operationId: "operatorMakePromotion",
    tags: ["Operators"],
    summary: "Make a promotion code",
    description:
      "Refused when some purchase it allows could lose money after the card fee and a platform fee of 20 %. What a code gives never changes. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/promotions")],
    request: { body: { required: true, content: { "application/json": { schema: CodeBody } } } },
    responses: {
      201: json(z.object({ promotion: CodeSchema }), "The code."),
      ...problems(400, 401, 403, 409, 429),
    },
  }),
  async (c) => {
    const body = c.req.valid("json");
    const it = { ...body, startsAt: body.startsAt ?? null, userId: c.get("user").userId, claim: c.get("idempotency") };
    return c.json(await answerOnce(c, () => makePromotion(c.env.DB, it, c.get("now"))), 201);
  },
);

operatorPromotionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/promotions/{id}/stop",
    operationId: "operatorStopPromotion",
    tags: ["Operators"],
    summary: "Stop a promotion code",
    description: "Orders made with it keep what it gave. It cannot be started again. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/promotions/:id/stop")],
    request: { params: CodeParam },
    responses: {
      200: json(z.object({ promotion: CodeSchema }), "The code."),
      ...problems(400, 401, 403, 404, 409, 429),
    },
  }),
  async (c) => {
    const { id: code } = c.req.valid("param");
    const claim = c.get("idempotency");
    return c.json(await answerOnce(c, () => stopPromotion(c.env.DB, code, claim, c.get("now"))), 200);
  },
);
