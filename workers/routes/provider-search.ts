// Finding an app by what one needs: words and meaning, filters, facets, and honest words about how good the best hit is.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { cardOf } from "../../domain/catalogue/app.ts";
import { CATEGORIES } from "../../domain/catalogue/categories.ts";
import { GROUPS, type Group } from "../../domain/catalogue/taxonomy.ts";
import { FACETS, type Facet } from "../../domain/discovery/filters.ts";
import type { CatalogueSearch } from "../../domain/discovery/index-query.ts";
import { reranked } from "../../domain/discovery/rerank.ts";
import { searchApps, type SearchHit, type SearchResult } from "../../domain/discovery/search.ts";
import { DomainError } from "../../domain/errors.ts";
import { PRICE_MODELS } from "../../domain/pricing/price.ts";
import { catalogueIndex } from "../catalogue-index.ts";
import { loadEmbedder } from "../embedder.ts";
import { newRouter, problems, type AppEnv } from "../http.ts";
import { reranker } from "../remote-vectors.ts";
import { optionalUser } from "../middleware/authenticate.ts";
import { CardSchema } from "./provider-schemas.ts";

const QUERY_LENGTH_MAX = 500;
const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100;

const ModelSchema = z.enum(PRICE_MODELS as [(typeof PRICE_MODELS)[number]]);
const FiltersSchema = z.object({
  category: z.string().max(60).nullish().openapi({ description: "One of the closed list.", example: "writing" }),
  group: z
    .enum(Object.keys(GROUPS) as [Group])
    .nullish()
    .openapi({ description: "The upper level of the taxonomy: several categories at once." }),
  tag: z.string().max(60).nullish(),
  pricingModel: ModelSchema.nullish(),
  maxTokensPerHour: z.number().min(0).nullish().openapi({
    description: "The first hour may cost at most this; where time is not priced, all an hour could.",
  }),
  maxTokensPerAction: z.number().min(0).nullish().openapi({
    description:
      "One piece of work (a page, a picture, a request) may cost at most this; apps that price time alone are left out.",
  }),
  minRating: z.number().min(0).max(5).nullish(),
  availableOnly: z.boolean().nullish().openapi({ description: "Leave out what is under maintenance." }),
  region: z.string().max(60).nullish().openapi({ description: "Apps that name no region are offered everywhere." }),
  withoutData: z
    .string()
    .max(80)
    .nullish()
    .openapi({ description: "Leave out apps that receive this.", example: "e-mail address" }),
});
export const SearchBody = z
  .object({
    query: z
      .string()
      .max(QUERY_LENGTH_MAX)
      .openapi({ description: "What you need, in your own words.", example: "subtitles for a video" }),
    filters: FiltersSchema.nullish(),
    limit: z.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
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
    nearest: z
      .string()
      .nullable()
      .openapi({ description: "What the app says of itself that is nearest in meaning to your need." }),
  })
  .openapi("ProviderHit");
const FacetSchema = z.array(z.object({ value: z.string(), count: z.number().int() }));
const HelpSchema = z
  .object({
    message: z.string(),
    categories: z.array(z.string()),
    withoutFilter: z
      .array(z.object({ filter: z.string(), count: z.number().int() }))
      .openapi({ description: "How many apps there would be without this one filter." }),
  })
  .nullable();
const SearchAnswer = z
  .object({
    providers: z.array(HitSchema),
    nextCursor: z.string().nullable(),
    total: z.number().int(),
    confidence: z.enum(["good", "weak", "none"]).openapi({
      description: "What may honestly be said of the best hit. `none`: nothing here fits the need.",
    }),
    searchedFor: z
      .array(z.object({ from: z.string(), to: z.string() }))
      .openapi({ description: "Words taken for typing mistakes, and the catalogue's words used instead." }),
    readAs: z.string().nullable().openapi({
      description: "A German need in the English words that were looked for; null for any other.",
    }),
    facets: z
      .object(Object.fromEntries(FACETS.map((facet) => [facet, FacetSchema])) as Record<Facet, typeof FacetSchema>)
      .openapi({ description: "How many hits each choice would leave, with the other filters as they are." }),
    engine: z.enum(["hybrid", "words"]).openapi({ description: "`hybrid`: meaning and words; `words`: words alone." }),
    help: HelpSchema.openapi({ description: "Where nothing fits: what to do instead." }),
  })
  .openapi("ProviderSearchAnswer");

export const providerSearchRoutes = newRouter();

providerSearchRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/providers/search",
    operationId: "searchProviders",
    summary: "Find an app by what you need",
    description:
      "Best match first, by meaning and by words, with what made it match. The formula and its weights are published (docs/ranking.md); nobody can pay for a place. Without a query: all apps that pass the filters, oldest first.",
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
    const body = c.req.valid("json");
    const from = readOffset(body.cursor);
    const result = await searchAnswer(c, body, from);
    const next = from + body.limit;
    return c.json(
      {
        providers: result.hits.map(hitView),
        nextCursor: next < result.total ? String(next) : null,
        total: result.total,
        confidence: result.confidence,
        searchedFor: result.corrections,
        readAs: result.readAs,
        facets: result.facets,
        engine: result.engine,
        help: helpFor(result),
      },
      200,
    );
  },
);

/** Also the /api face's and the chat's. */
export async function searchAnswer(
  c: Context<AppEnv>,
  { query, filters, limit }: z.infer<typeof SearchBody>,
  from: number,
): Promise<SearchResult> {
  const embedder = await loadEmbedder(c.env, c.get("now"));
  // The stub of the object is the index as the domain knows it.
  const index = catalogueIndex(c.env) as unknown as CatalogueSearch;
  const result = await searchApps(c.env.DB, index, embedder, { query, filters: filters ?? {}, from, limit });
  const rerank = from === 0 ? await reranker(c.env, c.get("now")) : null;
  return rerank ? reranked(rerank, query, result) : result;
}

const hitView = ({ app, score, why, nearest }: SearchHit) => ({ ...cardOf(app), score, why, nearest });

/** An honest word where nothing fits: which filter is in the way, and the fullest shelves to look at. */
function helpFor({ confidence, facets, total, relaxed }: SearchResult): z.infer<typeof HelpSchema> {
  if (confidence !== "none" && total > 0) return null;
  const shown = facets.category.map(({ value }) => value);
  const categories = (shown.length > 0 ? shown : [...CATEGORIES]).slice(0, 5);
  return { message: messageFor(total > 0, relaxed.length > 0), categories, withoutFilter: relaxed };
}
const messageFor = (areShown: boolean, isFiltered: boolean): string => {
  if (areShown)
    return "No app here says that it does this. What is shown is only near to it. Try other words, or look through a category.";
  return isFiltered
    ? "No app passes all these filters. Take one away, or look through a category."
    : "No app here says that it does this. Try other words, fewer filters, or look through a category.";
};

/** Search is ranked anew on every page, so its cursor is only a position. */
function readOffset(cursor: string | null | undefined): number {
  if (cursor === null || cursor === undefined) return 0;
  if (!/^\d{1,6}$/.test(cursor))
    throw new DomainError("invalid_cursor", "This cursor is not one of ours. Start again without it.");
  return Number(cursor);
}
