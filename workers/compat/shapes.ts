// What the /api face shows, as the product brief's TypeScript interfaces have it (test/workers/compat/brief-types.ts holds
// both together), and how each shape is made of what /v1 answers. Shapes only: every rule is behind the /v1 handlers.

import { z } from "@hono/zod-openapi";
import type { Card } from "../../domain/catalogue/app.ts";
import type { Transaction } from "../../domain/wallets/read-wallet.ts";
import type { SessionStatus } from "../../sdk/src/protocol/session.ts";
import { APP_STATUSES } from "../routes/provider-schemas.ts";

export const ApiProvider = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    appUrl: z.string(),
    tokenRatePerHour: z
      .number()
      .int()
      .openapi({ description: "0 where time is not priced; `GET /v1/providers/{id}` has the whole price." }),
    logoUrl: z.string(),
    status: z.enum(APP_STATUSES),
  })
  .openapi("ApiProvider");

/** The brief has a number here, so an app whose time is not priced shows 0: an hour in it costs nothing by itself. */
export const apiProvider = (card: Card): z.infer<typeof ApiProvider> => ({
  id: card.id,
  name: card.name,
  description: card.description,
  appUrl: card.appUrl,
  tokenRatePerHour: card.tokenRatePerHour ?? 0,
  logoUrl: card.logoUrl,
  status: card.status,
});

const API_STATUSES = ["pending", "active", "completed", "expired", "failed"] as const;
export const ApiSession = z
  .object({
    id: z.string(),
    userId: z.string(),
    providerId: z.string(),
    providerName: z.string(),
    status: z.enum(API_STATUSES).openapi({ description: "A paused session is shown as active." }),
    endReason: z.string().nullable(),
    durationLimitSeconds: z.number().int(),
    durationMinutes: z.number().openapi({ description: "The limit, in minutes." }),
    activeMinutes: z.number().openapi({ description: "How long the meter ran, in minutes with two decimals." }),
    tokensAllocated: z.number().int(),
    tokensConsumed: z.number().int(),
    tokensRefunded: z.number().int().nullable().openapi({ description: "What came back; null until it is settled." }),
    createdAt: z.string(),
  })
  .openapi("ApiSession");

export const ApiSessionAnswer = z
  .object({
    session: ApiSession,
    balance: z.number().int().openapi({ description: "Tokens you can spend now." }),
  })
  .openapi("ApiSessionAnswer");

/** What /v1 answers about a session, as far as it is needed here. */
interface SessionAnswer {
  session: {
    id: string;
    providerId: string;
    providerName: string;
    status: SessionStatus;
    endReason: string | null;
    durationSeconds: number;
    activeSeconds: number;
    tokensAllocated: number;
    tokensConsumed: number;
    tokensRefunded: number | null;
    createdAt: string;
  };
  balance: number;
}

export const apiSessionAnswer = (userId: string, answer: SessionAnswer): z.infer<typeof ApiSessionAnswer> => {
  const { session } = answer;
  return {
    session: {
      id: session.id,
      userId,
      providerId: session.providerId,
      providerName: session.providerName,
      status: session.status === "paused" ? "active" : session.status,
      endReason: session.endReason,
      durationLimitSeconds: session.durationSeconds,
      durationMinutes: session.durationSeconds / 60,
      activeMinutes: Math.round((session.activeSeconds / 60) * 100) / 100,
      tokensAllocated: session.tokensAllocated,
      tokensConsumed: session.tokensConsumed,
      tokensRefunded: session.tokensRefunded,
      createdAt: session.createdAt,
    },
    balance: answer.balance,
  };
};

const API_TYPES = ["purchase", "consumption", "refund", "adjustment"] as const;
type ApiType = (typeof API_TYPES)[number];
/** The brief has four types. What it has no word for is an adjustment, so that the rows still sum to the balance. */
const TYPE_SHOWN = {
  purchase: "purchase",
  consumption: "consumption",
  refund: "refund",
  adjustment: "adjustment",
  hold: "adjustment",
  release: "adjustment",
  promo: "adjustment",
  expiry: "adjustment",
  dispute: "adjustment",
} as const satisfies Record<Transaction["type"], ApiType>;

export const ApiTransaction = z
  .object({
    id: z.string(),
    userId: z.string(),
    type: z
      .enum(API_TYPES)
      .openapi({ description: "Holds, releases, promotions, expiries and disputes are adjustments." }),
    amount: z.number().int().openapi({ description: "Signed; all rows together are the balance." }),
    balanceAfter: z.number().int(),
    sessionId: z.string().optional(),
    createdAt: z.string(),
  })
  .openapi("ApiTransaction");

export const apiTransaction = (userId: string, row: Transaction): z.infer<typeof ApiTransaction> => ({
  id: row.id,
  userId,
  type: TYPE_SHOWN[row.type],
  amount: row.amount,
  balanceAfter: row.balanceAfter,
  ...(row.sessionId !== undefined && { sessionId: row.sessionId }),
  createdAt: row.createdAt,
});
