// /api/tokens: buying (under both names the brief has), the balance, and the history by offset.

import { createRoute, z } from "@hono/zod-openapi";
import { walletBalance, walletTransactions } from "../../domain/wallets/read-wallet.ts";
import { json, newRouter } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { idempotencyKey } from "../middleware/idempotency-key.ts";
import { BalanceSchema, PurchaseBody, purchaseAnswer, PurchaseSchema } from "../routes/tokens.ts";
import { API_TAG, apiErrors, jsonBody } from "./responses.ts";
import { ApiTransaction, apiTransaction } from "./shapes.ts";

const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
});
const ApiTransactions = z.object({
  transactions: z.array(ApiTransaction),
  total: z.number().int().openapi({ description: "How many rows there are in all." }),
});

export const apiTokenRoutes = newRouter();
apiTokenRoutes.use("/api/tokens/*", requireUser);

for (const [name, operationId] of [
  ["purchase", "apiPurchaseTokens"],
  ["checkout", "apiCheckoutTokens"],
] as const)
  apiTokenRoutes.openapi(
    createRoute({
      method: "post",
      path: `/api/tokens/${name}`,
      operationId,
      summary: "Open a checkout page for tokens",
      description: "As `POST /v1/tokens/purchase`; an Idempotency-Key counts for all three names.",
      tags: [API_TAG],
      security: [{ accessToken: [] }],
      middleware: [idempotencyKey("POST /v1/tokens/purchase")] as const,
      request: { body: jsonBody(PurchaseBody) },
      responses: {
        200: json(PurchaseSchema, "Redirect the browser to the page"),
        ...apiErrors(400, 401, 409, 422, 429, 502),
      },
    }),
    async (c) => c.json(await purchaseAnswer(c, c.req.valid("json")), 200),
  );

apiTokenRoutes.openapi(
  createRoute({
    method: "get",
    path: "/api/tokens/balance",
    operationId: "apiGetBalance",
    summary: "What is in the wallet",
    description: "As `GET /v1/tokens/balance`.",
    tags: [API_TAG],
    security: [{ accessToken: [] }],
    responses: { 200: json(BalanceSchema, "The wallet"), ...apiErrors(401, 429) },
  }),
  async (c) => c.json(await walletBalance(c.env.DB, c.get("user").walletId, c.get("now")), 200),
);

apiTokenRoutes.openapi(
  createRoute({
    method: "get",
    path: "/api/tokens/transactions",
    operationId: "apiListTransactions",
    summary: "Where the tokens came from and went",
    description: "Newest first, by `limit` and `offset`.",
    tags: [API_TAG],
    security: [{ accessToken: [] }],
    request: { query: PageQuery },
    responses: { 200: json(ApiTransactions, "One page"), ...apiErrors(400, 401, 429) },
  }),
  async (c) => {
    const { userId, walletId } = c.get("user");
    const page = { ...c.req.valid("query"), cursor: null };
    const { transactions, total } = await walletTransactions(c.env.DB, walletId, page, c.get("now"));
    return c.json({ transactions: transactions.map((row) => apiTransaction(userId, row)), total }, 200);
  },
);
