// What the owner of an app does with it: register, see, change its page and its status. Its price: provider-prices.ts, its
// keys: provider-keys.ts.

import { createRoute, z } from "@hono/zod-openapi";
import { ownedDetailOf } from "../../domain/catalogue/app.ts";
import { ownedApp, setStatus } from "../../domain/catalogue/change-app.ts";
import { changeListing } from "../../domain/catalogue/change-listing.ts";
import { registerApp } from "../../domain/catalogue/register-app.ts";
import { appsOfOwner } from "../../domain/catalogue/store.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { hintCatalogue } from "../consumers/index-catalogue.ts";
import { newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { listingFields } from "./listing-schemas.ts";
import { priceFields } from "./pricing-schemas.ts";
import { APP_STATUSES, OwnedDetailSchema, ProviderIdParam } from "./provider-schemas.ts";

const APPS_SHOWN_MAX = 200;

const RegisterBody = z
  .object({
    ...listingFields,
    ...priceFields,
    status: z.enum(["active", "inactive"]).default("active").openapi({
      description: "`inactive`: try it in sandbox sessions first, and open it when it works.",
    }),
  })
  .openapi("RegisterProvider", {
    example: {
      name: "Hello Meter",
      description: "The smallest metered app there is.",
      category: "other",
      useCases: ["try how metering feels"],
      appUrl: "http://localhost:8080/",
      logoUrl: "http://localhost:8080/logo.svg",
      tokenRatePerHour: 120,
    },
  });
const ListingBody = z.object(listingFields).partial().openapi("ChangeListing");
const RegisterAnswer = z
  .object({
    provider: OwnedDetailSchema,
    apiKey: z
      .string()
      .openapi({ description: "For real sessions. Shown once; only its hash is kept.", example: "mk_live_..." }),
    testApiKey: z.string().openapi({ description: "For sandbox sessions that move no money.", example: "mk_test_..." }),
  })
  .openapi("RegisteredProvider");
const OwnedAnswer = z.object({ provider: OwnedDetailSchema });
const ownedAnswer = (description: string) => ({
  description,
  content: { "application/json": { schema: OwnedAnswer } },
});

export const providerAppRoutes = newRouter();

providerAppRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/register",
    operationId: "registerProvider",
    summary: "Bring an app to the catalogue",
    description:
      "You become its owner. Published at once locally, after review in production. Takes an Idempotency-Key: a repeat shows the same keys again.",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("POST /v1/provider/register")] as const,
    request: { body: { required: true, content: { "application/json": { schema: RegisterBody } } } },
    responses: {
      201: { description: "Registered", content: { "application/json": { schema: RegisterAnswer } } },
      ...problems(400, 401, 409, 422, 429),
    },
  }),
  async (c) => {
    const { tokenRatePerHour, pricing, ...described } = c.req.valid("json");
    const registration = {
      ...described,
      tags: described.tags ?? [],
      dataReceived: described.dataReceived ?? [],
      refundTerms: described.refundTerms ?? null,
      regions: described.regions ?? [],
      price: { tokenRatePerHour, pricing },
    };
    const answer = await answerOnce(c, () =>
      registerApp(c.env, c.get("user").userId, registration, c.get("idempotency"), c.get("now")),
    );
    c.executionCtx.waitUntil(hintCatalogue(c.env));
    return c.json(answer, 201);
  },
);

providerAppRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/provider/apps",
    operationId: "listOwnApps",
    summary: "List your apps",
    description: "All apps you own, whatever their status and review.",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    responses: {
      200: {
        description: "Your apps, oldest first",
        content: { "application/json": { schema: z.object({ providers: z.array(OwnedDetailSchema) }) } },
      },
      ...problems(401, 429),
    },
  }),
  async (c) => {
    const apps = await appsOfOwner(c.env.DB, c.get("user").userId, APPS_SHOWN_MAX);
    return c.json({ providers: apps.map(ownedDetailOf) }, 200);
  },
);

providerAppRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/provider/apps/{id}",
    operationId: "getOwnApp",
    summary: "One of your apps",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: { params: ProviderIdParam },
    responses: { 200: ownedAnswer("The app as it is now"), ...problems(401, 404, 429) },
  }),
  async (c) => {
    const app = await ownedApp(c.env.DB, c.get("user").userId, c.req.valid("param").id);
    return c.json({ provider: ownedDetailOf(app) }, 200);
  },
);

providerAppRoutes.openapi(
  createRoute({
    method: "patch",
    path: "/v1/provider/apps/{id}/listing",
    operationId: "changeListing",
    summary: "Change what an app's page says",
    description:
      "What is given is replaced, the rest stays; null empties. Running sessions keep the address they were made with. Another origin is reviewed again in production. Takes an Idempotency-Key.",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("PATCH /v1/provider/apps/:id/listing")] as const,
    request: {
      params: ProviderIdParam,
      body: { required: true, content: { "application/json": { schema: ListingBody } } },
    },
    responses: { 200: ownedAnswer("The app as it is now"), ...problems(400, 401, 404, 409, 422, 429) },
  }),
  async (c) => {
    const { tags, dataReceived, regions, ...given } = c.req.valid("json");
    const change = {
      ...given,
      ...(tags !== undefined && { tags: tags ?? [] }),
      ...(dataReceived !== undefined && { dataReceived: dataReceived ?? [] }),
      ...(regions !== undefined && { regions: regions ?? [] }),
    };
    const { id } = c.req.valid("param");
    const answer = await answerOnce(c, () =>
      changeListing(c.env, c.get("user"), id, change, c.get("idempotency"), c.get("now")),
    );
    c.executionCtx.waitUntil(hintCatalogue(c.env));
    return c.json(answer, 200);
  },
);

providerAppRoutes.openapi(
  createRoute({
    method: "patch",
    path: "/v1/provider/apps/{id}",
    operationId: "changeApp",
    summary: "Open, pause or withdraw an app",
    description:
      "`maintenance` stays listed but cannot be started, `inactive` is not listed. Running sessions go on. Takes an Idempotency-Key.",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("PATCH /v1/provider/apps/:id")] as const,
    request: {
      params: ProviderIdParam,
      body: {
        required: true,
        content: { "application/json": { schema: z.object({ status: z.enum(APP_STATUSES) }).openapi("ChangeApp") } },
      },
    },
    responses: { 200: ownedAnswer("The app as it is now"), ...problems(400, 401, 404, 409, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { status } = c.req.valid("json");
    const answer = await answerOnce(c, () =>
      setStatus(c.env.DB, c.get("user"), id, status, c.get("idempotency"), c.get("now")),
    );
    hintWebhooks(c.env, c.executionCtx);
    c.executionCtx.waitUntil(hintCatalogue(c.env));
    return c.json(answer, 200);
  },
);
