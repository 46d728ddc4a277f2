// What an app costs, for anyone: a quote before the start, and every price it ever had. Nobody has to be signed in; who is,
// gets the price that is theirs (an older one they keep, their side of a price test, free minutes, a plan).

import { createRoute, z } from "@hono/zod-openapi";
import { isPublic } from "../../domain/catalogue/app.ts";
import { loadForSession, type ProviderForSession } from "../../domain/catalogue/load-for-session.ts";
import { nextPriceAfter, type Offer } from "../../domain/catalogue/offer.ts";
import { priceHistory, type HistoryRow } from "../../domain/catalogue/price-store.ts";
import { findApp } from "../../domain/catalogue/store.ts";
import { termsFor } from "../../domain/catalogue/terms.ts";
import { iso, isoOrNull, type Millis } from "../../domain/clock.ts";
import { DomainError } from "../../domain/errors.ts";
import { isId } from "../../domain/ids.ts";
import { readSubject } from "../../domain/catalogue/price-store.ts";
import { readPlanLeft } from "../../domain/sessions/plan-store.ts";
import { acceptQuote, QUOTE_LENGTH_MAX } from "../../domain/sessions/provider-quote.ts";
import { PRICE_MODELS } from "../../domain/pricing/price.ts";
import { quote } from "../../domain/pricing/quote.ts";
import { DURATION_MAX_SECONDS, DURATION_MIN_SECONDS } from "../../sdk/src/protocol/session.ts";
import { json, newRouter, problems } from "../http.ts";
import { optionalUser } from "../middleware/authenticate.ts";
import { PricingOutput } from "./pricing-schemas.ts";
import { ProviderIdParam } from "./provider-schemas.ts";

const USAGE_METERS_MAX = 24;
const HISTORY_MAX = 100;

const QuoteBody = z
  .object({
    durationSeconds: z.number().int().openapi({ description: "300 to 10,800.", example: 3600 }),
    usage: z
      .record(z.string().max(64), z.union([z.number(), z.string().max(32)]))
      .refine((usage) => Object.keys(usage).length <= USAGE_METERS_MAX, `at most ${USAGE_METERS_MAX} meters`)
      .nullish()
      .openapi({
        description: "Units by meter; meters left out count as not used.",
        example: { hour: "0.5" },
      }),
    providerQuote: z.string().max(QUOTE_LENGTH_MAX).nullish().openapi({
      description: "The app's signed quote, to see what it would hold. A quote for one person needs them signed in.",
    }),
  })
  .openapi("QuoteRequest");

const PricedVersion = z.object({ priceVersionId: z.string(), pricing: PricingOutput });
const OfferSchema = z
  .object({
    because: z.enum(["list", "kept", "experiment"]).openapi({
      description: "`kept`: an older price is still yours. `experiment`: two prices are being tried.",
    }),
    keptUntil: z.string().nullable(),
    listPriceVersionId: z.string(),
    trial: z
      .object({
        seconds: z.number().int().openapi({ description: "Free once for each person." }),
        leftSeconds: z.number().int().nullable().openapi({ description: "Yours; null when you are not signed in." }),
      })
      .nullable(),
    experiment: z
      .object({
        id: z.string(),
        startedAt: z.string(),
        arm: z.enum(["base", "test"]).nullable().openapi({ description: "Yours; null when you are not signed in." }),
        prices: z.array(
          PricedVersion.extend({ arm: z.enum(["base", "test"]), sharePercent: z.number() }).openapi({
            description: "Both prices, and the part of people who get each.",
          }),
        ),
      })
      .nullable(),
    next: PricedVersion.extend({ effectiveAt: z.string() })
      .nullable()
      .openapi({ description: "The next announced price." }),
  })
  .openapi("Offer");

const tokens = z.number().int();
const QuoteAnswer = z
  .object({
    heldTokens: tokens.openapi({ description: "Set aside at the start: the most this can cost." }),
    includedTokens: tokens.openapi({
      description: "Of heldTokens, included in your plan for this app as it stands; your wallet holds the rest.",
    }),
    planLeftTokens: tokens.openapi({ description: "All that is left of your plan for this app; 0 without one." }),
    likelyTokens: tokens.openapi({
      description: "The median of real sessions; with too few of them the full duration with all the use it holds for.",
    }),
    likely: z
      .union([
        z.object({
          basis: z.literal("sessions"),
          sessions: tokens,
          lowTokens: tokens,
          medianTokens: tokens,
          highTokens: tokens,
        }),
        z.object({ basis: z.literal("too_few"), sessions: tokens, sessionsMin: tokens }),
      ])
      .openapi({ description: "Settled sessions of the last 90 days at this price and of about this length." }),
    providerShareTokens: tokens.openapi({ description: "Of heldTokens." }),
    platformFeeTokens: tokens.openapi({ description: "Of heldTokens; share and fee add up to it." }),
    feeBasisPoints: z.number().int(),
    rebateTokens: tokens.openapi({ description: "Given back of the fee by your plan; heldTokens is less by it." }),
    rebateBasisPoints: z.number().int().openapi({ description: "Of the platform's fee, given back by your plan." }),
    trialSeconds: tokens.openapi({ description: "Active seconds at the start that cost you nothing." }),
    stats: z
      .array(
        z.object({
          bucketSeconds: tokens,
          sessions: tokens,
          lowTokens: tokens,
          medianTokens: tokens,
          highTokens: tokens,
        }),
      )
      .openapi({ description: "What `likely` is taken from, for each group of lengths up to `bucketSeconds`." }),
    money: z
      .object({
        currency: z.string(),
        heldCents: tokens,
        likelyCents: tokens,
        providerShareCents: tokens,
        platformFeeCents: tokens,
      })
      .openapi({ description: "The same at list price." }),
    priceVersionId: z.string(),
    pricing: PricingOutput,
    offer: OfferSchema,
    providerQuote: z
      .object({ meter: z.string(), cap: z.string(), description: z.string().nullable(), expiresAt: z.string() })
      .nullable()
      .openapi({ description: "What the app's signed quote says, where one was sent." }),
    lines: z.array(
      z.object({
        meter: z.string(),
        model: z.enum(PRICE_MODELS as [(typeof PRICE_MODELS)[number]]),
        capUnits: z.string().openapi({ description: "Units held for." }),
        maxAmount: z.string().openapi({ description: "The exact most they can cost, in tokens." }),
        firstUnitAmount: z.string().openapi({ description: "What the first unit costs, in tokens." }),
        adds: z
          .object({ unit: z.string(), amount: z.string() })
          .openapi({ description: "What the first minute, or the first unit, adds: to the nearest 1e-12 token." }),
      }),
    ),
    usageTokens: tokens.optional().openapi({ description: "Exactly what `usage` would be charged." }),
    usageLines: z
      .array(z.object({ meter: z.string(), quantity: z.string(), amount: z.string(), cappedAt: z.string().nullable() }))
      .optional(),
  })
  .openapi("Quote");

const HistorySchema = z
  .object({
    providerId: z.string(),
    prices: z.array(
      PricedVersion.extend({
        state: z.enum(["current", "announced", "past", "withdrawn", "test"]),
        effectiveAt: z.string(),
        until: z.string().nullable().openapi({ description: "When the next price started; null while it counts." }),
        keepUntil: z.string().nullable().openapi({
          description: "Until then people who used the app before keep the price before this one.",
        }),
        trialSeconds: z.number().int(),
        feeBasisPoints: z.number().int(),
        publishedAt: z.string(),
      }),
    ),
  })
  .openapi("PriceHistory");

export const priceRoutes = newRouter();

priceRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/providers/{id}/quote",
    operationId: "quoteProvider",
    summary: "Ask what a session would cost",
    description:
      "Worked out by the same functions that hold and settle. Signed in, it is your own price. Holds nothing and promises nothing for long.",
    tags: ["Catalogue"],
    security: [],
    middleware: [optionalUser] as const,
    request: {
      params: ProviderIdParam,
      body: { required: true, content: { "application/json": { schema: QuoteBody } } },
    },
    responses: { 200: json(QuoteAnswer, "The price"), ...problems(400, 401, 404, 422, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { durationSeconds, usage, providerQuote } = c.req.valid("json");
    const app = isId(id) ? await loadForSession(c.env.DB, id, c.get("now")) : null;
    if (!app || app.review !== "approved") throw notFound();
    if (durationSeconds < DURATION_MIN_SECONDS || durationSeconds > DURATION_MAX_SECONDS)
      throw new DomainError(
        "duration_out_of_range",
        "A session lasts from 5 to 180 minutes. Ask for one in that range.",
      );
    const viewer = c.get("viewer");
    const offered = await termsFor(c.env.DB, app, viewer && { userId: viewer.userId }, c.get("now"));
    if (!offered) throw notFound();
    const { offer } = offered;
    const signed = providerQuote
      ? await acceptQuote(
          c.env,
          providerQuote,
          {
            providerId: app.id,
            subject: viewer && (await readSubject(c.env.DB, viewer.userId, app.id)),
            components: offered.terms.components,
          },
          c.get("now"),
        )
      : null;
    const terms = signed ? { ...offered.terms, components: signed.components } : offered.terms;
    const stats = app.stats.filter(({ priceVersionId }) => priceVersionId === offer.version.id);
    const quoted = quote({ ...terms, durationSeconds, usage, stats });
    const planLeftTokens = viewer
      ? await readPlanLeft(c.env.DB, { userId: viewer.userId, providerId: app.id }, c.get("now"))
      : 0;
    return c.json(
      {
        ...quoted,
        includedTokens: Math.min(quoted.heldTokens, planLeftTokens),
        planLeftTokens,
        priceVersionId: offer.version.id,
        pricing: terms.components,
        providerQuote: signed && {
          meter: signed.meter,
          cap: signed.cap,
          description: signed.description,
          expiresAt: iso(signed.expiresAt),
        },
        rebateBasisPoints: terms.rebateBasisPoints,
        stats: stats.map(({ bucketSeconds, sessions, lowTokens, medianTokens, highTokens }) => ({
          bucketSeconds,
          sessions,
          lowTokens,
          medianTokens,
          highTokens,
        })),
        offer: offerView(app, offer, viewer ? terms.trialSeconds : null, c.get("now")),
      },
      200,
    );
  },
);

priceRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers/{id}/prices",
    operationId: "listPrices",
    summary: "Every price an app has had",
    description: "Newest first, announced and withdrawn ones included. A version never changes.",
    tags: ["Catalogue"],
    security: [],
    middleware: [optionalUser] as const,
    request: { params: ProviderIdParam },
    responses: { 200: json(HistorySchema, "The history"), ...problems(401, 404, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const app = isId(id) ? await findApp(c.env.DB, id) : null;
    const mayLook = app && (isPublic(app) || c.get("viewer")?.userId === app.ownerUserId);
    if (!mayLook) throw notFound();
    const rows = await priceHistory(c.env.DB, id, HISTORY_MAX);
    return c.json({ providerId: id, prices: historyView(rows, c.get("now")) }, 200);
  },
);

function offerView(
  app: ProviderForSession,
  offer: Offer,
  leftSeconds: number | null,
  now: Millis,
): z.infer<typeof OfferSchema> {
  const { experiment, version, list } = offer;
  const next = nextPriceAfter(app.prices.versions, now);
  const testShare = (experiment?.testShareBasisPoints ?? 0) / 100;
  return {
    because: offer.because,
    keptUntil: isoOrNull(offer.keptUntil),
    listPriceVersionId: list.id,
    trial: version.trialSeconds > 0 ? { seconds: version.trialSeconds, leftSeconds } : null,
    experiment: experiment && {
      id: experiment.id,
      startedAt: iso(experiment.startedAt),
      arm: experiment.arm,
      prices: [
        { arm: "base" as const, priceVersionId: list.id, pricing: list.components, sharePercent: 100 - testShare },
        {
          arm: "test" as const,
          priceVersionId: experiment.test.id,
          pricing: experiment.test.components,
          sharePercent: testShare,
        },
      ],
    },
    next: next && { priceVersionId: next.id, pricing: next.components, effectiveAt: iso(next.effectiveAt) },
  };
}

/** Each list price counts until the next one that was not withdrawn has started. */
function historyView(rows: readonly HistoryRow[], now: Millis): z.infer<typeof HistorySchema>["prices"] {
  const listed = rows.filter((row) => row.purpose === "list" && row.withdrawnAt === null);
  const current = listed.find((row) => row.effectiveAt <= now);
  return rows.map((row) => {
    const successor = listed[listed.indexOf(row) - 1];
    const until = row.purpose === "experiment" ? row.testedUntil : (row.withdrawnAt ?? successor?.effectiveAt ?? null);
    return {
      priceVersionId: row.id,
      pricing: row.components,
      state: stateOf(row, current, now),
      effectiveAt: iso(row.testedFrom ?? row.effectiveAt),
      until: isoOrNull(until),
      keepUntil: isoOrNull(row.keepUntil),
      trialSeconds: row.trialSeconds,
      feeBasisPoints: row.feeBasisPoints,
      publishedAt: iso(row.createdAt),
    };
  });
}

function stateOf(row: HistoryRow, current: HistoryRow | undefined, now: Millis) {
  if (row.purpose === "experiment") return "test" as const;
  if (row.withdrawnAt !== null) return "withdrawn" as const;
  if (row.effectiveAt > now) return "announced" as const;
  return row === current ? ("current" as const) : ("past" as const);
}

const notFound = () => new DomainError("provider_not_found", "There is no such app in the catalogue.");
