// /api/providers: the catalogue with the seven fields the brief shows of an app. No sign-in is needed to look; a bearer
// that comes along must be valid.

import { createRoute, z } from "@hono/zod-openapi";
import { cardOf, isAvailable } from "../../domain/catalogue/app.ts";
import { listedCatalogue } from "../../domain/catalogue/listing.ts";
import { json, newRouter } from "../http.ts";
import { optionalUser } from "../middleware/authenticate.ts";
import { ProviderIdParam } from "../routes/provider-schemas.ts";
import { searchAnswer, SearchBody } from "../routes/provider-search.ts";
import { publicApp } from "../routes/providers.ts";
import { API_TAG, apiErrors, jsonBody, OPTIONAL_USER } from "./responses.ts";
import { ApiProvider, apiProvider } from "./shapes.ts";

const ApiProviders = z.object({ providers: z.array(ApiProvider) });

export const apiProviderRoutes = newRouter();

apiProviderRoutes.openapi(
  createRoute({
    method: "get",
    path: "/api/providers",
    operationId: "apiListProviders",
    summary: "List all active apps",
    description: "All that can be started now, oldest first, in one answer. `GET /v1/providers` has pages.",
    tags: [API_TAG],
    security: OPTIONAL_USER,
    middleware: [optionalUser] as const,
    responses: { 200: json(ApiProviders, "The active apps"), ...apiErrors(401, 429) },
  }),
  async (c) => {
    const apps = await listedCatalogue(c.env.DB, c.get("now"));
    const active = apps.filter(isAvailable);
    return c.json({ providers: active.map((app) => apiProvider(cardOf(app))) }, 200);
  },
);

apiProviderRoutes.openapi(
  createRoute({
    method: "get",
    path: "/api/providers/{id}",
    operationId: "apiGetProvider",
    summary: "Show one app",
    description: "As `GET /v1/providers/{id}`, with the fields of the list.",
    tags: [API_TAG],
    security: OPTIONAL_USER,
    middleware: [optionalUser] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(z.object({ provider: ApiProvider }), "The app"), ...apiErrors(401, 404, 429) },
  }),
  async (c) => c.json({ provider: apiProvider(cardOf(await publicApp(c, c.req.valid("param").id))) }, 200),
);

apiProviderRoutes.openapi(
  createRoute({
    method: "post",
    path: "/api/providers/search",
    operationId: "apiSearchProviders",
    summary: "Find an app by what you need",
    description: "As `POST /v1/providers/search`, with the fields of the list.",
    tags: [API_TAG],
    security: OPTIONAL_USER,
    middleware: [optionalUser] as const,
    request: { body: jsonBody(SearchBody) },
    responses: { 200: json(ApiProviders, "Matches, best first"), ...apiErrors(400, 401, 429) },
  }),
  async (c) => {
    const { hits } = await searchAnswer(c, c.req.valid("json"), 0);
    return c.json({ providers: hits.map(({ app }) => apiProvider(cardOf(app))) }, 200);
  },
);
