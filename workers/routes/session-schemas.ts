// Wire shapes of a session, shared by the person's and the provider's routes.

import { z } from "@hono/zod-openapi";
import { SESSION_STATUSES, type SessionState } from "../../sdk/src/protocol/session.ts";
import type { Session } from "../../domain/sessions/row.ts";
import { PricingOutput } from "./pricing-schemas.ts";

export const SessionIdParam = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, description: "Session id (UUIDv7)." }),
});

export const SessionStateSchema = z
  .object({
    id: z.string(),
    providerId: z.string(),
    mode: z.enum(["live", "test"]).openapi({ description: "`test` for a session of the sandbox: no money moves." }),
    status: z.enum(SESSION_STATUSES),
    endReason: z.string().nullable(),
    pauseCause: z.string().nullable().openapi({
      description: "Why the clock stands still: idle, heartbeat_lost, page, provider, user or daily_limit.",
    }),
    warning: z.boolean().openapi({ description: "True from min(300 s, 20 % of the duration) before the limit." }),
    durationSeconds: z.number().int(),
    fixedDuration: z.boolean().optional().openapi({ description: "Agreed to be paid as a whole; left out otherwise." }),
    idleSeconds: z.number().int().optional().openapi({ description: "Idle after this; left out for two minutes." }),
    activeSeconds: z.number().int().openapi({ description: "What is billed: whole seconds the clock ran." }),
    remainingSeconds: z.number().int(),
    tokensAllocated: z.number().int().openapi({ description: "Held: the most this session can cost." }),
    tokensReserved: z.number().int().optional().openapi({
      description: "Of tokensAllocated, included in the person's monthly plan for the app; left out without one.",
    }),
    tokensConsumed: z.number().int(),
    tokensRefunded: z.number().int().nullable(),
    settlement: z.enum(["open", "pending", "settled"]),
    nextBeatDue: z.string().nullable(),
    startedAt: z.string().nullable(),
    endedAt: z.string().nullable(),
    serverTime: z.string().openapi({ description: "The server's clock when it answered; count down from this." }),
  })
  .openapi("SessionState");

export const UserSessionSchema = SessionStateSchema.extend({
  providerName: z.string(),
  appUrl: z.string(),
  durationMinutes: z.number(),
  priceVersionId: z.string(),
  feeBasisPoints: z.number().int(),
  pricing: PricingOutput,
  trialSeconds: z.number().int().openapi({ description: "Active seconds at the start that cost nothing." }),
  rebateBasisPoints: z.number().int().openapi({ description: "Of the platform's fee, given back by your plan." }),
  tokensReserved: z.number().int().openapi({
    description: "Of tokensAllocated, included in your plan for this app; your wallet holds the rest.",
  }),
  tokensIncluded: z.number().int().openapi({
    description: "Of tokensConsumed, included in your plan: what is used is taken from it first. The rest is charged.",
  }),
  autoExtendSeconds: z.number().int(),
  tags: z.array(z.string()),
  createdAt: z.string(),
}).openapi("Session");

/** What the person sees beyond the state every party sees. */
export const userSession = (session: Session, state: SessionState): z.infer<typeof UserSessionSchema> => ({
  ...state,
  providerName: session.providerName,
  appUrl: session.appUrl,
  durationMinutes: state.durationSeconds / 60,
  priceVersionId: session.priceVersionId,
  feeBasisPoints: session.feeBasisPoints,
  pricing: session.components,
  trialSeconds: session.trialSeconds ?? 0,
  rebateBasisPoints: session.rebateBasisPoints ?? 0,
  tokensReserved: state.tokensReserved ?? 0,
  tokensIncluded: Math.min(state.tokensReserved ?? 0, state.tokensConsumed),
  autoExtendSeconds: session.autoExtendSeconds,
  tags: session.tags,
  createdAt: new Date(session.createdAt).toISOString(),
});
