// The settings of the marketplace, for operators: see them, change them, see who changed what.

import { createRoute, z } from "@hono/zod-openapi";
import { changeSettings, viewSettings } from "../../domain/settings/change-settings.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";

const ChangeBody = z
  .object({
    settings: z
      .record(z.string().max(60), z.unknown())
      .openapi({ type: "object", description: "By key; null puts the default back.", example: { trialTokens: 200 } }),
  })
  .openapi("ChangeSettings");
const SettingsSchema = z
  .object({
    settings: z.array(
      z.object({
        key: z.string(),
        value: z.unknown(),
        default: z.unknown(),
        about: z.string(),
        updatedAt: z.string().nullable(),
        updatedBy: z.string().nullable(),
      }),
    ),
    changes: z
      .array(
        z.object({
          key: z.string(),
          oldValue: z.unknown(),
          newValue: z.unknown(),
          changedBy: z.string(),
          at: z.string(),
        }),
      )
      .openapi({ description: "Newest first, at most 100. A null value stands for the default." }),
  })
  .openapi("Settings");

export const operatorSettingsRoutes = newRouter();
operatorSettingsRoutes.use("/v1/operator/settings", requireUser, requireRole("operator"));

operatorSettingsRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/settings",
    operationId: "operatorGetSettings",
    tags: ["Operators"],
    summary: "All settings, and who changed what",
    security: [{ accessToken: [] }],
    responses: { 200: json(SettingsSchema, "The settings."), ...problems(401, 403, 429) },
  }),
  async (c) => c.json(await viewSettings(c.env.DB), 200),
);

operatorSettingsRoutes.openapi(
  createRoute({
    method: "put",
    path: "/v1/operator/settings",
    operationId: "operatorChangeSettings",
    tags: ["Operators"],
    summary: "Change settings",
    description:
      "Changes the settings that are named, all or none of them, and writes down who did it. They reach every request within 30 seconds. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [idempotencyKey("PUT /v1/operator/settings")],
    request: { body: { required: true, content: { "application/json": { schema: ChangeBody } } } },
    responses: { 200: json(SettingsSchema, "All settings after it."), ...problems(400, 401, 403, 409, 429) },
  }),
  async (c) => {
    const { settings: changes } = c.req.valid("json");
    const claim = c.get("idempotency");
    const answer = await answerOnce(c, () =>
      changeSettings(c.env.DB, { changes, userId: c.get("user").userId, claim }, c.get("now")),
    );
    return c.json(answer, 200);
  },
);
