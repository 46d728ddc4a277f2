// Is the Worker up. Says nothing about what is behind it, so that a probe never becomes load.

import { createRoute, z } from "@hono/zod-openapi";
import { newRouter } from "../http.ts";

export const healthRoutes = newRouter();

healthRoutes.openapi(
  createRoute({
    method: "get",
    path: "/healthz",
    operationId: "getHealth",
    summary: "Is it up",
    description: "Answers as soon as the Worker does.",
    tags: ["Service"],
    security: [],
    responses: {
      200: {
        description: "It is",
        content: { "application/json": { schema: z.object({ status: z.literal("ok") }).openapi("Health") } },
      },
    },
  }),
  (c) => c.json({ status: "ok" as const }, 200),
);
