// The catalogue: list and look. Finding an app is in provider-search.ts, what things cost in prices.ts. Nobody has to be
// signed in to look. What the /api face shows as well is exported.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { detailOf, isPublic, type App } from "../../domain/catalogue/app.ts";
import {
  firstPage,
  LIST_LIMIT_DEFAULT,
  LIST_LIMIT_MAX,
  LIST_REMEMBERED_MS,
  listPage,
  type CatalogueAnswer,
} from "../../domain/catalogue/listing.ts";
import { findApp } from "../../domain/catalogue/store.ts";
import { DomainError } from "../../domain/errors.ts";
import { isId } from "../../domain/ids.ts";
import { commonHeaders, newRouter, problems, wholeAnswer, type AppEnv } from "../http.ts";
import { optionalUser } from "../middleware/authenticate.ts";
import { describePrices } from "./pricing-schemas.ts";
import { CardSchema, DetailSchema, ProviderIdParam } from "./provider-schemas.ts";

const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
  cursor: z.string().max(200).optional().openapi({ description: "`nextCursor` of the page before." }),
});
const ListAnswer = z
  .object({ providers: z.array(CardSchema), nextCursor: z.string().nullable() })
  .openapi("ProviderList");

/** The first page comes from the isolate's memory, as it is sent; `If-None-Match` saves even that. */
async function answerList(c: Context<AppEnv>, query: z.infer<typeof ListQuery>): Promise<Response> {
  if (query.cursor !== undefined) return c.json(await listPage(c.env.DB, query.cursor, query.limit));
  const page = await firstPage(c.env.DB, query.limit, c.get("now"));
  if (c.req.header("If-None-Match") === page.etag) return c.body(null, 304, cachingOf(page));
  let headers = headersOf.get(page);
  if (!headers) {
    headers = commonHeaders({ ...cachingOf(page), "Content-Type": "application/json" });
    headersOf.set(page, headers);
  }
  return wholeAnswer(c, page.body, headers);
}
const cachingOf = ({ etag }: CatalogueAnswer) => ({
  ETag: etag,
  "Cache-Control": `public, max-age=${LIST_REMEMBERED_MS / 1000}`,
});
const headersOf = new WeakMap<CatalogueAnswer, Headers>();

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

const notFound = () => new DomainError("provider_not_found", "There is no such app in the catalogue.");
