// Where tokens went, and where they would have gone at another price: for people, and for owners about their app.

import { createRoute, z } from "@hono/zod-openapi";
import { ownedApp } from "../../domain/catalogue/change-app.ts";
import { isPublic } from "../../domain/catalogue/app.ts";
import { findVersion } from "../../domain/catalogue/price-store.ts";
import { readPrice } from "../../domain/catalogue/register-app.ts";
import { findApp } from "../../domain/catalogue/store.ts";
import { iso, type Millis } from "../../domain/clock.ts";
import { csvText } from "../../domain/csv.ts";
import { DomainError } from "../../domain/errors.ts";
import { CURRENCY, TOKEN_CENTS } from "../../domain/money.ts";
import { readUsage, type UsageRow } from "../../domain/usage/store.ts";
import { whatIf, WHAT_IF_DAYS_MAX, type OtherPrice, type WhatIf } from "../../domain/usage/what-if.ts";
import { json, newRouter, problems } from "../http.ts";
import { invalidRequest } from "../read-request.ts";
import { requireUser } from "../middleware/authenticate.ts";
import { priceFields } from "./pricing-schemas.ts";
import { ProviderIdParam } from "./provider-schemas.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_DEFAULT = 30;
/** Two years of days, or as many apps as anyone uses. */
const GROUPS_MAX = 800;
const SESSIONS_SHOWN = 100;

const UsageQuery = z.object({
  groupBy: z.enum(["app", "day", "tag"]).default("app"),
  from: z.iso
    .date()
    .or(z.iso.datetime({ offset: true }))
    .optional()
    .openapi({ description: "First day or moment (UTC); 30 days ago when absent.", example: "2026-11-01" }),
  to: z.iso
    .date()
    .or(z.iso.datetime({ offset: true }))
    .optional()
    .openapi({ description: "Last day, included, or the moment it ends; now when absent.", example: "2026-11-30" }),
  format: z.enum(["json", "csv"]).default("json"),
});
const sums = {
  sessions: z.number().int(),
  activeSeconds: z.number().int(),
  tokens: z.number().int().openapi({ description: "Paid, less what was given back later." }),
  includedTokens: z.number().int().openapi({ description: "Used beside it, and included in monthly plans." }),
  feeTokens: z.number().int().openapi({ description: "Of it, the platform's fee." }),
  cents: z.number().int().openapi({ description: "`tokens` at list price." }),
};
const UsageAnswer = z
  .object({
    groupBy: z.enum(["app", "day", "tag"]),
    from: z.string(),
    to: z.string(),
    currency: z.string(),
    groups: z.array(
      z.object({
        key: z.string().nullable().openapi({ description: "App id, day, or tag; null: without a tag." }),
        name: z.string().nullable(),
        ...sums,
      }),
    ),
    total: z.object(sums).openapi({ description: "Each session once. With tags, groups can add up to more." }),
  })
  .openapi("Usage");

const otherPrice = {
  ...priceFields,
  priceVersionId: z.string().optional().openapi({ description: "A version of any public app, instead of a price." }),
  days: z.number().int().min(1).max(WHAT_IF_DAYS_MAX).default(WHAT_IF_DAYS_MAX),
};
const WhatIfBody = z
  .object({
    ...otherPrice,
    providerId: z.string().optional().openapi({ description: "Only your sessions with this app; all when absent." }),
    otherProviderId: z.string().optional().openapi({ description: "Today's price of this app, instead of a price." }),
  })
  .openapi("WhatIfRequest");
const AppWhatIfBody = z.object(otherPrice).openapi("AppWhatIfRequest");
const sumSchema = z.object({
  tokens: z.number().int(),
  feeTokens: z.number().int(),
  shareTokens: z.number().int(),
});
const whatIfFields = {
  days: z.number().int(),
  sessions: z.number().int(),
  isPartial: z.boolean().openapi({ description: "There were more; these are the newest." }),
  actual: sumSchema,
  whatIf: sumSchema,
  differenceTokens: z.number().int().openapi({ description: "whatIf less actual." }),
  differenceCents: z.number().int(),
  currency: z.string(),
  dearer: z.number().int(),
  same: z.number().int(),
  cheaper: z.number().int(),
  unpricedMeters: z.array(z.string()).openapi({
    description: "Reported in these sessions; the other price has no such meter, so it costs nothing there.",
  }),
  unusedMeters: z.array(z.string()).openapi({ description: "Priced there, and never reported in these sessions." }),
};
const WhatIfAnswer = z
  .object({
    ...whatIfFields,
    newest: z
      .array(
        z.object({
          sessionId: z.string(),
          providerName: z.string(),
          startedAt: z.string(),
          activeSeconds: z.number().int(),
          actualTokens: z.number().int(),
          whatIfTokens: z.number().int(),
        }),
      )
      .openapi({ description: `The newest ${SESSIONS_SHOWN}.` }),
  })
  .openapi("WhatIf");
const AppWhatIfAnswer = z.object(whatIfFields).openapi("AppWhatIf");

export const usageRoutes = newRouter();

usageRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/tokens/usage",
    operationId: "getUsage",
    tags: ["Tokens"],
    summary: "What you used, by app, day or tag",
    description: "Settled sessions, by when they were made. `format=csv` gives the groups as a file.",
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: { query: UsageQuery },
    responses: {
      200: {
        description: "The groups and their sum",
        content: { "application/json": { schema: UsageAnswer }, "text/csv": { schema: z.string() } },
      },
      ...problems(400, 401, 429),
    },
  }),
  async (c) => {
    const { groupBy, from, to, format } = c.req.valid("query");
    const range = readRange(from, to, c.get("now"));
    const { rows, total } = await readUsage(c.env.DB, {
      userId: c.get("user").userId,
      ...range,
      groupBy,
      limit: GROUPS_MAX,
    });
    if (format === "csv") return csvAnswer(groupBy, rows);
    const answer = {
      groupBy,
      from: iso(range.from),
      to: iso(range.to),
      currency: CURRENCY,
      groups: rows.map((row) => ({ ...row, cents: row.tokens * TOKEN_CENTS })),
      total: { ...total, cents: total.tokens * TOKEN_CENTS },
    };
    return c.json(answer, 200);
  },
);

usageRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/tokens/usage/what-if",
    operationId: "whatIfUsage",
    tags: ["Tokens"],
    summary: "What your sessions would have cost at another price",
    description:
      "Replays up to 90 days of your settled sessions through the engine that settles. Give one of `pricing`, `tokenRatePerHour`, `priceVersionId`, `otherProviderId`. Changes nothing.",
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: { body: { required: true, content: { "application/json": { schema: WhatIfBody } } } },
    responses: { 200: json(WhatIfAnswer, "Both sums"), ...problems(400, 401, 404, 422, 429) },
  }),
  async (c) => {
    const body = c.req.valid("json");
    const price = await readOtherPrice(c.env.DB, body);
    const whose = { userId: c.get("user").userId, providerId: body.providerId ?? null };
    const { sum, sessions } = await whatIf(c.env.DB, whose, price, body.days, c.get("now"));
    const newest = sessions.slice(0, SESSIONS_SHOWN).map(({ facts, whatIf: replayed }) => ({
      sessionId: facts.id,
      providerName: facts.providerName,
      startedAt: iso(facts.createdAt),
      activeSeconds: facts.activeSeconds,
      actualTokens: facts.tokens,
      whatIfTokens: replayed.tokens,
    }));
    return c.json({ ...whatIfView(sum, body.days), newest }, 200);
  },
);

usageRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/provider/apps/{id}/what-if",
    operationId: "whatIfApp",
    tags: ["Provider"],
    summary: "What your app would have earned at another price",
    description:
      "Replays its settled sessions of up to 90 days through the engine that settles, your own left out. What people would have done at that price it cannot know. Changes nothing.",
    security: [{ accessToken: [] }],
    middleware: [requireUser] as const,
    request: {
      params: ProviderIdParam,
      body: { required: true, content: { "application/json": { schema: AppWhatIfBody } } },
    },
    responses: { 200: json(AppWhatIfAnswer, "Both sums"), ...problems(400, 401, 404, 422, 429) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    await ownedApp(c.env.DB, c.get("user").userId, id);
    const price = await readOtherPrice(c.env.DB, body);
    const { sum } = await whatIf(c.env.DB, { providerId: id }, price, body.days, c.get("now"));
    return c.json(whatIfView(sum, body.days), 200);
  },
);

/** A day counts from its start, and as an end to its end. */
function readRange(from: string | undefined, to: string | undefined, now: Millis): { from: Millis; to: Millis } {
  const end = to === undefined ? now + 1 : Date.parse(to) + (to.length === 10 ? DAY_MS : 0);
  const start = from === undefined ? Math.min(now, end) - DAYS_DEFAULT * DAY_MS : Date.parse(from);
  if (start >= end) throw invalidRequest([{ path: ["from"], message: "must lie before `to`" }]);
  return { from: start, to: end };
}

const KEY_COLUMNS = { app: "app_id", day: "day", tag: "tag" } as const;

function csvAnswer(groupBy: keyof typeof KEY_COLUMNS, rows: readonly UsageRow[]): Response {
  const header = [
    KEY_COLUMNS[groupBy],
    "app",
    "sessions",
    "active_seconds",
    "tokens",
    "fee_tokens",
    "cents",
    "included_tokens",
  ];
  const lines = rows.map((row) => [
    row.key,
    row.name,
    row.sessions,
    row.activeSeconds,
    row.tokens,
    row.feeTokens,
    row.tokens * TOKEN_CENTS,
    row.includedTokens,
  ]);
  return new Response(csvText(header, lines), {
    headers: {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": `attachment; filename="usage-by-${groupBy}.csv"`,
      "Cache-Control": "private, no-store",
    },
  });
}

async function readOtherPrice(
  db: D1Database,
  body: { priceVersionId?: string; otherProviderId?: string; tokenRatePerHour?: number | null; pricing?: unknown },
): Promise<OtherPrice> {
  const { priceVersionId, otherProviderId, ...price } = body;
  const given = [priceVersionId, otherProviderId, price.tokenRatePerHour, price.pricing].filter((one) => one != null);
  if (given.length !== 1)
    throw invalidRequest([
      { path: ["pricing"], message: "give one price: its components, a rate, a version or an app" },
    ]);
  if (priceVersionId !== undefined) {
    const version = await findVersion(db, priceVersionId);
    const app = version && (await findApp(db, version.providerId));
    if (!app || !isPublic(app)) throw new DomainError("price_not_found", "There is no such price.");
    return { components: version.components, feeBasisPoints: version.feeBasisPoints };
  }
  if (otherProviderId !== undefined) {
    const app = await findApp(db, otherProviderId);
    if (!app || !isPublic(app)) throw new DomainError("provider_not_found", "There is no such app in the catalogue.");
    return { components: app.components, feeBasisPoints: app.feeBasisPoints };
  }
  return { components: readPrice(price) };
}

const whatIfView = (sum: WhatIf, days: number) => {
  const differenceTokens = sum.whatIf.tokens - sum.actual.tokens;
  return {
    ...sum,
    days,
    differenceTokens,
    differenceCents: differenceTokens * TOKEN_CENTS,
    currency: CURRENCY,
  };
};
