// People who asked for help with their app, apps that wait to be shown, and what an operator says to both.

import { createRoute, z } from "@hono/zod-openapi";
import { iso } from "../../domain/clock.ts";
import { openFlagsOf } from "../../domain/catalogue/flag-store.ts";
import { FLAG_KINDS } from "../../domain/catalogue/listing-flags.ts";
import { decideAboutApp } from "../../domain/onboarding/decide-app.ts";
import { answerHelp, helpView } from "../../domain/onboarding/help.ts";
import { openRequests, waitingApps } from "../../domain/onboarding/store.ts";
import { hintCatalogue } from "../consumers/index-catalogue.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { requireRole } from "../middleware/require-role.ts";
import { HelpRequestSchema } from "./home-schemas.ts";
import { ProviderIdParam } from "./provider-schemas.ts";
import { shownText } from "./shown-text.ts";

const SHOWN_MAX = 100;
const TEXT_MAX_LENGTH = 2000;

const OnboardingSchema = z
  .object({
    requests: z.array(HelpRequestSchema.extend({ email: z.string(), appName: z.string().nullable() })),
    apps: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        description: z.string(),
        category: z.string(),
        appUrl: z.string(),
        email: z.string().nullable(),
        review: z
          .enum(["pending", "approved"])
          .openapi({ description: "`approved`: it is in the catalogue, and its words are flagged." }),
        flags: z
          .array(z.object({ field: z.string(), kind: z.enum(FLAG_KINDS), excerpt: z.string() }))
          .openapi({ description: "What in its words speaks to machines, or is there to be found rather than read." }),
        createdAt: z.string(),
        changedAt: z.string(),
      }),
    ),
  })
  .openapi("Onboarding");
const HelpParam = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, description: "Request id (UUIDv7)." }),
});
const AnswerBody = z.object({ answer: shownText(TEXT_MAX_LENGTH) }).openapi("AnswerHelp");
const DecideBody = z
  .object({
    decision: z.enum(["approved", "rejected"]),
    reason: shownText(TEXT_MAX_LENGTH).openapi({ description: "Kept, and told to the owner." }),
  })
  .openapi("DecideApp");

export const operatorOnboardingRoutes = newRouter();
operatorOnboardingRoutes.use("/v1/operator/*", requireUser, requireRole("operator"));
const common = { tags: ["Operators"], security: [{ accessToken: [] }] as Record<string, string[]>[] };

operatorOnboardingRoutes.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/operator/onboarding",
    operationId: "listOnboarding",
    summary: "Who asked for help, which apps wait to be shown, and whose words are flagged",
    description: "Who waits longest, first; at most 100 of each.",
    responses: { 200: json(OnboardingSchema, "Both lists"), ...problems(401, 403, 429) },
  }),
  async (c) => {
    const [requests, apps] = await Promise.all([openRequests(c.env.DB, SHOWN_MAX), waitingApps(c.env.DB, SHOWN_MAX)]);
    const flags = await openFlagsOf(
      c.env.DB,
      apps.map(({ id }) => id),
    );
    return c.json(
      {
        requests: requests.map((row) => ({ ...helpView(row), email: row.email, appName: row.appName })),
        apps: apps.map(({ createdAt, updatedAt, ...app }) => ({
          ...app,
          flags: flags
            .filter(({ providerId }) => providerId === app.id)
            .map(({ field, kind, excerpt }) => ({ field, kind, excerpt })),
          createdAt: iso(createdAt),
          changedAt: iso(updatedAt),
        })),
      },
      200,
    );
  },
);

operatorOnboardingRoutes.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/operator/onboarding/{id}/answer",
    operationId: "answerHelpRequest",
    summary: "Answer a request for help",
    description: "Once; the person is notified. Takes an Idempotency-Key.",
    middleware: [idempotencyKey("POST /v1/operator/onboarding/:id/answer")] as const,
    request: { params: HelpParam, body: { required: true, content: { "application/json": { schema: AnswerBody } } } },
    responses: {
      200: json(z.object({ request: HelpRequestSchema }), "Answered"),
      ...problems(400, 401, 403, 404, 409, 429),
    },
  }),
  async (c) => {
    const it = { id: c.req.valid("param").id, operatorId: c.get("user").userId, ...c.req.valid("json") };
    return c.json(await answerOnce(c, () => answerHelp(c.env.DB, it, c.get("idempotency"), c.get("now"))), 200);
  },
);

operatorOnboardingRoutes.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/operator/apps/{id}/decide",
    operationId: "decideApp",
    summary: "Let an app into the catalogue, or not",
    description:
      "For apps that wait or are flagged. The reason is kept and told to the owner. Takes an Idempotency-Key.",
    middleware: [idempotencyKey("POST /v1/operator/apps/:id/decide")] as const,
    request: {
      params: ProviderIdParam,
      body: { required: true, content: { "application/json": { schema: DecideBody } } },
    },
    responses: {
      200: json(z.object({ id: z.string(), review: z.enum(["approved", "rejected"]) }), "Decided"),
      ...problems(400, 401, 403, 404, 409, 429),
    },
  }),
  async (c) => {
    const it = { providerId: c.req.valid("param").id, operatorId: c.get("user").userId, ...c.req.valid("json") };
    const answer = await answerOnce(c, () => decideAboutApp(c.env.DB, it, c.get("idempotency"), c.get("now")));
    c.executionCtx.waitUntil(hintCatalogue(c.env));
    return c.json(answer, 200);
  },
);
