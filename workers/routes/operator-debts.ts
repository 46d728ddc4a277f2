// What people owe after disputes their banks decided against us, for operators. A debt is settled by the person's purchases, or
// by lifting the block (operator-disputes.ts).

import { createRoute, z } from "@hono/zod-openapi";
import { iso } from "../../domain/clock.ts";
import { DEBT_STATES, listAllDebts, type ListedDebt } from "../../domain/payments/debt-list-store.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { requireRole } from "../middleware/require-role.ts";
import { readCursor } from "./operator-disputes.ts";

const LIST_MAX = 200;
const cents = z.number().int();
const DebtSchema = z
  .object({
    disputeId: z.string().openapi({ description: "Stripe's id; `POST /v1/operator/disputes/{id}/lift` settles it." }),
    orderId: z.string().openapi({ description: "The purchase whose payment was taken back." }),
    userId: z.string(),
    email: z.string().nullable().openapi({ description: "Null: the account was deleted." }),
    disputedCents: cents,
    lostCents: cents.openapi({ description: "Of it, what had been spent when the dispute was lost." }),
    returnedCents: cents.openapi({ description: "Of that, what sessions still running gave back." }),
    repaidCents: cents.openapi({ description: "Of that, what later purchases paid." }),
    owedCents: cents.openapi({ description: "What is left of it; 0 when settled." }),
    since: z.string(),
    repayments: z
      .array(z.object({ orderId: z.string(), tokens: z.number().int(), cents, at: z.string() }))
      .openapi({ description: "The purchases that paid, oldest first." }),
    settled: z
      .object({
        at: z.string(),
        by: z.enum(["repayment", "operator"]),
        email: z.string().nullable().openapi({ description: "The operator's." }),
        reason: z.string().nullable(),
      })
      .nullable(),
  })
  .openapi("OperatorDebt");
const ListAnswer = z
  .object({
    owedCents: cents.openapi({ description: "By everybody together." }),
    debts: z.array(DebtSchema),
    nextCursor: z.string().nullable(),
  })
  .openapi("OperatorDebts");

export const operatorDebtRoutes = newRouter();
operatorDebtRoutes.use("/v1/operator/debts", requireUser, requireRole("operator"));

operatorDebtRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/debts",
    operationId: "operatorListDebts",
    tags: ["Operators"],
    summary: "What people owe after lost disputes",
    description: "What is owed, oldest first; or what is settled, newest first.",
    security: [{ accessToken: [] }],
    request: {
      query: z.object({
        state: z.enum(DEBT_STATES).default("owed"),
        limit: z.coerce.number().int().min(1).max(LIST_MAX).default(50),
        cursor: z.string().max(80).optional(),
      }),
    },
    responses: { 200: json(ListAnswer, "One page."), ...problems(400, 401, 403, 429) },
  }),
  async (c) => {
    const { state, limit, cursor } = c.req.valid("query");
    const query = { state, after: readCursor(cursor), limit: limit + 1 };
    const { debts: rows, owedCents } = await listAllDebts(c.env.DB, query);
    const last = rows.length > limit ? rows[limit - 1]! : null;
    const nextCursor = last && `${last.settledAt ?? last.since}:${last.disputeId}`;
    return c.json({ owedCents, debts: rows.slice(0, limit).map(debtView), nextCursor }, 200);
  },
);

function debtView(it: ListedDebt): z.infer<typeof DebtSchema> {
  const { settledAt, settledBy, settledByEmail, settleReason, caughtCents, since, repayments, ...debt } = it;
  const isRepaid = settledBy === "repaid";
  const repaidCents = repayments.reduce((sum, one) => sum + one.cents, 0);
  return {
    ...debt,
    repaidCents,
    returnedCents: caughtCents - repaidCents,
    since: iso(since),
    repayments: repayments.map((one) => ({ ...one, at: iso(one.at) })),
    settled:
      settledAt === null
        ? null
        : {
            at: iso(settledAt),
            by: isRepaid ? "repayment" : "operator",
            email: settledByEmail,
            reason: isRepaid ? null : settleReason,
          },
  };
}
