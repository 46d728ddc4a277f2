// Tokens of a person: buy them, see what there is, see where they went.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { purchase, type PurchaseAnswer } from "../../domain/payments/purchase.ts";
import { walletBalance, walletLots, walletTransactions } from "../../domain/wallets/read-wallet.ts";
import { json, jsonAnswer, newRouter, problems, type AppEnv } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { MoneySchema } from "./token-schemas.ts";

export const PurchaseBody = z
  .object({
    // Read by the domain, so that every amount that cannot be bought gets one answer with one code.
    tokenAmount: z.unknown().openapi({ type: "integer", minimum: 100, maximum: 100_000, example: 5000 }),
    promotionCode: z
      .string()
      .max(40)
      .nullish()
      .openapi({ description: "A code for a discount or for promotional tokens on top." }),
    saveCard: z.boolean().default(false).openapi({
      description: "True when the person agreed that Stripe keeps the card and that it may be charged later for them.",
    }),
  })
  .openapi("PurchaseTokens", { required: ["tokenAmount"] });
export const PurchaseSchema = z
  .object({
    checkoutUrl: z.string().openapi({ description: "Stripe's hosted page: go there with a full-page redirect." }),
    orderId: z.string(),
  })
  .openapi("Purchase");
export const BalanceSchema = z
  .object({
    balance: z.number().int().openapi({ description: "Spendable now." }),
    held: z.number().int().openapi({ description: "Set aside for open sessions." }),
    total: z.number().int(),
    value: MoneySchema.openapi({ description: "The total at list price." }),
    lots: z
      .object({ paid: z.number().int(), promotional: z.number().int() })
      .openapi({ description: "The balance by what it is made of; promotional tokens are spent first." }),
    nextExpiry: z
      .object({ tokens: z.number().int(), at: z.string() })
      .nullable()
      .openapi({ description: "Promotional tokens may expire; paid ones never do." }),
  })
  .openapi("Balance");
const LotSchema = z
  .object({
    id: z.string(),
    kind: z.enum(["paid", "promotional"]),
    source: z.string().openapi({ example: "purchase", description: "Where they came from; more may come." }),
    tokens: z.number().int().openapi({ description: "Spendable now." }),
    issuedTokens: z.number().int().openapi({ description: "How many they were." }),
    expiresAt: z.string().nullable(),
    createdAt: z.string(),
  })
  .openapi("Lot");
const LotsSchema = z.object({ lots: z.array(LotSchema) }).openapi("Lots");
const TransactionSchema = z
  .object({
    id: z.string(),
    type: z.enum(["purchase", "promo", "hold", "release", "consumption", "refund", "adjustment", "expiry", "dispute"]),
    amount: z.number().int().openapi({ description: "Signed; all rows together are the balance." }),
    balanceAfter: z.number().int(),
    sessionId: z.string().optional(),
    providerName: z.string().optional(),
    paymentIntentId: z.string().optional(),
    createdAt: z.string(),
  })
  .openapi("Transaction");
const TransactionsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
  cursor: z.string().max(40).optional().openapi({ description: "`nextCursor` of the page before; instead of offset." }),
});
const TransactionsSchema = z
  .object({
    transactions: z.array(TransactionSchema),
    nextCursor: z.string().nullable(),
    total: z.number().int().openapi({ description: "How many rows there are in all." }),
  })
  .openapi("Transactions");
export const tokenRoutes = newRouter();
tokenRoutes.use("/v1/tokens/*", requireUser);

tokenRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/tokens/purchase",
    operationId: "purchaseTokens",
    tags: ["Tokens"],
    summary: "Open a checkout page for tokens",
    description:
      "Tokens are credited when Stripe says the payment is paid, never before. Takes an Idempotency-Key; while a request with the key is on its way to Stripe, another is answered 409 `idempotency_in_progress`.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/tokens/purchase")],
    request: { body: { required: true, content: { "application/json": { schema: PurchaseBody } } } },
    responses: {
      200: json(PurchaseSchema, "Redirect the browser to the page."),
      ...problems(400, 401, 409, 422, 429, 502),
    },
  }),
  async (c) => c.json(await purchaseAnswer(c, c.req.valid("json")), 200),
);

/** Also the /api face's. A repeat of the Idempotency-Key hears the first answer. */
export function purchaseAnswer(c: Context<AppEnv>, body: z.infer<typeof PurchaseBody>): Promise<PurchaseAnswer> {
  const { userId, walletId } = c.get("user");
  const { tokenAmount, saveCard } = body;
  const promotionCode = body.promotionCode?.trim() || null;
  const input = { userId, walletId, tokenAmount, promotionCode, saveCard, claim: c.get("idempotency") };
  return answerOnce(c, () => purchase(c.env, input, c.get("now")));
}

tokenRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/tokens/balance",
    operationId: "getBalance",
    tags: ["Tokens"],
    summary: "What is in the wallet",
    security: [{ accessToken: [] }],
    responses: { 200: json(BalanceSchema, "The wallet."), ...problems(401, 429) },
  }),
  async (c) => jsonAnswer(c, await walletBalance(c.env.DB, c.get("user").walletId, c.get("now"))),
);

tokenRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/tokens/lots",
    operationId: "listLots",
    tags: ["Tokens"],
    summary: "What the balance is made of",
    description:
      "Tokens that came in together are a lot. In the order they will be spent: lower priority first, then what expires sooner, then promotional before paid, then the older.",
    security: [{ accessToken: [] }],
    responses: { 200: json(LotsSchema, "At most 200."), ...problems(401, 429) },
  }),
  async (c) => c.json({ lots: await walletLots(c.env.DB, c.get("user").walletId, c.get("now")) }, 200),
);

tokenRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/tokens/transactions",
    operationId: "listTransactions",
    tags: ["Tokens"],
    summary: "Where the tokens came from and went",
    description: "Newest first. A start is a hold; its settlement is a release of the hold and a consumption.",
    security: [{ accessToken: [] }],
    request: { query: TransactionsQuery },
    responses: { 200: json(TransactionsSchema, "One page."), ...problems(400, 401, 429) },
  }),
  async (c) => {
    const { limit, offset, cursor } = c.req.valid("query");
    return c.json(
      await walletTransactions(
        c.env.DB,
        c.get("user").walletId,
        { limit, offset, cursor: cursor ?? null },
        c.get("now"),
      ),
      200,
    );
  },
);
