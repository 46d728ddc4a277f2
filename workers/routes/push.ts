// The devices a person is told on while no page is open.

import { createRoute, z } from "@hono/zod-openapi";
import { DomainError } from "../../domain/errors.ts";
import { addDevice, LABEL_MAX, listDevices, PUSH_LANGUAGES, removeDevice } from "../../domain/push/devices.ts";
import { URL_MAX_LENGTH } from "../../domain/webhooks/url-policy.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { pushKeysOf } from "../push-keys.ts";

const KEY_MAX = 120;

const DeviceSchema = z
  .object({
    id: z.string().openapi({ description: "The first 32 hex digits of the SHA-256 of its endpoint." }),
    label: z.string().openapi({ example: "Firefox on Android" }),
    language: z.string(),
    createdAt: z.string(),
  })
  .openapi("PushDevice");
const DevicesSchema = z
  .object({
    publicKey: z.string().nullable().openapi({
      description: "`applicationServerKey` of a subscription; null: this marketplace sends nothing to devices.",
    }),
    devices: z.array(DeviceSchema).openapi({ description: "Newest first." }),
  })
  .openapi("PushDevices");
const DeviceBody = z
  .object({
    endpoint: z.string().max(URL_MAX_LENGTH).openapi({ description: "As `PushSubscription.toJSON()` has it." }),
    keys: z.object({ p256dh: z.string().max(KEY_MAX), auth: z.string().max(KEY_MAX) }),
    label: z.string().trim().min(1).max(LABEL_MAX).openapi({ description: "What you know the device by." }),
    language: z.enum(PUSH_LANGUAGES),
  })
  .openapi("AddPushDevice");

export const pushRoutes = newRouter();
pushRoutes.use("/v1/me/push", requireUser);
pushRoutes.use("/v1/me/push/*", requireUser);

pushRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/me/push",
    operationId: "listPushDevices",
    tags: ["Wallet"],
    summary: "The devices you are told on",
    security: [{ accessToken: [] }],
    responses: { 200: json(DevicesSchema, "All of them."), ...problems(401, 429) },
  }),
  async (c) => {
    const devices = await listDevices(c.env.DB, c.get("user").userId);
    return c.json({ publicKey: pushKeysOf(c.env)?.publicKey ?? null, devices }, 200);
  },
);

pushRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/me/push/devices",
    operationId: "addPushDevice",
    tags: ["Wallet"],
    summary: "Be told on this device",
    description:
      "A notice when a session is about to end, and of what stands under `GET /v1/me/notifications`, encrypted for the device (RFC 8291). It ends with this sign-in. At most ten devices; the one added first goes when one more comes. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/me/push/devices")],
    request: { body: { required: true, content: { "application/json": { schema: DeviceBody } } } },
    responses: {
      200: json(z.object({ device: DeviceSchema }), "It will be told."),
      ...problems(400, 401, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    if (!pushKeysOf(c.env)) throw new DomainError("not_found", "This marketplace sends nothing to devices.");
    const { endpoint, keys, label, language } = c.req.valid("json");
    const { userId, signInId } = c.get("user");
    const device = { userId, signInId, address: { endpoint, keys }, label, language };
    return c.json(await answerOnce(c, () => addDevice(c.env, device, c.get("idempotency"), c.get("now"))), 200);
  },
);

pushRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/v1/me/push/devices/{id}",
    operationId: "removePushDevice",
    tags: ["Wallet"],
    summary: "Be told there no more",
    description: "Taking away what is not there changes nothing. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("DELETE /v1/me/push/devices/:id")],
    request: { params: z.object({ id: z.string().max(64) }) },
    responses: { 200: json(z.object({ removed: z.literal(true) }), "Gone."), ...problems(400, 401, 409, 429) },
  }),
  async (c) => {
    const device = { userId: c.get("user").userId, id: c.req.valid("param").id };
    return c.json(await answerOnce(c, () => removeDevice(c.env.DB, device, c.get("idempotency"), c.get("now"))), 200);
  },
);
