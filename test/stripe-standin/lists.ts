// Stripe's lists: newest first, cursors by object id, a `created` range. docs.stripe.com/api/pagination

import { invalidRequest } from "./errors.ts";
import type { Kind, Kinds } from "./state.ts";
import type { World } from "./world.ts";

export const LIST_PARAMS = {
  limit: "integer",
  starting_after: "string",
  ending_before: "string",
  created: { gt: "integer", gte: "integer", lt: "integer", lte: "integer" },
} as const;

export interface ListParams {
  limit?: number;
  starting_after?: string;
  ending_before?: string;
  created?: { gt?: number; gte?: number; lt?: number; lte?: number };
}
export interface ApiList<T> {
  object: "list";
  data: T[];
  has_more: boolean;
  url: string;
}

const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 100;

/** One page of the objects of a kind that pass `matches`. */
export function listOf<
  K extends Kind &
    (
      | "customer"
      | "coupon"
      | "product"
      | "promotion_code"
      | "price"
      | "checkout.session"
      | "payment_intent"
      | "payment_method"
      | "charge"
      | "balance_transaction"
      | "refund"
      | "invoice"
      | "dispute"
      | "event"
      | "transfer"
      | "test_helpers.test_clock"
    ),
>(
  world: World,
  kind: K,
  url: string,
  params: ListParams,
  matches: (object: Kinds[K]) => boolean = () => true,
): ApiList<Kinds[K]> {
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = params.created ?? {};
  const newestFirst = world.state
    .all(kind)
    .filter(({ created }) => created > gt && created >= gte && created < lt && created <= lte)
    .filter(matches)
    .reverse();
  return page(newestFirst, url, params);
}

export function page<T extends { id: string }>(all: T[], url: string, params: ListParams): ApiList<T> {
  const limit = params.limit ?? LIMIT_DEFAULT;
  if (limit < 1 || limit > LIMIT_MAX)
    throw invalidRequest("This value must be between 1 and 100.", {
      code: "parameter_invalid_integer",
      param: "limit",
    });
  const list = (data: T[], has_more: boolean): ApiList<T> => ({ object: "list", data, has_more, url });
  if (params.ending_before) {
    const end = position(all, params.ending_before, "ending_before");
    return list(all.slice(Math.max(0, end - limit), end), end > limit);
  }
  const start = params.starting_after ? position(all, params.starting_after, "starting_after") + 1 : 0;
  return list(all.slice(start, start + limit), all.length > start + limit);
}

function position(all: readonly { id: string }[], id: string, param: string): number {
  const at = all.findIndex((object) => object.id === id);
  if (at < 0) throw invalidRequest(`No such object: '${id}'`, { code: "resource_missing", param });
  return at;
}
