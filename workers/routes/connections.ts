// A person's connections: what an app would be allowed, off to its server and back, and taking it back.

import { createRoute, z } from "@hono/zod-openapi";
import {
  CONNECTIONS_MAX,
  connectionOffer,
  connectWithKey,
  disconnect,
  finishConnection,
  startConnection,
} from "../../domain/connections/connect.ts";
import { connectionView } from "../../domain/connections/identity.ts";
import { connectionsOf } from "../../domain/connections/store.ts";
import { checkConnection } from "../../domain/connections/tokens.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";

const PROTOCOLS = ["oidc", "oauth2", "api_key"] as const;
const QUERY_MAX_LENGTH = 4_096;

const ConnectionSchema = z
  .object({
    providerId: z.string(),
    providerName: z.string(),
    providerUserId: z.string().openapi({ description: "Who you are at the app." }),
    authMethod: z.enum(PROTOCOLS),
    scopes: z.array(z.string()),
    status: z.enum(["active", "broken"]).openapi({ description: "broken: the app does not honour it; connect again." }),
    tokenExpiresAt: z.string().nullable(),
    connectedAt: z.string(),
  })
  .openapi("Connection");
const ConnectionAnswer = z.object({ connection: ConnectionSchema });
const ProviderParam = z.object({
  id: z
    .string()
    .max(40)
    .openapi({ param: { name: "id", in: "path" }, description: "The app's id." }),
});
const tags = ["Connections"];
const security = [{ accessToken: [] }];

export const connectionRoutes = newRouter();
connectionRoutes.use("/v1/connections", requireUser);
connectionRoutes.use("/v1/connections/*", requireUser);

connectionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/connections",
    operationId: "listConnections",
    tags,
    summary: "Your connected apps",
    security,
    responses: {
      200: json(z.object({ connections: z.array(ConnectionSchema) }), `By name; ${CONNECTIONS_MAX} at most.`),
      ...problems(401, 429),
    },
  }),
  async (c) => {
    const connections = await connectionsOf(c.env.DB, c.get("user").userId, CONNECTIONS_MAX);
    return c.json({ connections: connections.map(connectionView) }, 200);
  },
);

connectionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/connections/{id}",
    operationId: "getConnection",
    tags,
    summary: "What connecting an app means, and whether you have",
    security,
    request: { params: ProviderParam },
    responses: {
      200: json(
        z.object({
          offer: z
            .object({
              providerId: z.string(),
              providerName: z.string(),
              protocol: z.enum(PROTOCOLS),
              scopes: z.array(z.string()).openapi({ description: "What the marketplace asks the app's server for." }),
              server: z.string().openapi({ description: "The host you are sent to." }),
              connection: ConnectionSchema.nullable(),
            })
            .openapi("ConnectionOffer"),
        }),
        "The offer.",
      ),
      ...problems(401, 404, 422, 429),
    },
  }),
  async (c) => {
    const whose = { userId: c.get("user").userId, providerId: c.req.valid("param").id };
    return c.json({ offer: await connectionOffer(c.env, whose) }, 200);
  },
);

connectionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/connections/{id}/start",
    operationId: "startConnection",
    tags,
    summary: "Begin to connect an app: where to go",
    description:
      "Authorization code with PKCE (S256). Send the person to `url` within ten minutes; the newest start of an app counts, so repeating it is harmless.",
    security,
    request: { params: ProviderParam },
    responses: { 200: json(z.object({ url: z.string() }), "Go there."), ...problems(401, 404, 422, 429) },
  }),
  async (c) => {
    const whose = { userId: c.get("user").userId, providerId: c.req.valid("param").id };
    return c.json(await startConnection(c.env, whose, c.get("now")), 200);
  },
);

connectionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/connections/{id}/callback",
    operationId: "finishConnection",
    tags,
    summary: "Finish connecting an app with what its server sent back",
    description:
      "Sent by the marketplace's own page at `/connect/{id}/callback`. An answer works once, for the person who began.",
    security,
    request: {
      params: ProviderParam,
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z
              .object({
                query: z
                  .string()
                  .min(1)
                  .max(QUERY_MAX_LENGTH)
                  .openapi({ description: "The query of the address, unchanged: code, state, iss, or an error." }),
              })
              .openapi("ConnectionCallback"),
          },
        },
      },
    },
    responses: { 200: json(ConnectionAnswer, "Connected."), ...problems(400, 401, 404, 422, 429, 502) },
  }),
  async (c) => {
    const { query } = c.req.valid("json");
    const it = { userId: c.get("user").userId, providerId: c.req.valid("param").id, query };
    const body = await finishConnection(c.env, it, c.get("now"));
    hintWebhooks(c.env, c.executionCtx);
    return c.json(body, 200);
  },
);

connectionRoutes.openapi(
  createRoute({
    method: "put",
    path: "/v1/connections/{id}",
    operationId: "connectWithKey",
    tags,
    summary: "Connect an app with a key you have there",
    description: "Only where the app is connected with keys. The key is tried at once and kept encrypted.",
    security,
    request: {
      params: ProviderParam,
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z.object({ apiKey: z.string().regex(/^[!-~]{1,500}$/) }).openapi("ConnectWithKey"),
          },
        },
      },
    },
    responses: { 200: json(ConnectionAnswer, "Connected."), ...problems(400, 401, 404, 422, 429, 502) },
  }),
  async (c) => {
    const { apiKey } = c.req.valid("json");
    const it = { userId: c.get("user").userId, providerId: c.req.valid("param").id, apiKey };
    const body = await connectWithKey(c.env, it, c.get("now"));
    hintWebhooks(c.env, c.executionCtx);
    return c.json(body, 200);
  },
);

connectionRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/connections/{id}/check",
    operationId: "checkConnection",
    tags,
    summary: "Look whether a connection still works",
    description: "Renews the token where it has run out. Harmless to repeat.",
    security,
    request: { params: ProviderParam },
    responses: { 200: json(ConnectionAnswer, "It works."), ...problems(401, 404, 422, 429, 502, 503) },
  }),
  async (c) => {
    const whose = { userId: c.get("user").userId, providerId: c.req.valid("param").id };
    return c.json(await checkConnection(c.env, whose, c.get("now")), 200);
  },
);

connectionRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/v1/connections/{id}",
    operationId: "disconnect",
    tags,
    summary: "Disconnect an app",
    description: "Forgets the tokens here at once, and asks the app's server to revoke them. Repeating it is harmless.",
    security,
    request: { params: ProviderParam },
    responses: {
      200: json(
        z.object({
          isRevokedThere: z
            .boolean()
            .openapi({ description: "Its server confirmed it. If not, revoke it there, too." }),
        }),
        "Disconnected.",
      ),
      ...problems(401, 429),
    },
  }),
  async (c) => {
    const whose = { userId: c.get("user").userId, providerId: c.req.valid("param").id };
    const body = await disconnect(c.env, whose, c.get("now"));
    hintWebhooks(c.env, c.executionCtx);
    return c.json(body, 200);
  },
);
