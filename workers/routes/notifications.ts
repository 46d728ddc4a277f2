// What a person was told, read and unread. Open pages hear of new ones over the live channel; here nothing is lost.

import { createRoute, z } from "@hono/zod-openapi";
import { iso, isoOrNull } from "../../domain/clock.ts";
import { recordAnswer } from "../../domain/idempotency.ts";
import { listNotifications, markRead } from "../../domain/notifications/store.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";

const NotificationSchema = z
  .object({
    id: z.string(),
    kind: z.string().openapi({ description: "What happened. New kinds may come.", example: "balance_low" }),
    data: z.looseObject({}).openapi({ description: "The amounts and names of it." }),
    at: z.string(),
    readAt: z.string().nullable(),
  })
  .openapi("Notification");
const NotificationsSchema = z
  .object({
    notifications: z.array(NotificationSchema),
    nextCursor: z.string().nullable(),
    unread: z.number().int().openapi({ description: "Unread in all, on this page or not." }),
  })
  .openapi("Notifications");
const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(40).optional(),
  unread: z.enum(["true", "false"]).default("false").openapi({ description: "`true`: only what is unread." }),
});
const IDS_MAX = 200;
const ReadBody = z
  .object({
    ids: z
      .array(z.string().max(40))
      .max(IDS_MAX)
      .optional()
      .openapi({ description: "Which; without it all there are." }),
  })
  .openapi("MarkRead");

export const notificationRoutes = newRouter();
notificationRoutes.use("/v1/me/notifications", requireUser);
notificationRoutes.use("/v1/me/notifications/*", requireUser);

notificationRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/me/notifications",
    operationId: "listNotifications",
    tags: ["Wallet"],
    summary: "What you were told, newest first",
    description: "Kept for 180 days. The live channel tells each as an event of type `notification`.",
    security: [{ accessToken: [] }],
    request: { query: ListQuery },
    responses: { 200: json(NotificationsSchema, "One page."), ...problems(400, 401, 429) },
  }),
  async (c) => {
    const { limit, cursor, unread } = c.req.valid("query");
    const found = await listNotifications(c.env.DB, {
      userId: c.get("user").userId,
      limit: limit + 1,
      before: cursor ?? null,
      unreadOnly: unread === "true",
    });
    const page = found.notifications.slice(0, limit);
    return c.json(
      {
        notifications: page.map((one) => ({ ...one, at: iso(one.at), readAt: isoOrNull(one.readAt) })),
        nextCursor: found.notifications.length > limit ? page.at(-1)!.id : null,
        unread: found.unread,
      },
      200,
    );
  },
);

notificationRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/me/notifications/read",
    operationId: "readNotifications",
    tags: ["Wallet"],
    summary: "Mark as read",
    description: "Those named, or all. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("POST /v1/me/notifications/read")],
    request: { body: { required: true, content: { "application/json": { schema: ReadBody } } } },
    responses: { 200: json(z.object({ read: z.literal(true) }), "Marked."), ...problems(400, 401, 409, 429) },
  }),
  async (c) => {
    const { ids } = c.req.valid("json");
    const answer = await answerOnce(c, async () => {
      const body = { read: true as const };
      await c.env.DB.batch([
        markRead(c.env.DB, c.get("user").userId, ids ?? null, c.get("now")),
        ...(await recordAnswer(c.env.DB, c.get("idempotency"), { status: 200, body }, c.get("now"))),
      ]);
      return body;
    });
    return c.json(answer, 200);
  },
);
