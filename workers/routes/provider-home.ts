// What an app's owner looks at: use and errors in sums; the count of looks at its page; and help from an operator.

import { createRoute, z } from "@hono/zod-openapi";
import { ANALYTICS_DAYS_DEFAULT, ANALYTICS_DAYS_MAX, readAnalytics } from "../../domain/catalogue/analytics.ts";
import { ownedApp } from "../../domain/catalogue/change-app.ts";
import { countView } from "../../domain/catalogue/count-views.ts";
import { isId } from "../../domain/ids.ts";
import { helpView, requestHelp } from "../../domain/onboarding/help.ts";
import { requestsOf } from "../../domain/onboarding/store.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { limitAnonymous } from "../middleware/rate-limit.ts";
import { AnalyticsSchema, HelpRequestSchema } from "./home-schemas.ts";
import { ProviderIdParam } from "./provider-schemas.ts";
import { shownText } from "./shown-text.ts";

const MESSAGE_MAX_LENGTH = 2000;
const REQUESTS_SHOWN = 20;

export const providerHomeRoutes = newRouter();

providerHomeRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/provider/apps/{id}/analytics",
    operationId: "getAnalytics",
    tags: ["Provider"],
    summary: "How your app is used",
    description:
      "Views, starts and ends with the same time before, every day, weekly cohorts, units by meter, and what was refused. Sums only; groups of fewer than five people are null. Sandbox sessions do not count.",
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: {
      params: ProviderIdParam,
      query: z.object({
        days: z.coerce
          .number()
          .int()
          .min(1)
          .max(ANALYTICS_DAYS_MAX)
          .default(ANALYTICS_DAYS_DEFAULT)
          .openapi({ description: "So many days to now, in UTC." }),
      }),
    },
    responses: { 200: json(AnalyticsSchema, "The figures"), ...problems(400, 401, 404, 429) },
  }),
  async (c) => {
    const app = await ownedApp(c.env.DB, c.get("user").userId, c.req.valid("param").id);
    const { days } = c.req.valid("query");
    return c.json(await readAnalytics(c.env.DB, { providerId: app.id, days }, c.get("now")), 200);
  },
);

providerHomeRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/providers/{id}/view",
    operationId: "countView",
    tags: ["Catalogue"],
    summary: "Count a look at an app's page",
    description: "Adds one to the day's figure of the app and keeps nothing else: no person, no address, no time.",
    security: [],
    request: { params: ProviderIdParam },
    responses: { 204: { description: "Counted" }, ...problems(429) },
  }),
  (c) => {
    limitAnonymous(c);
    const { id } = c.req.valid("param");
    if (isId(id)) c.executionCtx.waitUntil(countView(c.env.DB, id, c.get("now")));
    return c.body(null, 204);
  },
);

const HelpBody = z
  .object({
    message: shownText(MESSAGE_MAX_LENGTH).openapi({ example: "Our app is behind a login. How do people get in?" }),
    providerId: z.string().nullish().openapi({ description: "The app it is about, if it is registered." }),
  })
  .openapi("RequestHelp");

providerHomeRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/help",
    operationId: "requestHelp",
    tags: ["Provider"],
    summary: "Ask an operator for help with your app",
    description: "One open request a person; the answer comes as a notification. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("POST /v1/provider/help")] as const,
    request: { body: { required: true, content: { "application/json": { schema: HelpBody } } } },
    responses: {
      201: json(z.object({ request: HelpRequestSchema }), "Asked"),
      ...problems(400, 401, 404, 409, 429),
    },
  }),
  async (c) => {
    const { message, providerId } = c.req.valid("json");
    const { userId } = c.get("user");
    if (providerId) await ownedApp(c.env.DB, userId, providerId);
    const it = { userId, message, providerId: providerId ?? null };
    return c.json(await answerOnce(c, () => requestHelp(c.env.DB, it, c.get("idempotency"), c.get("now"))), 201);
  },
);

providerHomeRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/provider/help",
    operationId: "listHelpRequests",
    tags: ["Provider"],
    summary: "What you asked operators, and their answers",
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    responses: {
      200: json(z.object({ requests: z.array(HelpRequestSchema) }), "Newest first"),
      ...problems(401, 429),
    },
  }),
  async (c) => {
    const requests = await requestsOf(c.env.DB, c.get("user").userId, REQUESTS_SHOWN);
    return c.json({ requests: requests.map(helpView) }, 200);
  },
);
