// What people say of an app, the owner's answers, and what the marketplace measured of it (the truth card).

import { createRoute, z } from "@hono/zod-openapi";
import {
  answer,
  readOwnReview,
  readReviews,
  review,
  REVIEW_ANSWER_MAX_LENGTH,
  REVIEW_TEXT_MAX_LENGTH,
  withdrawReview,
} from "../../domain/reviews/reviews.ts";
import { readTruthCard, TRUTH_DAYS } from "../../domain/reviews/truth.ts";
import { hintCatalogue } from "../consumers/index-catalogue.ts";
import { json, newRouter, problems } from "../http.ts";
import { optionalUser, requireUser } from "../middleware/authenticate.ts";
import { answerOnce, idempotencyKey } from "../middleware/idempotency-key.ts";
import { publicApp } from "./providers.ts";
import { ProviderIdParam } from "./provider-schemas.ts";
import { shownText } from "./shown-text.ts";

export const ReviewSchema = z
  .object({
    id: z.string(),
    rating: z.number().int().min(1).max(5),
    text: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
    sessions: z
      .number()
      .int()
      .openapi({ description: "How often the writer paid for this app: all that is told of them." }),
    answer: z.string().nullable().openapi({ description: "The owner's." }),
    answeredAt: z.string().nullable(),
  })
  .openapi("AppReview");
const PageSchema = z
  .object({
    average: z.number().nullable(),
    count: z.number().int(),
    stars: z.array(z.number().int()).length(5).openapi({ description: "How many gave one star, two, ... five." }),
    reviews: z.array(ReviewSchema),
    nextCursor: z.string().nullable(),
  })
  .openapi("AppReviews");
const ReviewBody = z
  .object({
    rating: z.number().int().min(1).max(5),
    text: shownText(REVIEW_TEXT_MAX_LENGTH).nullish().openapi({ description: "Optional; shown to everybody." }),
  })
  .openapi("WriteReview");
const AnswerBody = z
  .object({
    text: shownText(REVIEW_ANSWER_MAX_LENGTH).nullable().openapi({ description: "Null takes the answer back." }),
  })
  .openapi("AnswerReview");
const share = z.object({
  count: z.number().int(),
  of: z.number().int(),
  rate: z.number().nullable().openapi({ description: "Null where `of` is under `minimumSessions`." }),
});
const TruthSchema = z
  .object({
    providerId: z.string(),
    measuredAt: z.string().nullable(),
    since: z.string().nullable(),
    minimumSessions: z.number().int(),
    startSuccess: share.openapi({ description: "Opened sessions whose app took the launch in time." }),
    handshakeP95Ms: z
      .number()
      .int()
      .nullable()
      .openapi({ description: "From the click to the running meter, for 95 of 100 starts." }),
    completion: share.openapi({ description: "Sessions that ended in order: neither failed nor left behind." }),
    providerErrors: share.openapi({ description: "Sessions ended by a fault of the app; they cost nothing." }),
    disputes: share.openapi({ description: "Sessions somebody reported a problem with." }),
    refunds: share.openapi({ description: "Sessions of which tokens were given back after that." }),
    priceChanges: z.object({ count: z.number().int(), lastAt: z.string().nullable() }),
  })
  .openapi("TruthCard");
const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(80).optional().openapi({ description: "`nextCursor` of the page before." }),
});

export const appReviewRoutes = newRouter();

appReviewRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers/{id}/truth",
    operationId: "getTruthCard",
    tags: ["Catalogue"],
    summary: "What the marketplace measured of an app",
    description: `The last ${TRUTH_DAYS} days, counted anew every hour. Nobody can write or buy any of it.`,
    security: [],
    middleware: [optionalUser] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(z.object({ truth: TruthSchema }), "The card"), ...problems(401, 404, 429) },
  }),
  async (c) => {
    const app = await publicApp(c, c.req.valid("param").id);
    return c.json({ truth: await readTruthCard(c.env.DB, app.id) }, 200);
  },
);

appReviewRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers/{id}/reviews",
    operationId: "listAppReviews",
    tags: ["Catalogue"],
    summary: "What people who paid for an app say of it",
    description: "Newest first.",
    security: [],
    middleware: [optionalUser] as const,
    request: { params: ProviderIdParam, query: ListQuery },
    responses: { 200: json(PageSchema, "One page, and how all of them rate it"), ...problems(400, 401, 404, 429) },
  }),
  async (c) => {
    const app = await publicApp(c, c.req.valid("param").id);
    const { limit, cursor } = c.req.valid("query");
    return c.json(await readReviews(c.env.DB, app.id, { limit, cursor: cursor ?? null }), 200);
  },
);

appReviewRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers/{id}/reviews/mine",
    operationId: "getOwnReview",
    tags: ["Catalogue"],
    summary: "Your review of an app, and whether you may write one",
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: { params: ProviderIdParam },
    responses: {
      200: json(
        z
          .object({
            review: ReviewSchema.nullable(),
            mayReview: z.boolean().openapi({ description: "You paid for a settled session of it." }),
            hiddenReason: z.string().nullable().openapi({ description: "Why an operator took it out of sight." }),
          })
          .openapi("OwnReview"),
        "Yours",
      ),
      ...problems(401, 404, 429),
    },
  }),
  async (c) => {
    const { id: providerId } = c.req.valid("param");
    return c.json(await readOwnReview(c.env.DB, { providerId, userId: c.get("user").userId }), 200);
  },
);

appReviewRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/providers/{id}/reviews",
    operationId: "writeReview",
    tags: ["Catalogue"],
    summary: "Review an app you paid for",
    description:
      "One a person and app: writing again rewrites it. 422 `review_needs_session` without a settled session that cost you something. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("POST /v1/providers/:id/reviews")] as const,
    request: {
      params: ProviderIdParam,
      body: { required: true, content: { "application/json": { schema: ReviewBody } } },
    },
    responses: {
      200: json(z.object({ review: ReviewSchema }), "As it is shown"),
      ...problems(400, 401, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const app = await publicApp(c, c.req.valid("param").id);
    const { rating, text = null } = c.req.valid("json");
    const words = { providerId: app.id, userId: c.get("user").userId, rating, text, claim: c.get("idempotency") };
    const answered = await answerOnce(c, () => review(c.env.DB, words, c.get("now")));
    c.executionCtx.waitUntil(hintCatalogue(c.env));
    return c.json(answered, 200);
  },
);

appReviewRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/v1/providers/{id}/reviews/mine",
    operationId: "withdrawReview",
    tags: ["Catalogue"],
    summary: "Take your review back",
    description: "Repeatable. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("DELETE /v1/providers/:id/reviews/mine")] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(z.object({ removed: z.literal(true) }), "It is gone"), ...problems(401, 409, 429) },
  }),
  async (c) => {
    const of = { providerId: c.req.valid("param").id, userId: c.get("user").userId, claim: c.get("idempotency") };
    const answered = await answerOnce(c, () => withdrawReview(c.env.DB, of, c.get("now")));
    c.executionCtx.waitUntil(hintCatalogue(c.env));
    return c.json(answered, 200);
  },
);

appReviewRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/reviews/{id}/answer",
    operationId: "answerReview",
    tags: ["Provider"],
    summary: "Answer a review of your app",
    description: "One answer a review; writing again rewrites it, null takes it back. Takes an Idempotency-Key.",
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("POST /v1/provider/reviews/:id/answer")] as const,
    request: {
      params: z.object({
        id: z
          .string()
          .max(40)
          .openapi({ param: { name: "id", in: "path" }, description: "The review." }),
      }),
      body: { required: true, content: { "application/json": { schema: AnswerBody } } },
    },
    responses: {
      200: json(z.object({ review: ReviewSchema }), "The review with your answer"),
      ...problems(400, 401, 404, 409, 429),
    },
  }),
  async (c) => {
    const { id: reviewId } = c.req.valid("param");
    const { text } = c.req.valid("json");
    const words = { ownerId: c.get("user").userId, reviewId, text, claim: c.get("idempotency") };
    return c.json(await answerOnce(c, () => answer(c.env.DB, words, c.get("now"))), 200);
  },
);
