// What a signed-in person is recommended, and what they do not want to see again.

import { createRoute, z } from "@hono/zod-openapi";
import { cardOf } from "../../domain/catalogue/app.ts";
import { EMBEDDED_MODEL } from "../../domain/discovery/encoder/encoder.ts";
import type { CatalogueSearch } from "../../domain/discovery/index-query.ts";
import { MONTH_DAYS, recommend, USE_DAYS, type Recommendation } from "../../domain/recommendations/recommend.ts";
import { dismissStatements, PEOPLE_MIN } from "../../domain/recommendations/store.ts";
import { recordAnswer } from "../../domain/idempotency.ts";
import { catalogueIndex } from "../catalogue-index.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { CardSchema } from "./provider-schemas.ts";

const appName = { appId: z.string(), appName: z.string() };
const tokens = { sessions: z.number().int(), paidTokens: z.number().int(), wouldTokens: z.number().int() };
const shared = { id: z.string(), provider: CardSchema };
const RecommendationSchema = z
  .discriminatedUnion("kind", [
    z
      .object({
        ...shared,
        kind: z.literal("together"),
        because: z.object({ ...appName, people: z.number().int(), of: z.number().int() }),
      })
      .openapi({
        description: `Of the people who use \`appId\`, how many also use this. Never fewer than ${PEOPLE_MIN}.`,
      }),
    z
      .object({
        ...shared,
        kind: z.literal("cheaper"),
        because: z.object({ ...appName, ...tokens, days: z.number().int(), says: z.string(), otherSays: z.string() }),
      })
      .openapi({ description: "Your own sessions with `appId` at this app's price, and what both say they do." }),
    z
      .object({
        ...shared,
        kind: z.literal("plan"),
        because: z.object({
          ...appName,
          ...tokens,
          days: z.number().int(),
          planId: z.string(),
          planName: z.string(),
          monthCents: z.number().int(),
          includedTokens: z.number().int(),
        }),
      })
      .openapi({ description: "A monthly plan of an app you use, for what you used in the last month." }),
  ])
  .openapi("Recommendation");
const RecommendationsSchema = z.object({ recommendations: z.array(RecommendationSchema) }).openapi("Recommendations");

const ID = /^(together:[\w-]{1,64}|cheaper:[\w-]{1,64}:[\w-]{1,64}|plan:[\w-]{1,64})$/;

export const recommendationRoutes = newRouter();

recommendationRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/recommendations",
    operationId: "listRecommendations",
    summary: "What goes with the apps you use, and what would cost you less",
    description: `From your settled sessions of the last ${USE_DAYS} days and counts of what people use together (docs/recommendations.md). Each says why. Nobody can pay for a place.`,
    tags: ["Catalogue"],
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: {
      query: z.object({
        after: z.string().max(64).optional().openapi({ description: "Only what follows from your use of this app." }),
      }),
    },
    responses: {
      200: json(RecommendationsSchema, "Best first; none for who has used nothing yet."),
      ...problems(400, 401, 429),
    },
  }),
  async (c) => {
    const index = catalogueIndex(c.env) as unknown as CatalogueSearch;
    const whom = { userId: c.get("user").userId, afterAppId: c.req.valid("query").after ?? null };
    const found = await recommend(c.env.DB, index, EMBEDDED_MODEL, whom, c.get("now"));
    return c.json({ recommendations: found.map(view) }, 200);
  },
);

recommendationRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/recommendations/{id}/dismiss",
    operationId: "dismissRecommendation",
    summary: "Do not show this again",
    description: "Kept with your account until it is deleted. Takes an Idempotency-Key.",
    tags: ["Catalogue"],
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("POST /v1/recommendations/:id/dismiss")] as const,
    request: { params: z.object({ id: z.string().regex(ID, "is no id of a recommendation") }) },
    responses: {
      200: json(z.object({ dismissed: z.literal(true) }), "It is not shown again."),
      ...problems(400, 401, 409, 429),
    },
  }),
  async (c) => {
    const body = { dismissed: true as const };
    const { id } = c.req.valid("param");
    const answer = await answerOnce(c, async () => {
      await c.env.DB.batch([
        ...dismissStatements(c.env.DB, c.get("user").userId, id, c.get("now")),
        ...(await recordAnswer(c.env.DB, c.get("idempotency"), { status: 200, body }, c.get("now"))),
      ]);
      return body;
    });
    return c.json(answer, 200);
  },
);

function view({ app, ...it }: Recommendation): z.infer<typeof RecommendationSchema> {
  const provider = cardOf(app);
  switch (it.kind) {
    case "together":
      return { ...it, provider };
    case "cheaper":
      return { ...it, provider, because: { ...it.because, days: USE_DAYS } };
    case "plan":
      return { ...it, provider, because: { ...it.because, days: MONTH_DAYS } };
  }
}
