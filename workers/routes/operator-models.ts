// What language models are asked and what they used, for operators. What is asked is changed in the settings.

import { createRoute, z } from "@hono/zod-openapi";
import { selectUse } from "../../domain/models/budget-store.ts";
import { readSettings } from "../../domain/settings/read-settings.ts";
import { json, newRouter, problems } from "../http.ts";
import { modelsInOrder } from "../language-model.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { requireRole } from "../middleware/require-role.ts";

const DAYS_SHOWN = 30;

const ModelsSchema = z
  .object({
    engine: z.enum(["workers-ai", "openai-compatible", "embedded"]).openapi({
      description: "`embedded`: no model is asked; rules and sentences of our own answer.",
    }),
    models: z.array(z.string()).openapi({ description: "In the order they are asked in the chat." }),
    embeddingModel: z.string().nullable().openapi({ description: "Beside our own encoder; null is our own alone." }),
    reranks: z.boolean(),
    neuronsPerDay: z.number().int(),
    neuronsPerPersonPerDay: z.number().int(),
    days: z
      .array(
        z.object({
          day: z.string(),
          neurons: z.number().openapi({ description: "Reserved ones of calls that never ended included." }),
          calls: z.number().int(),
          askers: z.number().int().nullable().openapi({ description: "Null once who asked is forgotten." }),
        }),
      )
      .openapi({ description: "UTC, newest first." }),
  })
  .openapi("LanguageModels");

export const operatorModelRoutes = newRouter();
operatorModelRoutes.use("/v1/operator/models", requireUser, requireRole("operator"));

operatorModelRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/operator/models",
    operationId: "operatorLanguageModels",
    tags: ["Operators"],
    summary: "Which language models are asked, and what they used",
    description: "Neurons are the unit Workers AI counts in. The budgets and the order are settings.",
    security: [{ accessToken: [] }],
    responses: { 200: json(ModelsSchema, "Models and the last thirty days."), ...problems(401, 403, 429) },
  }),
  async (c) => {
    const settings = await readSettings(c.env.DB, c.get("now"));
    const { engine, models } = modelsInOrder(c.env, settings);
    const days = await selectUse(c.env.DB, DAYS_SHOWN);
    return c.json(
      {
        engine,
        models,
        embeddingModel: c.env.AI_EMBEDDING_MODEL || null,
        reranks: settings.rerankSearches,
        neuronsPerDay: settings.modelNeuronsPerDay,
        neuronsPerPersonPerDay: settings.modelNeuronsPerPersonPerDay,
        days: days.map(({ day, milliNeurons, calls, askers }) => ({
          day,
          neurons: milliNeurons / 1_000,
          calls,
          askers: askers > 0 ? askers : null,
        })),
      },
      200,
    );
  },
);
