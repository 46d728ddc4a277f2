// The signed-in person's own account.

import { createRoute, z } from "@hono/zod-openapi";
import { USER_ROLES } from "../../domain/identity/access-token.ts";
import { readPerson } from "../../domain/identity/sign-in.ts";
import { newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";

const MeSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(USER_ROLES),
    tokenBalance: z.number().int().openapi({ description: "Tokens that can be spent now." }),
    createdAt: z.string(),
  })
  .openapi("Me");

export const meRoutes = newRouter();

meRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/me",
    operationId: "getMe",
    summary: "Show who is signed in",
    description: "The account of the access token, with its spendable balance.",
    tags: ["Auth"],
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    responses: {
      200: { description: "The account", content: { "application/json": { schema: MeSchema } } },
      ...problems(401, 429),
    },
  }),
  async (c) => c.json(await readPerson(c.env.DB, c.get("user").userId), 200),
);
