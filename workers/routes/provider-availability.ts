// Whether an app answers our checks, and when it did not: for its owner.

import { createRoute, z } from "@hono/zod-openapi";
import { availabilityOf } from "../../domain/availability/availability.ts";
import { ownedApp } from "../../domain/catalogue/change-app.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { ProviderIdParam } from "./provider-schemas.ts";

const time = z.string().nullable();
const AvailabilitySchema = z
  .object({
    availability: z.object({
      state: z.enum(["unchecked", "reachable", "suspect", "unreachable", "never_answered"]).openapi({
        description:
          "`suspect`: the last check failed and more follow. `unreachable`: nothing can be started. An app that never answered is never called unreachable.",
      }),
      checkedAt: time,
      lastAnsweredAt: time,
      responseCode: z
        .number()
        .int()
        .nullable()
        .openapi({ description: "Of the last check; null when nothing answered." }),
      error: z.string().nullable().openapi({ description: "What was wrong at the last check." }),
      unreachableSince: time,
    }),
    outages: z.array(
      z.object({
        from: z.string().openapi({ description: "Since then nothing could be started." }),
        failingSince: z.string().openapi({ description: "The first check that failed." }),
        until: time,
        error: z.string().nullable(),
        sessionsEnded: z
          .number()
          .int()
          .openapi({ description: "Sessions that ended as `provider_error`; nothing was charged for them." }),
      }),
    ),
  })
  .openapi("Availability");

export const providerAvailabilityRoutes = newRouter();

providerAvailabilityRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/provider/apps/{id}/availability",
    operationId: "getAvailability",
    summary: "See whether your app answers",
    description:
      "What our checks of `appUrl` saw last, and the last 50 outages, newest first. An outage also tells your webhooks (`provider.unavailable`, `provider.available`).",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(AvailabilitySchema, "How it is doing"), ...problems(401, 404, 429) },
  }),
  async (c) => {
    const app = await ownedApp(c.env.DB, c.get("user").userId, c.req.valid("param").id);
    return c.json(await availabilityOf(c.env.DB, app.id), 200);
  },
);
