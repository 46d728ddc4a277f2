// Where Stripe tells us what happened. Not for people: the signature is the only credential.

import { createRoute, z } from "@hono/zod-openapi";
import { stripeClient } from "../../domain/gateways/stripe.ts";
import { verifyEvent } from "../../domain/gateways/stripe-hints.ts";
import { receiveEvent } from "../../domain/payments/stripe-events.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { newRouter, problems } from "../http.ts";
import { logNotices } from "../notices.ts";

export const stripeRoutes = newRouter();

stripeRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/stripe/webhook",
    operationId: "receiveStripeEvent",
    tags: ["Stripe"],
    summary: "Events from Stripe",
    description:
      "Answers 200 when the event's consequences are in the books, or when it is none of ours; anything else makes Stripe send it again.",
    security: [],
    responses: {
      200: {
        description: "Taken.",
        content: { "application/json": { schema: z.object({ received: z.literal(true) }) } },
      },
      ...problems(400, 502),
    },
  }),
  async (c) => {
    // The signature covers the bytes as they came, so this body is never parsed before it is verified.
    const body = await c.req.text();
    const hint = await verifyEvent(
      await stripeClient(c.env),
      [c.env.STRIPE_WEBHOOK_SECRET, c.env.STRIPE_CONNECT_WEBHOOK_SECRET].filter((secret) => secret !== undefined),
      body,
      c.req.header("Stripe-Signature"),
      c.get("now"),
    );
    logNotices(await receiveEvent(c.env, hint, c.get("now")));
    // The person may be looking at their wallet: their new balance is news for their open pages.
    hintWebhooks(c.env, c.executionCtx);
    return c.json({ received: true as const }, 200);
  },
);
