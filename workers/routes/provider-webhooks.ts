// Webhook endpoints of a provider: register, change, rotate, test, see what was delivered, send it again.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { DomainError } from "../../domain/errors.ts";
import { isId } from "../../domain/ids.ts";
import {
  changeWebhook,
  createWebhook,
  loadWebhook,
  removeWebhook,
  rotateSecret,
  SUBSCRIBABLE,
  webhooksOf,
  webhookView,
  type WebhookPlace,
} from "../../domain/webhooks/endpoints.ts";
import { DESCRIPTION_MAX_LENGTH } from "../../domain/webhooks/limits.ts";
import {
  deadLettersOf,
  deliveriesOf,
  replayMany,
  replayOne,
  replaySince,
  sendTestEvent,
} from "../../domain/webhooks/replay.ts";
import { URL_MAX_LENGTH } from "../../domain/webhooks/url-policy.ts";
import { hintWebhooks } from "../consumers/hint.ts";
import { json, newRouter, problems, type AppEnv } from "../http.ts";
import { actingIdempotencyKey, actingProvider } from "../middleware/acting-provider.ts";
import { answerOnce } from "../middleware/idempotency-key.ts";
import {
  DeadLettersSchema,
  DeliveriesSchema,
  NewWebhookSchema,
  ReplaySchema,
  RotatedWebhookSchema,
  TestDeliverySchema,
  WebhookSchema,
} from "./webhook-schemas.ts";

const body = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

const events = z
  .array(z.enum(SUBSCRIBABLE))
  .min(1)
  .max(SUBSCRIBABLE.length)
  .openapi({ description: 'Event types, or ["*"] for all.', example: ["session.completed", "tokens.consumed"] });
const url = z.string().min(1).max(URL_MAX_LENGTH).openapi({ example: "https://api.example.com/meterplace/webhooks" });
const description = z.string().trim().max(DESCRIPTION_MAX_LENGTH).nullish();

const CreateBody = z.object({ url, events, description }).openapi("CreateWebhook");
const ChangeBody = z
  .object({ url: url.optional(), events: events.optional(), description, enabled: z.boolean().optional() })
  .openapi("ChangeWebhook");
/** Chosen one by one; for more there is `since`. */
const REPLAY_CHOSEN_MAX = 200;
const ReplayBody = z
  .union([
    z.object({ deliveryId: z.string().openapi({ description: "One delivery, whatever became of it." }) }).strict(),
    z
      .object({
        deliveryIds: z
          .array(z.string())
          .min(1)
          .max(REPLAY_CHOSEN_MAX)
          .openapi({ description: "These deliveries, whatever became of them." }),
      })
      .strict(),
    z
      .object({
        since: z.iso
          .datetime({ offset: true })
          .openapi({ description: "What this endpoint did not get of events from this moment on." }),
        includeDelivered: z.boolean().default(false).openapi({ description: "Also what it did get." }),
      })
      .strict(),
  ])
  .openapi("ReplayWebhooks");

/** Who a signed-in owner acts for; with an API key both follow from the key. */
const acting = {
  providerId: z.string().optional().openapi({ description: "Your app, when you come with an access token." }),
  mode: z.enum(["live", "test"]).optional().openapi({ description: "With an access token: live unless given." }),
};
const ActingQuery = z.object(acting);
const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(80).optional().openapi({ description: "`nextCursor` of the page before." }),
};
const IdParam = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, description: "Endpoint id (UUIDv7)." }),
});

const place = (c: Context<AppEnv>): WebhookPlace => ({
  db: c.env.DB,
  dataKey: c.env.DATA_KEY,
  environment: c.env.ENVIRONMENT,
});
const common: { tags: string[]; security: Record<string, string[]>[] } = {
  tags: ["Webhooks"],
  security: [{ apiKey: [] }, { accessToken: [] }],
};
const PATH = "/v1/provider/webhooks";
const mutation = (route: string) => ({ middleware: [actingProvider, actingIdempotencyKey(route)] });
const reading = { middleware: [actingProvider] };

export const providerWebhookRoutes = newRouter();

providerWebhookRoutes.openapi(
  createRoute({
    ...common,
    ...mutation(`POST ${PATH}`),
    method: "post",
    path: PATH,
    operationId: "createWebhook",
    summary: "Register a webhook endpoint",
    description:
      "The signing secret is shown once. Endpoints made with a test key get the events of sandbox sessions only. Ten endpoints in each mode. Takes an Idempotency-Key: a repeat shows the same secret again.",
    request: { query: ActingQuery, ...body(CreateBody) },
    responses: {
      201: json(NewWebhookSchema, "The endpoint with its secret"),
      ...problems(400, 401, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const wish = c.req.valid("json");
    const answer = await answerOnce(c, () =>
      createWebhook(
        place(c),
        c.get("provider"),
        { ...wish, description: wish.description ?? null },
        c.get("idempotency"),
        c.get("now"),
      ),
    );
    return c.json(answer, 201);
  },
);

providerWebhookRoutes.openapi(
  createRoute({
    ...common,
    ...reading,
    method: "get",
    path: PATH,
    operationId: "listWebhooks",
    summary: "List webhook endpoints",
    description: "All of your endpoints in this mode, oldest first. There are ten at most, so one page holds them.",
    request: { query: ActingQuery },
    responses: {
      200: json(z.object({ webhooks: z.array(WebhookSchema), nextCursor: z.null() }), "The endpoints"),
      ...problems(400, 401, 404, 429),
    },
  }),
  async (c) => c.json({ webhooks: await webhooksOf(place(c), c.get("provider")), nextCursor: null }, 200),
);

// Before the routes with an id, which would take its last part for one.
providerWebhookRoutes.openapi(
  createRoute({
    ...common,
    ...reading,
    method: "get",
    path: `${PATH}/dead-letters`,
    operationId: "listDeadLetters",
    summary: "List events that never arrived",
    description:
      "Deliveries whose attempts are used up, or that were dropped because the endpoint was off, newest first.",
    request: { query: z.object({ ...acting, ...page }) },
    responses: { 200: json(DeadLettersSchema, "Dead letters"), ...problems(400, 401, 404, 429) },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid("query");
    return c.json(
      await deadLettersOf(place(c), c.get("provider"), { limit, cursor: readCursor(cursor, isDeadLetterCursor) }),
      200,
    );
  },
);

providerWebhookRoutes.openapi(
  createRoute({
    ...common,
    ...reading,
    method: "get",
    path: `${PATH}/{id}`,
    operationId: "getWebhook",
    summary: "Show a webhook endpoint",
    description: "Its address, its events and how it is doing. The secret is never shown again.",
    request: { params: IdParam, query: ActingQuery },
    responses: { 200: json(z.object({ webhook: WebhookSchema }), "The endpoint"), ...problems(400, 401, 404, 429) },
  }),
  async (c) => {
    const row = await loadWebhook(place(c), c.get("provider"), c.req.valid("param").id);
    return c.json({ webhook: webhookView(row) }, 200);
  },
);

providerWebhookRoutes.openapi(
  createRoute({
    ...common,
    ...mutation(`PATCH ${PATH}/:id`),
    method: "patch",
    path: `${PATH}/{id}`,
    operationId: "changeWebhook",
    summary: "Change a webhook endpoint",
    description:
      "What is left out stays. `enabled: false` stops sending; what happens meanwhile can be replayed for 30 days. `enabled: true` also lifts a switch-off of ours. Takes an Idempotency-Key.",
    request: { params: IdParam, query: ActingQuery, ...body(ChangeBody) },
    responses: {
      200: json(z.object({ webhook: WebhookSchema }), "The endpoint as it is now"),
      ...problems(400, 401, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const change = c.req.valid("json");
    const answer = await answerOnce(c, () =>
      changeWebhook(place(c), c.get("provider"), id, change, c.get("idempotency"), c.get("now")),
    );
    return c.json(answer, 200);
  },
);

providerWebhookRoutes.openapi(
  createRoute({
    ...common,
    ...mutation(`DELETE ${PATH}/:id`),
    method: "delete",
    path: `${PATH}/{id}`,
    operationId: "deleteWebhook",
    summary: "Delete a webhook endpoint",
    description: "Nothing is sent from now on, and its secrets are gone. Takes an Idempotency-Key.",
    request: { params: IdParam, query: ActingQuery },
    responses: { 204: { description: "Deleted" }, ...problems(400, 401, 404, 409, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    await answerOnce(c, () => removeWebhook(place(c), c.get("provider"), id, c.get("idempotency"), c.get("now")));
    return c.body(null, 204);
  },
);

providerWebhookRoutes.openapi(
  createRoute({
    ...common,
    ...mutation(`POST ${PATH}/:id/rotate`),
    method: "post",
    path: `${PATH}/{id}/rotate`,
    operationId: "rotateWebhookSecret",
    summary: "Get a new signing secret",
    description:
      "Every webhook carries one signature for each active secret; the old one stays active for 24 h. Takes an Idempotency-Key: a repeat shows the same secret again.",
    request: { params: IdParam, query: ActingQuery },
    responses: { 200: json(RotatedWebhookSchema, "The new secret"), ...problems(400, 401, 404, 409, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const answer = await answerOnce(c, () =>
      rotateSecret(place(c), c.get("provider"), id, c.get("idempotency"), c.get("now")),
    );
    return c.json(answer, 200);
  },
);

providerWebhookRoutes.openapi(
  createRoute({
    ...common,
    ...mutation(`POST ${PATH}/:id/test`),
    method: "post",
    path: `${PATH}/{id}/test`,
    operationId: "testWebhook",
    summary: "Send a test event",
    description:
      "Sends `webhook.test` to this endpoint, whatever it subscribes to, signed and retried like any other. Its deliveries show what became of it. Takes an Idempotency-Key.",
    request: { params: IdParam, query: ActingQuery },
    responses: { 202: json(TestDeliverySchema, "On its way"), ...problems(400, 401, 404, 409, 422, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const answer = await answerOnce(c, () =>
      sendTestEvent(place(c), c.get("provider"), id, c.get("idempotency"), c.get("now")),
    );
    hintWebhooks(c.env, c.executionCtx);
    return c.json(answer, 202);
  },
);

providerWebhookRoutes.openapi(
  createRoute({
    ...common,
    ...reading,
    method: "get",
    path: `${PATH}/{id}/deliveries`,
    operationId: "listDeliveries",
    summary: "See what was sent to an endpoint",
    description:
      "One entry an event, newest first, with the payload and every attempt: status, response and how long it took. Events are kept for 30 days.",
    request: {
      params: IdParam,
      query: z.object({
        ...acting,
        ...page,
        status: z.enum(["pending", "delivered", "dead", "dropped"]).optional(),
      }),
    },
    responses: { 200: json(DeliveriesSchema, "Deliveries"), ...problems(400, 401, 404, 429) },
  }),
  async (c) => {
    const { limit, cursor, status } = c.req.valid("query");
    const { id } = c.req.valid("param");
    const wanted = { limit, status: status ?? null, cursor: readCursor(cursor, isId) };
    return c.json(await deliveriesOf(place(c), c.get("provider"), id, wanted), 200);
  },
);

providerWebhookRoutes.openapi(
  createRoute({
    ...common,
    ...mutation(`POST ${PATH}/:id/replay`),
    method: "post",
    path: `${PATH}/{id}/replay`,
    operationId: "replayWebhooks",
    summary: "Send events again",
    description:
      "One delivery, some of them, or everything this endpoint did not get since a moment (1,000 events a request; `nextSince` says where to go on). Ids stay the same, so a receiver that keeps them sees repeats. Takes an Idempotency-Key.",
    request: { params: IdParam, query: ActingQuery, ...body(ReplayBody) },
    responses: { 202: json(ReplaySchema, "On their way"), ...problems(400, 401, 404, 409, 422, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const wish = c.req.valid("json");
    const { provider, idempotency, now } = c.var;
    const answer = await answerOnce(c, () => {
      if ("deliveryId" in wish) return replayOne(place(c), provider, id, wish.deliveryId, idempotency, now);
      if ("deliveryIds" in wish) return replayMany(place(c), provider, id, wish.deliveryIds, idempotency, now);
      const range = { since: Date.parse(wish.since), includeDelivered: wish.includeDelivered };
      return replaySince(place(c), provider, id, range, idempotency, now);
    });
    hintWebhooks(c.env, c.executionCtx);
    return c.json(answer, 202);
  },
);

const isDeadLetterCursor = (cursor: string): boolean => isId(cursor.slice(0, 36)) && isId(cursor.slice(36));

function readCursor(cursor: string | undefined, isValid: (cursor: string) => boolean): string | null {
  if (cursor === undefined) return null;
  if (!isValid(cursor)) throw new DomainError("invalid_cursor", "Use nextCursor of the page before, or leave it out.");
  return cursor;
}
