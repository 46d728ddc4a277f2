// Wire shapes of the provider's home.

import { z } from "@hono/zod-openapi";

const count = z.number().int();
const fewIsNull = z.number().int().nullable();

const ConversionSchema = z
  .object({
    views: count.openapi({ description: "Looks at the app's page." }),
    created: count.openapi({ description: "Sessions made." }),
    started: count.openapi({ description: "Of them opened by the app: its launch was redeemed." }),
    finished: count.openapi({
      description: "Ended as meant: by the person, the app, or because time or hold was over.",
    }),
    abandoned: count.openapi({ description: "Left paused for half an hour." }),
    failed: count.openapi({ description: "Ended as `provider_error`." }),
    neverStarted: count,
    open: count.openapi({ description: "Not over yet." }),
    people: fewIsNull.openapi({ description: "Who made them." }),
  })
  .openapi("Conversion");

export const AnalyticsSchema = z
  .object({
    from: z.string(),
    to: z.string(),
    peopleMin: count.openapi({ description: "Groups of fewer people are null." }),
    conversion: ConversionSchema,
    before: ConversionSchema.openapi({ description: "The same number of days before." }),
    days: z.array(
      z.object({
        date: z.string().openapi({ example: "2026-11-26" }),
        views: count,
        started: count,
        finished: count,
        activeSeconds: count,
        grossTokens: count.openapi({ description: "Charged for sessions made on this day." }),
        netTokens: count.openapi({ description: "Your share of it." }),
      }),
    ),
    meters: z.array(
      z.object({
        meter: z.string().openapi({ description: "`second` is active time; the others are what you report." }),
        sessions: count,
        units: z.number(),
      }),
    ),
    retention: z.array(
      z.object({
        week: z.string().openapi({ description: "The Monday (UTC) of the week in which these people first came." }),
        people: fewIsNull,
        weeks: z
          .array(fewIsNull)
          .openapi({ description: "How many of them started a session in that week, the next, and so on." }),
      }),
    ),
    errors: z.array(
      z.object({
        what: z.enum(["report", "launch"]),
        code: z.string().openapi({ example: "session_closed" }),
        count,
        lastAt: z.string(),
      }),
    ),
  })
  .openapi("Analytics");

export const HelpRequestSchema = z
  .object({
    id: z.string(),
    providerId: z.string().nullable(),
    message: z.string(),
    createdAt: z.string(),
    answeredAt: z.string().nullable(),
    answer: z.string().nullable(),
  })
  .openapi("HelpRequest");
