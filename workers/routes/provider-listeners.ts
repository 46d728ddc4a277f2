// Listening from a laptop: what `meterplace listen` asks. An endpoint needs a public address, this does not.

import { createRoute, z } from "@hono/zod-openapi";
import { SUBSCRIBABLE } from "../../domain/webhooks/endpoints.ts";
import {
  createListener,
  hear,
  HEARD_MAX,
  LISTENERS_MAX,
  removeListener,
  testListener,
  WAIT_SECONDS_MAX,
} from "../../domain/webhooks/listen.ts";
import { json, newRouter, problems } from "../http.ts";
import { actingIdempotencyKey, actingProvider } from "../middleware/acting-provider.ts";
import { answerOnce } from "../middleware/idempotency-key.ts";

const acting = {
  providerId: z.string().optional().openapi({ description: "Your app, when you come with an access token." }),
  mode: z.enum(["live", "test"]).optional().openapi({ description: "With an access token: live unless given." }),
};
const ActingQuery = z.object(acting);
const IdParam = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, description: "Listener id (UUIDv7)." }),
});
const CreateBody = z
  .object({
    events: z
      .array(z.enum(SUBSCRIBABLE))
      .min(1)
      .max(SUBSCRIBABLE.length)
      .default(["*"])
      .openapi({ description: 'Event types; all unless given. `["*"]` is all.' }),
    since: z.iso
      .datetime({ offset: true })
      .optional()
      .openapi({ description: "Also what happened since then, an hour back at most." }),
  })
  .openapi("CreateListener");
const ListenerSchema = z
  .object({
    id: z.string(),
    providerId: z.string(),
    mode: z.enum(["live", "test"]),
    events: z.array(z.string()),
    expiresAt: z.string().openapi({ description: "Moves on with every call." }),
  })
  .openapi("WebhookListener");
const HeardSchema = z
  .object({
    events: z.array(
      z.object({
        position: z.number().int(),
        id: z.string().openapi({ description: "`webhook-id` of a delivery of it." }),
        type: z.string(),
        body: z.string().openapi({ description: "Character for character what an endpoint gets." }),
      }),
    ),
    nextAfter: z.number().int().openapi({ description: "Ask again with this as `after`." }),
  })
  .openapi("HeardEvents");

const common: { tags: string[]; security: Record<string, string[]>[] } = {
  tags: ["Webhooks"],
  security: [{ apiKey: [] }, { accessToken: [] }],
};
const PATH = "/v1/provider/listeners";
const mutation = (route: string) => ({ middleware: [actingProvider, actingIdempotencyKey(route)] });
const aSecond = (): Promise<void> => new Promise((resume) => setTimeout(resume, 1_000));

export const providerListenerRoutes = newRouter();

providerListenerRoutes.openapi(
  createRoute({
    ...common,
    ...mutation(`POST ${PATH}`),
    method: "post",
    path: PATH,
    operationId: "createListener",
    summary: "Listen without a public address",
    description: `For development: events are asked for instead of sent. A listener is over ten minutes after its last call; ${LISTENERS_MAX} run in each mode. Takes an Idempotency-Key.`,
    request: { query: ActingQuery, body: { required: true, content: { "application/json": { schema: CreateBody } } } },
    responses: {
      201: json(z.object({ listener: ListenerSchema }), "The listener"),
      ...problems(400, 401, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const { events, since } = c.req.valid("json");
    const wish = { events, since: since === undefined ? null : Date.parse(since) };
    const answer = await answerOnce(c, () =>
      createListener(c.env.DB, c.get("provider"), wish, c.get("idempotency"), c.get("now")),
    );
    return c.json(answer, 201);
  },
);

providerListenerRoutes.openapi(
  createRoute({
    ...common,
    middleware: [actingProvider],
    method: "get",
    path: `${PATH}/{id}/events`,
    operationId: "hearEvents",
    summary: "Hear what came",
    description:
      "Events behind `after`, oldest first. With `waitSeconds` the answer waits until something comes. What stands before `after` is forgotten.",
    request: {
      params: IdParam,
      query: z.object({
        ...acting,
        after: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(HEARD_MAX).default(HEARD_MAX),
        waitSeconds: z.coerce.number().int().min(0).max(WAIT_SECONDS_MAX).default(0),
      }),
    },
    responses: { 200: json(HeardSchema, "Events"), ...problems(400, 401, 404, 429) },
  }),
  async (c) => {
    const { after, limit, waitSeconds } = c.req.valid("query");
    const { id } = c.req.valid("param");
    const wish = { after, limit, waitSeconds };
    return c.json(await hear(c.env.DB, c.get("provider"), id, wish, c.get("now"), aSecond), 200);
  },
);

providerListenerRoutes.openapi(
  createRoute({
    ...common,
    ...mutation(`POST ${PATH}/:id/test`),
    method: "post",
    path: `${PATH}/{id}/test`,
    operationId: "testListener",
    summary: "Send a test event to a listener",
    description: "A `webhook.test` that only this listener hears. Takes an Idempotency-Key.",
    request: { params: IdParam, query: ActingQuery },
    responses: {
      202: json(z.object({ event: z.object({ id: z.string(), type: z.string() }) }), "It can be heard"),
      ...problems(400, 401, 404, 409, 429),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const answer = await answerOnce(c, () =>
      testListener(c.env.DB, c.get("provider"), id, c.get("idempotency"), c.get("now")),
    );
    return c.json(answer, 202);
  },
);

providerListenerRoutes.openapi(
  createRoute({
    ...common,
    ...mutation(`DELETE ${PATH}/:id`),
    method: "delete",
    path: `${PATH}/{id}`,
    operationId: "deleteListener",
    summary: "Stop listening",
    description: "Takes an Idempotency-Key.",
    request: { params: IdParam, query: ActingQuery },
    responses: { 204: { description: "Stopped" }, ...problems(400, 401, 404, 409, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    await answerOnce(c, () => removeListener(c.env.DB, c.get("provider"), id, c.get("idempotency"), c.get("now")));
    return c.body(null, 204);
  },
);
