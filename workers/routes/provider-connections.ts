// The provider's side of connections: how its accounts are connected, set by its owner; and who a person is there, asked by
// its server.

import { createRoute, z } from "@hono/zod-openapi";
import { identityOf } from "../../domain/connections/identity.ts";
import { readAuth, removeAuth, setAuth, type AuthInput } from "../../domain/connections/settings.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireProviderKey, requireUser } from "../middleware/authenticate.ts";

const address = z.string().max(2_048);
const name = z.string().regex(/^[A-Za-z][\w-]{0,63}$/);
const scopes = z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/)).max(30);
const client = {
  clientId: z.string().min(1).max(500),
  clientSecret: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .openapi({ description: "Kept encrypted and never shown. Left out, the one you gave for this client stays." }),
  scopes: scopes.default([]),
  secretIn: z.enum(["header", "body"]).default("header").openapi({ description: "How your server wants the secret." }),
};
const subjectField = name.default("id").openapi({ description: "Which member of the profile says who the person is." });

const SettingsBody = z
  .discriminatedUnion("protocol", [
    z.object({
      protocol: z.literal("oidc"),
      issuer: address.openapi({ description: "Its OpenID configuration is read and checked at once." }),
      ...client,
    }),
    z.object({
      protocol: z.literal("oauth2"),
      issuer: address.openapi({ description: "What `iss` says in your answers, or your server's address." }),
      authorizationEndpoint: address,
      tokenEndpoint: address,
      revocationEndpoint: address.optional(),
      profileEndpoint: address.openapi({ description: "JSON about the person, read with their access token." }),
      subjectField,
      sendsIssuer: z
        .boolean()
        .default(false)
        .openapi({ description: "Every answer of yours carries `iss` (RFC 9207)." }),
      ...client,
    }),
    z.object({
      protocol: z.literal("api_key"),
      profileEndpoint: address.openapi({ description: "JSON about the person, read with their key." }),
      subjectField,
      headerName: name.default("Authorization"),
      headerPrefix: z
        .string()
        .regex(/^[ -~]{0,20}$/)
        .default("Bearer "),
    }),
  ])
  .openapi("ConnectionSettingsInput");

const text = z.string().nullable();
const SettingsSchema = z
  .object({
    providerId: z.string(),
    protocol: z.enum(["oidc", "oauth2", "api_key"]),
    issuer: text,
    authorizationEndpoint: text,
    tokenEndpoint: text,
    revocationEndpoint: text,
    profileEndpoint: text,
    subjectField: text,
    headerName: text,
    headerPrefix: text,
    scopes: z.array(z.string()),
    secretIn: z.enum(["header", "body"]).nullable(),
    clientId: text,
    hasClientSecret: z.boolean(),
    redirectUri: text.openapi({ description: "Register exactly this at your server." }),
  })
  .openapi("ConnectionSettings");
const AppParam = z.object({
  id: z
    .string()
    .max(40)
    .openapi({ param: { name: "id", in: "path" }, description: "Your app's id." }),
});

const PATH = "/v1/provider/apps/{id}/connections";
const tags = ["Connections"];
const security = [{ accessToken: [] }];

export const providerConnectionRoutes = newRouter();
providerConnectionRoutes.use("/v1/provider/apps/:id/connections", requireUser);

providerConnectionRoutes.openapi(
  createRoute({
    method: "get",
    path: PATH,
    operationId: "getConnectionSettings",
    tags,
    summary: "How your app's accounts are connected",
    security,
    request: { params: AppParam },
    responses: {
      200: json(z.object({ settings: SettingsSchema.nullable() }), "Null: not at all."),
      ...problems(401, 404, 429),
    },
  }),
  async (c) => {
    const owner = { userId: c.get("user").userId, providerId: c.req.valid("param").id };
    return c.json({ settings: await readAuth(c.env, owner) }, 200);
  },
);

providerConnectionRoutes.openapi(
  createRoute({
    method: "put",
    path: PATH,
    operationId: "setConnectionSettings",
    tags,
    summary: "Set how your app's accounts are connected",
    description:
      "Every address must be public and https. With another server or client, people have to connect again. Repeating it is harmless.",
    security,
    request: { params: AppParam, body: { required: true, content: { "application/json": { schema: SettingsBody } } } },
    responses: {
      200: json(z.object({ settings: SettingsSchema }), "Kept."),
      ...problems(400, 401, 404, 422, 429, 502),
    },
  }),
  async (c) => {
    const owner = { userId: c.get("user").userId, providerId: c.req.valid("param").id };
    return c.json({ settings: await setAuth(c.env, owner, c.req.valid("json") as AuthInput, c.get("now")) }, 200);
  },
);

providerConnectionRoutes.openapi(
  createRoute({
    method: "delete",
    path: PATH,
    operationId: "removeConnectionSettings",
    tags,
    summary: "Stop offering connections",
    description: "Nobody can connect any more. Repeating it is harmless.",
    security,
    request: { params: AppParam },
    responses: { 204: { description: "Not offered any more." }, ...problems(401, 404, 429) },
  }),
  async (c) => {
    await removeAuth(c.env, { userId: c.get("user").userId, providerId: c.req.valid("param").id });
    return c.body(null, 204);
  },
);

providerConnectionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/provider/connections/{id}",
    operationId: "getIdentity",
    tags,
    summary: "Who a person is at your app",
    description:
      "By the id you know them by (`sub` of the launch token). `token` is the same identity signed (ES256, `typ: mp-identity+jwt`, audience your app's id, five minutes).",
    security: [{ apiKey: [] }],
    middleware: [requireProviderKey] as const,
    request: {
      params: z.object({
        id: z
          .string()
          .max(100)
          .openapi({ param: { name: "id", in: "path" }, description: "The person, as your app knows them." }),
      }),
    },
    responses: {
      200: json(
        z
          .object({
            identity: z.object({
              user_id: z.string(),
              provider: z.string(),
              provider_user_id: z.string(),
              auth_method: z.enum(["oidc", "oauth2", "api_key"]),
              tenant_id: z.string().nullable(),
            }),
            status: z.enum(["active", "broken"]),
            token: z.string(),
          })
          .openapi("ConnectedIdentity"),
        "The identity.",
      ),
      ...problems(401, 403, 404, 429),
    },
  }),
  async (c) => {
    const it = { providerId: c.get("provider").providerId, subject: c.req.valid("param").id };
    return c.json(await identityOf(c.env, it, c.get("now")), 200);
  },
);
