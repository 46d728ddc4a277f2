// API keys of an app, by its owner: list, make, replace with an overlap, stop.

import { createRoute, z } from "@hono/zod-openapi";
import { ownedApp } from "../../domain/catalogue/change-app.ts";
import {
  keysOf,
  makeKey,
  OVERLAP_HOURS_DEFAULT,
  OVERLAP_HOURS_MAX,
  rotateKey,
  stopKey,
} from "../../domain/identity/change-keys.ts";
import { KEY_SCOPES } from "../../domain/identity/key-scopes.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { ProviderIdParam } from "./provider-schemas.ts";
import { shownText } from "./shown-text.ts";

const NAME_MAX_LENGTH = 60;

const KeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    mode: z.enum(["live", "test"]),
    prefix: z.string().openapi({ description: "Its first characters, to tell keys apart.", example: "mk_live_a1B2" }),
    scopes: z.array(z.enum(KEY_SCOPES)).nullable().openapi({ description: "Null: everything." }),
    createdAt: z.string(),
    lastUsedAt: z.string().nullable().openapi({ description: "To the quarter hour; null: never." }),
    worksUntil: z.string().nullable().openapi({ description: "When it stops, or stopped. Null: no end." }),
    isWorking: z.boolean(),
    replacedBy: z.string().nullable(),
  })
  .openapi("ApiKey");
const MadeSchema = z
  .object({
    key: KeySchema,
    secret: z
      .string()
      .openapi({ description: "The key itself. Shown once; only its hash is kept.", example: "mk_live_..." }),
  })
  .openapi("MadeApiKey");
const RotatedSchema = MadeSchema.extend({ replaced: KeySchema }).openapi("RotatedApiKey");

const MakeBody = z
  .object({
    name: shownText(NAME_MAX_LENGTH).openapi({ example: "Billing server" }),
    mode: z.enum(["live", "test"]),
    scopes: z.array(z.enum(KEY_SCOPES)).min(1).max(KEY_SCOPES.length).nullish().openapi({
      description:
        "What it may do: `sessions` (sync, sandbox), `usage` (report), `webhooks`, `earnings` (earnings, payouts, statements). Absent: everything.",
    }),
  })
  .openapi("MakeApiKey");
const RotateBody = z
  .object({
    overlapHours: z
      .number()
      .int()
      .min(0)
      .max(OVERLAP_HOURS_MAX)
      .default(OVERLAP_HOURS_DEFAULT)
      .openapi({ description: "So long the old key still works; 0 stops it at once." }),
  })
  .openapi("RotateApiKey");
const KeyParam = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, description: "Key id (UUIDv7)." }),
});

const PATH = "/v1/provider/apps/{id}/keys";
const common = { tags: ["Provider"], security: [{ accessToken: [] }] as Record<string, string[]>[] };
const mutation = (route: string) => [requireUser, idempotencyKey(route)];

export const providerKeyRoutes = newRouter();

providerKeyRoutes.openapi(
  createRoute({
    ...common,
    method: "get",
    path: PATH,
    operationId: "listApiKeys",
    summary: "List the API keys of your app",
    description: "The newest first; keys that stopped stay for 30 days. The keys themselves are never shown again.",
    middleware: [requireUser] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(z.object({ keys: z.array(KeySchema) }), "Its keys"), ...problems(401, 404, 429) },
  }),
  async (c) => {
    const app = await ownedApp(c.env.DB, c.get("user").userId, c.req.valid("param").id);
    return c.json({ keys: await keysOf(c.env.DB, app.id, c.get("now")) }, 200);
  },
);

providerKeyRoutes.openapi(
  createRoute({
    ...common,
    method: "post",
    path: PATH,
    operationId: "makeApiKey",
    summary: "Make an API key",
    description:
      "Shown once. Twenty that work for each app. Takes an Idempotency-Key: a repeat shows the same key again.",
    middleware: mutation("POST /v1/provider/apps/:id/keys"),
    request: {
      params: ProviderIdParam,
      body: { required: true, content: { "application/json": { schema: MakeBody } } },
    },
    responses: { 201: json(MadeSchema, "The key"), ...problems(400, 401, 404, 409, 422, 429) },
  }),
  async (c) => {
    const app = await ownedApp(c.env.DB, c.get("user").userId, c.req.valid("param").id);
    const { name, mode, scopes } = c.req.valid("json");
    const it = { providerId: app.id, name, mode, scopes: scopes ? [...new Set(scopes)] : null };
    return c.json(await answerOnce(c, () => makeKey(c.env.DB, it, c.get("idempotency"), c.get("now"))), 201);
  },
);

providerKeyRoutes.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/provider/keys/{id}/rotate",
    operationId: "rotateApiKey",
    summary: "Replace an API key",
    description:
      "A new key with the same name, mode and scopes; the old one goes on working for the overlap. Takes an Idempotency-Key.",
    middleware: mutation("POST /v1/provider/keys/:id/rotate"),
    request: { params: KeyParam, body: { required: true, content: { "application/json": { schema: RotateBody } } } },
    responses: {
      201: json(RotatedSchema, "The new key, and what becomes of the old"),
      ...problems(400, 401, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const it = { userId: c.get("user").userId, keyId: c.req.valid("param").id, ...c.req.valid("json") };
    return c.json(await answerOnce(c, () => rotateKey(c.env.DB, it, c.get("idempotency"), c.get("now"))), 201);
  },
);

providerKeyRoutes.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/provider/keys/{id}/revoke",
    operationId: "revokeApiKey",
    summary: "Stop an API key",
    description: "Within ten seconds it is refused everywhere. It cannot be started again. Takes an Idempotency-Key.",
    middleware: mutation("POST /v1/provider/keys/:id/revoke"),
    request: { params: KeyParam },
    responses: { 200: json(z.object({ key: KeySchema }), "As it is now"), ...problems(401, 404, 409, 429) },
  }),
  async (c) => {
    const it = { userId: c.get("user").userId, keyId: c.req.valid("param").id };
    return c.json(await answerOnce(c, () => stopKey(c.env.DB, it, c.get("idempotency"), c.get("now"))), 200);
  },
);
