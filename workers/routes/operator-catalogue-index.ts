// The discovery index as an operator sees it, and its rebuild: it is a projection of D1, so forgetting it loses nothing.

import { createRoute, z } from "@hono/zod-openapi";
import { EMBEDDED_MODEL } from "../../domain/discovery/encoder/encoder.ts";
import { catalogueIndex } from "../catalogue-index.ts";
import { hintCatalogue } from "../consumers/index-catalogue.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerRepeatable, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";

const StateSchema = z
  .object({
    apps: z.number().int(),
    phrases: z.number().int(),
    withoutVector: z.number().int().openapi({ description: "Phrases still found by their words alone." }),
  })
  .openapi("CatalogueIndexState");

export const operatorCatalogueIndexRoutes = newRouter();
operatorCatalogueIndexRoutes.use("/v1/operator/*", requireUser, requireRole("operator"));

operatorCatalogueIndexRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/catalogue-index",
    operationId: "operatorGetCatalogueIndex",
    tags: ["Operators"],
    summary: "How much the discovery index holds",
    security: [{ accessToken: [] }],
    responses: { 200: json(StateSchema, "Its state."), ...problems(401, 403, 429) },
  }),
  async (c) => c.json(await catalogueIndex(c.env).state(EMBEDDED_MODEL), 200),
);

operatorCatalogueIndexRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/operator/catalogue-index/rebuild",
    operationId: "operatorRebuildCatalogueIndex",
    tags: ["Operators"],
    summary: "Forget the discovery index and build it anew",
    description:
      "From D1, vectors included; nothing is encoded again. Searches meanwhile find what is there already. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/operator/catalogue-index/rebuild")],
    responses: { 200: json(StateSchema, "Its state after it."), ...problems(400, 401, 403, 409, 429) },
  }),
  async (c) => {
    const answer = await answerRepeatable(c, () => catalogueIndex(c.env).rebuild(EMBEDDED_MODEL));
    // Vectors that were never worked out are asked for.
    if (answer.withoutVector > 0) c.executionCtx.waitUntil(hintCatalogue(c.env));
    return c.json(answer, 200);
  },
);
