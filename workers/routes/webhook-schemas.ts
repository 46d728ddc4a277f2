// Wire shapes of webhook endpoints and deliveries.

import { z } from "@hono/zod-openapi";

const webhookFields = {
  id: z.string(),
  providerId: z.string(),
  mode: z.enum(["live", "test"]),
  url: z.string(),
  events: z.array(z.string()),
  description: z.string().nullable(),
  enabled: z.boolean(),
  disabledReason: z
    .enum(["gone", "failing"])
    .nullable()
    .openapi({ description: "Why we switched it off: it answered 410, or nothing got through for five days." }),
  failingSince: z.string().nullable().openapi({ description: "Nothing has got through since then." }),
  pausedUntil: z
    .string()
    .nullable()
    .openapi({ description: "Half of the last attempts failed: until then nothing is sent." }),
  createdAt: z.string(),
  updatedAt: z.string(),
};
const secret = z.string().openapi({ description: "Signs every webhook. Shown once.", example: "whsec_..." });

export const WebhookSchema = z.object(webhookFields).openapi("Webhook");
export const NewWebhookSchema = z.object({ webhook: z.object({ ...webhookFields, secret }) }).openapi("NewWebhook");
export const RotatedWebhookSchema = z
  .object({
    webhook: z.object({
      ...webhookFields,
      secret,
      previousSecretExpiresAt: z.string().openapi({ description: "Until then both secrets sign." }),
    }),
  })
  .openapi("RotatedWebhook");

const DeliverySchema = z
  .object({
    id: z.string().openapi({ description: "The event's id: `webhook-id` of what was sent." }),
    webhookId: z.string(),
    type: z.string().nullable().openapi({ description: "Null once the event is past keeping (30 days)." }),
    status: z.enum(["pending", "delivered", "dead", "dropped"]).openapi({
      description: "dead: attempts used up, or answered 410. dropped: not sent, because the endpoint was off.",
    }),
    attempts: z.number().int(),
    nextAttemptAt: z.string().nullable(),
    responseCode: z.number().int().nullable(),
    error: z.string().nullable(),
    createdAt: z.string(),
    deliveredAt: z.string().nullable(),
    payload: z.record(z.string(), z.unknown()).nullable().openapi({ description: "The body, as it was sent." }),
    log: z.array(
      z.object({
        at: z.string(),
        attempt: z.number().int(),
        status: z.enum(["success", "failed"]),
        responseCode: z.number().int().nullable(),
        error: z.string().nullable(),
        durationMs: z.number().int(),
        response: z.string().nullable().openapi({ description: "The first KB of the answer." }),
      }),
    ),
  })
  .openapi("WebhookDelivery");
export const DeliveriesSchema = z
  .object({ deliveries: z.array(DeliverySchema), nextCursor: z.string().nullable() })
  .openapi("WebhookDeliveries");
export const DeadLettersSchema = z
  .object({ deadLetters: z.array(DeliverySchema), nextCursor: z.string().nullable() })
  .openapi("DeadLetters");

export const TestDeliverySchema = z
  .object({
    delivery: z.object({
      id: z.string(),
      webhookId: z.string(),
      type: z.string(),
      status: z.literal("pending"),
    }),
  })
  .openapi("TestDelivery");
export const ReplaySchema = z
  .object({
    replayed: z.number().int(),
    nextSince: z.string().nullable().openapi({ description: "There are more: ask again with this as `since`." }),
  })
  .openapi("Replayed");
