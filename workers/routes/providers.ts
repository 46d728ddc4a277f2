// The catalogue: list, look, search; what things cost is in prices.ts. Nobody has to be signed in to look. The answering functions are
// exported for the /api face.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { cardOf, detailOf, isPublic, type App } from "../../domain/catalogue/app.ts";
import {
  firstPage,
  LIST_LIMIT_DEFAULT,
  LIST_LIMIT_MAX,
  LIST_REMEMBERED_MS,
  listPage,
} from "../../domain/catalogue/listing.ts";
import { searchCatalogue } from "../../domain/catalogue/search.ts";
import { findApp } from "../../domain/catalogue/store.ts";
import { DomainError } from "../../domain/errors.ts";
import { isId } from "../../domain/ids.ts";
import { PRICE_MODELS } from "../../domain/pricing/price.ts";
import { newRouter, problems, type AppEnv } from "../http.ts";
import { optionalUser } from "../middleware/authenticate.ts";
import { describePrices } from "./pricing-schemas.ts";
import { CardSchema, DetailSchema, ProviderIdParam } from "./provider-schemas.ts";

const QUERY_LENGTH_MAX = 500;
const SEARCH_LIMIT_DEFAULT = 20;
const SEARCH_LIMIT_MAX = 100;

const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
  cursor: z.string().max(200).optional().openapi({ description: "`nextCursor` of the page before." }),
});
const ListAnswer = z
  .object({ providers: z.array(CardSchema), nextCursor: z.string().nullable() })
  .openapi("ProviderList");

export const SearchBody = z
  .object({
    query: z
      .string()
      .max(QUERY_LENGTH_MAX)
      .openapi({ description: "What you need, in your own words.", example: "subtitles for a video" }),
    filters: z
      .object({
        category: z.string().max(60).nullish(),
        tag: z.string().max(60).nullish(),
        pricingModel: z.enum(PRICE_MODELS as [(typeof PRICE_MODELS)[number]]).nullish(),
        maxTokensPerHour: z.number().min(0).nullish().openapi({
          description: "The first hour may cost at most this; where time is not priced, all an hour could.",
        }),
      })
      .nullish(),
    limit: z.number().int().min(1).max(SEARCH_LIMIT_MAX).default(SEARCH_LIMIT_DEFAULT),
    cursor: z.string().max(20).nullish(),
  })
  .openapi("ProviderSearch");
const HitSchema = z
  .object({
    ...CardSchema.shape,
    score: z.number().openapi({ description: "0 to 1, best first." }),
    why: z
      .array(z.object({ field: z.string(), words: z.array(z.string()) }))
      .openapi({ description: "Which of your words were found where." }),
  })
  .openapi("ProviderHit");
const SearchAnswer = z
  .object({ providers: z.array(HitSchema), nextCursor: z.string().nullable() })
  .openapi("ProviderSearchAnswer");

/** The first page comes from the isolate's memory, as bytes; `If-None-Match` saves even those. */
export async function answerList(c: Context<AppEnv>, query: z.infer<typeof ListQuery>): Promise<Response> {
  if (query.cursor !== undefined) return c.json(await listPage(c.env.DB, query.cursor, query.limit));
  const { body, etag } = await firstPage(c.env.DB, query.limit, c.var.now);
  const headers = { ETag: etag, "Cache-Control": `public, max-age=${LIST_REMEMBERED_MS / 1000}` };
  if (c.req.header("If-None-Match") === etag) return c.body(null, 304, headers);
  return new Response(body, { headers: { ...headers, "Content-Type": "application/json" } });
}

/** An app anyone may see. @throws DomainError `provider_not_found`. */
export async function publicApp(c: Context<AppEnv>, id: string): Promise<App> {
  const app = isId(id) ? await findApp(c.env.DB, id) : null;
  if (!app || !isPublic(app)) throw notFound();
  return app;
}

export const providerRoutes = newRouter();
describePrices(providerRoutes);

providerRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers",
    operationId: "listProviders",
    summary: "List the catalogue",
    description:
      "Apps that can be started or are under maintenance, oldest first. The first page may be five seconds old; it carries an ETag.",
    tags: ["Catalogue"],
    security: [],
    middleware: [optionalUser] as const,
    request: { query: ListQuery },
    responses: {
      200: { description: "One page", content: { "application/json": { schema: ListAnswer } } },
      304: { description: "Unchanged since the ETag you have" },
      ...problems(400, 401, 429),
    },
  }),
  async (c) => answerList(c, c.req.valid("query")),
);

providerRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/providers/{id}",
    operationId: "getProvider",
    summary: "Show one app",
    description: "Everything public about an app: use cases, price, fee, what it learns about a person, refund terms.",
    tags: ["Catalogue"],
    security: [],
    middleware: [optionalUser] as const,
    request: { params: ProviderIdParam },
    responses: {
      200: {
        description: "The app",
        content: { "application/json": { schema: z.object({ provider: DetailSchema }) } },
      },
      ...problems(401, 404, 429),
    },
  }),
  async (c) => c.json({ provider: detailOf(await publicApp(c, c.req.valid("param").id)) }, 200),
);

providerRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/providers/search",
    operationId: "searchProviders",
    summary: "Find an app by what you need",
    description: "Best match first, with the words that made it match. Nobody can pay for a place.",
    tags: ["Catalogue"],
    security: [],
    middleware: [optionalUser] as const,
    request: { body: { required: true, content: { "application/json": { schema: SearchBody } } } },
    responses: {
      200: { description: "Matches", content: { "application/json": { schema: SearchAnswer } } },
      ...problems(400, 401, 429),
    },
  }),
  async (c) => {
    const { query, filters, limit, cursor } = c.req.valid("json");
    const from = readOffset(cursor);
    const hits = await searchCatalogue(c.env.DB, { query, filters: filters ?? {} }, c.var.now);
    const page = hits.slice(from, from + limit).map(({ app, score, why }) => ({ ...cardOf(app), score, why }));
    return c.json({ providers: page, nextCursor: from + limit < hits.length ? String(from + limit) : null }, 200);
  },
);

const notFound = () => new DomainError("provider_not_found", "There is no such app in the catalogue.");

/** Search is ranked anew on every page, so its cursor is only a position. */
function readOffset(cursor: string | null | undefined): number {
  if (cursor === null || cursor === undefined) return 0;
  if (!/^\d{1,6}$/.test(cursor))
    throw new DomainError("invalid_cursor", "This cursor is not one of ours. Start again without it.");
  return Number(cursor);
}
