// What a person owes after a bank took a payment back from us. Paying it back is a purchase: its tokens cover the debt first,
// and what is left over is theirs.

import { createRoute, z } from "@hono/zod-openapi";
import { iso } from "../../domain/clock.ts";
import { PURCHASE_MIN_TOKENS, TOKEN_CENTS } from "../../domain/money.ts";
import { listDebts } from "../../domain/payments/debt-store.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";

const DebtsSchema = z
  .object({
    owedCents: z.number().int(),
    payTokens: z.number().int().nullable().openapi({
      description: "The smallest purchase at list price that pays all of it; null where nothing is owed.",
    }),
    debts: z.array(
      z.object({
        orderId: z.string().openapi({ description: "The purchase whose payment was taken back." }),
        disputedCents: z.number().int(),
        owedCents: z.number().int().openapi({ description: "Of it, what had been spent and is not paid back yet." }),
        since: z.string(),
      }),
    ),
  })
  .openapi("Debts");

export const debtRoutes = newRouter();
debtRoutes.use("/v1/me/debts", requireUser);

debtRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/me/debts",
    operationId: "listDebts",
    tags: ["Wallet"],
    summary: "What you owe after a lost dispute",
    description:
      "Pay it back with any purchase (`POST /v1/tokens/purchase`): its tokens cover the debt first. When nothing is owed any more, buying and starting work again.",
    security: [{ accessToken: [] }],
    responses: { 200: json(DebtsSchema, "Everything that is owed; mostly nothing."), ...problems(401, 429) },
  }),
  async (c) => {
    const debts = await listDebts(c.env.DB, c.get("user").walletId);
    const owedCents = debts.reduce((sum, debt) => sum + debt.owedCents, 0);
    const payTokens = owedCents === 0 ? null : Math.max(PURCHASE_MIN_TOKENS, Math.ceil(owedCents / TOKEN_CENTS));
    return c.json({ owedCents, payTokens, debts: debts.map((debt) => ({ ...debt, since: iso(debt.since) })) }, 200);
  },
);
