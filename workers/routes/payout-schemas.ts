// What earnings and payouts look like on the wire. Tokens and cents are whole numbers.

import { z } from "@hono/zod-openapi";

const tokens = z.number().int();
const cents = z.number().int();
const moment = z.string();

export const EarningsSchema = z
  .object({
    from: moment,
    to: moment,
    currency: z.string(),
    total: z
      .object({
        sessions: z.number().int(),
        grossTokens: tokens.openapi({ description: "Charged for sessions; plans are paid in money and not in here." }),
        feeTokens: tokens,
        netTokens: tokens,
        reversedTokens: tokens,
        sessionCents: cents.openapi({ description: "Of `netCents`: your share of sessions." }),
        plans: z
          .object({
            payments: z.number().int().openapi({ description: "Months that were paid in the range." }),
            grossCents: cents,
            feeCents: cents,
            netCents: cents.openapi({ description: "Of the total's `netCents`: your share of plans." }),
            reversedCents: cents.openapi({ description: "Went back to cards later; the figures are without it." }),
          })
          .openapi({ description: "Monthly plans, by the day their invoice was paid." }),
        grossCents: cents.openapi({ description: "Sessions and plans together, like the three that follow." }),
        feeCents: cents,
        netCents: cents.openapi({ description: "What your statements and payouts add up to, with what is unpayable." }),
        unpayableCents: cents.openapi({
          description:
            "Of `netCents`: use by your own people, or gifts used by accounts linked to yours. It is never paid.",
        }),
      })
      .openapi({ description: "Over the whole range, whatever the page." }),
    running: z
      .array(
        z.object({
          sessionId: z.string(),
          startedAt: moment,
          heldTokens: tokens.openapi({ description: "The most it can come to, as it stands." }),
          grossTokens: tokens.nullable(),
          feeTokens: tokens.nullable(),
          netTokens: tokens.nullable(),
          netCents: cents.nullable(),
        }),
      )
      .openapi({
        description: "Sessions that run now: figures of this moment, null for those beyond the first twenty.",
      }),
    sessions: z
      .array(
        z.object({
          sessionId: z.string(),
          startedAt: moment.nullable(),
          endedAt: moment.nullable(),
          settledAt: moment,
          activeSeconds: z.number().int(),
          endReason: z.string().nullable(),
          grossTokens: tokens,
          feeTokens: tokens.openapi({ description: "The platform's fee: the one the person saw before the start." }),
          netTokens: tokens,
          netCents: cents,
          reversedTokens: tokens.openapi({ description: "Taken back later; the figures are without it." }),
          feeBasisPoints: z.number().int(),
          state: z.enum(["on_hold", "payable", "in_payout", "paid", "unpayable"]),
          payableAt: moment,
          payoutId: z.string().nullable(),
        }),
      )
      .openapi({ description: "Settled sessions, the newest first." }),
    nextCursor: z.string().nullable(),
  })
  .openapi("Earnings");

export const PayoutBalanceSchema = z
  .object({
    account: z.object({
      status: z.enum(["none", "onboarding", "ready", "restricted"]),
      stripeAccountId: z.string().nullable(),
      disabledReason: z.string().nullable().openapi({ description: "Stripe's word for it." }),
    }),
    payableCents: cents.openapi({ description: "Can be paid out now; below zero: carried forward." }),
    onHoldCents: cents,
    inTransitCents: cents,
    paidCents: cents.openapi({ description: "Ever, less what came back." }),
    currency: z.string(),
    holdDays: z.number(),
    minimumCents: cents,
    next: z
      .object({ at: moment, amountCents: cents })
      .nullable()
      .openapi({ description: "The next payout day. Null: on request only." }),
  })
  .openapi("PayoutBalance");

export const PayoutSchema = z
  .object({
    id: z.string(),
    providerId: z.string(),
    origin: z.enum(["schedule", "request"]),
    status: z.enum(["pending", "paid", "failed", "reversed"]),
    amountCents: cents,
    reversedCents: cents.openapi({ description: "What of it came back and is owed again." }),
    currency: z.string(),
    transferId: z.string().nullable(),
    failureCode: z
      .string()
      .nullable()
      .openapi({ description: "Why it failed, or what a pending one waits for, in Stripe's word." }),
    createdAt: moment,
    endedAt: moment.nullable(),
  })
  .openapi("Payout");

export const PayoutLineSchema = z
  .object({
    id: z.string(),
    kind: z.enum(["settlement", "reversal", "payout_reversal"]),
    sessionId: z.string().nullable(),
    amountCents: cents,
    grossTokens: tokens.nullable(),
    feeTokens: tokens.nullable(),
    netTokens: tokens.nullable(),
    at: moment,
  })
  .openapi("PayoutLine");
