// What the owner of an app does with its price: publish, announce, take back, and try a second one.

import { createRoute, z } from "@hono/zod-openapi";
import { ownedApp } from "../../domain/catalogue/change-app.ts";
import {
  KEEP_DAYS_MAX,
  publishPrice,
  startExperiment,
  stopExperiment,
  TRIAL_MINUTES_MAX,
  withdrawPrice,
} from "../../domain/catalogue/change-price.ts";
import { experimentArms, type ArmRow } from "../../domain/catalogue/experiment-store.ts";
import { iso, isoOrNull } from "../../domain/clock.ts";
import { readPublicJwk } from "../../domain/sessions/provider-quote.ts";
import { setQuoteKey } from "../../domain/sessions/quote-store.ts";
import type { PriceComponent } from "../../domain/pricing/components.ts";
import { json, newRouter, problems } from "../http.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { answerOnce, answerRepeatable, idempotencyKey } from "../middleware/idempotency-key.ts";
import { priceFields, PricingOutput } from "./pricing-schemas.ts";
import { OwnedDetailSchema, ProviderIdParam } from "./provider-schemas.ts";

const EXPERIMENTS_SHOWN = 20;

const trialMinutes = z
  .number()
  .int()
  .min(0)
  .max(TRIAL_MINUTES_MAX)
  .nullish()
  .openapi({ description: "Free active minutes, once for each person." });

const PublishBody = z
  .object({
    ...priceFields,
    effectiveAt: z.iso
      .datetime({ offset: true })
      .nullish()
      .openapi({ description: "When it starts; absent: at once." }),
    keepOldPriceDays: z.number().int().min(0).max(KEEP_DAYS_MAX).nullish().openapi({
      description: "So long after the start people who used the app before keep the older price.",
    }),
    trialMinutes,
  })
  .openapi("PublishPrice");
const PublishedAnswer = z
  .object({
    provider: OwnedDetailSchema,
    price: z.object({
      priceVersionId: z.string(),
      effectiveAt: z.string().nullable(),
      keepUntil: z.string().nullable(),
      trialSeconds: z.number().int(),
    }),
  })
  .openapi("PublishedPrice");

const ExperimentBody = z
  .object({
    ...priceFields,
    trialMinutes,
    testSharePercent: z.number().min(1).max(99).default(50).openapi({ description: "Of people, who get this price." }),
  })
  .openapi("StartExperiment");
const StartedAnswer = z
  .object({
    experiment: z.object({
      id: z.string(),
      basePriceVersionId: z.string(),
      testPriceVersionId: z.string(),
      testSharePercent: z.number(),
    }),
  })
  .openapi("StartedExperiment");
const ArmSchema = z.object({
  arm: z.enum(["base", "test"]),
  priceVersionId: z.string(),
  pricing: PricingOutput,
  people: z.number().int().openapi({ description: "Who started at least one session." }),
  sessions: z.number().int(),
  settledSessions: z.number().int(),
  activeSeconds: z.number().int(),
  grossTokens: z.number().int(),
  feeTokens: z.number().int(),
  shareTokens: z.number().int().openapi({ description: "Yours." }),
});
const ExperimentsAnswer = z
  .object({
    experiments: z.array(
      z.object({
        id: z.string(),
        startedAt: z.string(),
        stoppedAt: z.string().nullable(),
        stopReason: z.enum(["stopped", "price_changed"]).nullable(),
        testSharePercent: z.number(),
        arms: z.array(ArmSchema),
      }),
    ),
  })
  .openapi("Experiments");

const WithdrawBody = z.object({ priceVersionId: z.string() }).openapi("WithdrawPrice");

const QuoteKeyBody = z
  .object({
    jwk: z
      .object({ kty: z.string(), crv: z.string(), x: z.string(), y: z.string() })
      .openapi({ description: "Public P-256 key. `createQuoteKey` of the server SDK makes a pair." }),
  })
  .openapi("SetQuoteKey");

export const providerPriceRoutes = newRouter();

providerPriceRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/apps/{id}/prices",
    operationId: "publishPrice",
    summary: "Give an app a new price",
    description:
      "Makes a new version that never changes again, now or from `effectiveAt` on. Sessions already made, and their extensions, keep theirs. Takes an Idempotency-Key.",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("POST /v1/provider/apps/:id/prices")] as const,
    request: {
      params: ProviderIdParam,
      body: { required: true, content: { "application/json": { schema: PublishBody } } },
    },
    responses: {
      201: json(PublishedAnswer, "The app, and its new price"),
      ...problems(400, 401, 404, 409, 422, 429),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { effectiveAt, ...wish } = c.req.valid("json");
    const price = { ...wish, effectiveAt: effectiveAt ? Date.parse(effectiveAt) : null };
    const answer = await answerOnce(c, () =>
      publishPrice(c.env.DB, c.get("user"), id, price, c.get("idempotency"), c.get("now")),
    );
    return c.json(answer, 201);
  },
);

providerPriceRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/apps/{id}/prices/withdraw",
    operationId: "withdrawPrice",
    summary: "Take an announced price back",
    description: "Only before it starts. It stays in the history as withdrawn. Takes an Idempotency-Key.",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("POST /v1/provider/apps/:id/prices/withdraw")] as const,
    request: {
      params: ProviderIdParam,
      body: { required: true, content: { "application/json": { schema: WithdrawBody } } },
    },
    responses: {
      200: json(z.object({ priceVersionId: z.string(), withdrawn: z.literal(true) }), "It will not start"),
      ...problems(400, 401, 404, 409, 429),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { priceVersionId } = c.req.valid("json");
    const answer = await answerRepeatable(c, () =>
      withdrawPrice(c.env.DB, c.get("user"), id, priceVersionId, c.get("now")),
    );
    return c.json(answer, 200);
  },
);

providerPriceRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/apps/{id}/experiments",
    operationId: "startExperiment",
    summary: "Try a second price beside the first",
    description:
      "A part of people gets this price, always the same ones; everybody is told that there are two. One test an app at a time; a new list price ends it. Takes an Idempotency-Key.",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("POST /v1/provider/apps/:id/experiments")] as const,
    request: {
      params: ProviderIdParam,
      body: { required: true, content: { "application/json": { schema: ExperimentBody } } },
    },
    responses: { 201: json(StartedAnswer, "The test runs"), ...problems(400, 401, 404, 409, 422, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const wish = c.req.valid("json");
    const answer = await answerOnce(c, () =>
      startExperiment(c.env.DB, c.get("user"), id, wish, c.get("idempotency"), c.get("now")),
    );
    return c.json(answer, 201);
  },
);

providerPriceRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/apps/{id}/experiments/stop",
    operationId: "stopExperiment",
    summary: "End the running price test",
    description: "Everybody gets the list price again; sessions already made keep theirs. Safe to repeat.",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("POST /v1/provider/apps/:id/experiments/stop")] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(ExperimentsAnswer, "The tests of the app"), ...problems(401, 404, 409, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const answer = await answerRepeatable(c, async () => {
      await stopExperiment(c.env.DB, c.get("user"), id, c.get("now"));
      return { experiments: experimentsView(await experimentArms(c.env.DB, id, EXPERIMENTS_SHOWN)) };
    });
    return c.json(answer, 200);
  },
);

providerPriceRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/provider/apps/{id}/experiments",
    operationId: "listExperiments",
    summary: "What each price of a test brought in",
    description: "From settled sessions that were started in the test; your own sessions do not count.",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(ExperimentsAnswer, "Newest first"), ...problems(401, 404, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    await ownedApp(c.env.DB, c.get("user").userId, id);
    return c.json({ experiments: experimentsView(await experimentArms(c.env.DB, id, EXPERIMENTS_SHOWN)) }, 200);
  },
);

providerPriceRoutes.openapi(
  createRoute({
    method: "put",
    path: "/v1/provider/apps/{id}/quote-key",
    operationId: "setQuoteKey",
    summary: "Register the key your app signs quotes with",
    description:
      "For prices with the model `dynamic`: a session can be started with your signed quote, whose cap is held and never exceeded. Replaces the key before it.",
    tags: ["Provider"],
    security: [{ accessToken: [] }],
    middleware: [requireUser, idempotencyKey("PUT /v1/provider/apps/:id/quote-key")] as const,
    request: {
      params: ProviderIdParam,
      body: { required: true, content: { "application/json": { schema: QuoteKeyBody } } },
    },
    responses: {
      200: json(z.object({ providerId: z.string(), setAt: z.string() }), "The key counts from now on"),
      ...problems(400, 401, 404, 409, 429),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const jwk = await readPublicJwk(c.req.valid("json").jwk);
    const answer = await answerRepeatable(c, async () => {
      await ownedApp(c.env.DB, c.get("user").userId, id);
      await setQuoteKey(c.env.DB, id, jwk, c.get("now"));
      return { providerId: id, setAt: iso(c.get("now")) };
    });
    return c.json(answer, 200);
  },
);

function experimentsView(rows: readonly ArmRow[]): z.infer<typeof ExperimentsAnswer>["experiments"] {
  const tests = Map.groupBy(rows, (row) => row.id);
  return [...tests.values()].map((arms) => {
    const { id, startedAt, stoppedAt, stopReason, testShareBasisPoints } = arms[0]!;
    return {
      id,
      startedAt: iso(startedAt),
      stoppedAt: isoOrNull(stoppedAt),
      stopReason,
      testSharePercent: testShareBasisPoints / 100,
      arms: arms.map(({ arm, priceVersionId, components, people, sessions, settledSessions, ...sums }) => ({
        arm,
        priceVersionId,
        pricing: JSON.parse(components) as PriceComponent[],
        people,
        sessions,
        settledSessions,
        activeSeconds: sums.activeSeconds,
        grossTokens: sums.grossTokens,
        feeTokens: sums.feeTokens,
        shareTokens: sums.shareTokens,
      })),
    };
  });
}
