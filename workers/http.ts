// What every route file starts from: the typed router, who may be calling, and what answers look like.

import { OpenAPIHono, z, type RouteConfig } from "@hono/zod-openapi";
import type { Context, TypedResponse } from "hono";
import type { Millis } from "../domain/clock.ts";
import type { IdempotencyClaim } from "../domain/idempotency.ts";
import type { AskedBucket } from "../domain/limits/token-bucket.ts";
import type { Env } from "./env.ts";
import { SECURITY_HEADERS } from "./middleware/security-headers.ts";
import { invalidRequest, readableOf, readRequest } from "./read-request.ts";
import { RememberingRouter } from "./router.ts";

/** A signed-in person. `walletId` is the random subject the ledger knows them by. */
export interface UserPrincipal {
  kind: "user";
  userId: string;
  walletId: string;
  /** The sign-in this access token belongs to. */
  signInId: string;
  role: "user" | "operator";
}
/** A provider's server, by API key. `mode` "test" reaches sandbox sessions only. */
export interface ProviderPrincipal {
  kind: "provider";
  providerId: string;
  keyId: string;
  mode: "live" | "test";
}

/** Read with `c.get("now")`: each `c.var` makes an object of them all. */
export interface AppVariables {
  /** When this request arrived; the one time everything in it uses. */
  now: Millis;
  requestId: string;
  user: UserPrincipal;
  /** Set by `optionalUser`: who looks at something public, null for a stranger. */
  viewer: UserPrincipal | null;
  provider: ProviderPrincipal;
  /** Set by the idempotency-key middleware when the header is present. */
  idempotency: IdempotencyClaim | null;
  /** The rate limit this request was counted against; absent where none was. */
  rateLimit: AskedBucket | undefined;
  /** Set by `wholeAnswer`: the answer that has the common headers already. */
  wholeAnswer: Response | undefined;
}
export interface AppEnv {
  Bindings: Env;
  Variables: AppVariables;
}

/** A router whose routes are documented as they are declared, and whose requests are read in one step (read-request.ts). */
export function newRouter(): OpenAPIHono<AppEnv> {
  const router = new OpenAPIHono<AppEnv>({
    router: new RememberingRouter(),
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error.issues);
    },
  });
  const add = router.openapi;
  const addRead = ({ middleware, hide, ...route }: RouteConfig & { hide?: boolean }, ...handlers: never[]) => {
    if (!hide) router.openAPIRegistry.registerPath(route);
    const { readable, left } = readableOf(route.request ?? {});
    const reading = Object.keys(readable).length > 0 ? [readRequest(readable)] : [];
    const before = [middleware ?? [], reading].flat();
    return (add as Add)({ ...route, request: left, hide: true, middleware: before }, ...handlers);
  };
  router.openapi = addRead as typeof add;
  return router;
}
type Add = (route: RouteConfig & { hide?: boolean }, ...handlers: never[]) => unknown;

/** An OpenAPI response with a JSON body. */
export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

/**
 * As `c.json(body, 200)`, for the routes asked most and by one origin or none. Headers set on `c` before are not in it.
 */
export const jsonAnswer = <Body>(c: Context<AppEnv>, body: Body) =>
  wholeAnswer(c, JSON.stringify(body), JSON_HEADERS) as Response & TypedResponse<Body, 200, "json">;

/**
 * An answer whose common headers are one copy the platform makes, where `everyRequest` needs a call each (a tenth of a heartbeat).
 * The request remembers which it was: an answer of a class of our own, or in a `WeakSet`, would stay in memory, body and all,
 * until V8's next full collection (`JSObject::IsUnmodifiedApiObject`), and the memory of the bodies was fetched anew each time.
 * @param headers Of `commonHeaders`, made once for many answers.
 */
export function wholeAnswer(c: Context<AppEnv>, body: BodyInit, headers: Headers): Response {
  const answer = new Response(body, { headers });
  c.set("wholeAnswer", answer);
  return answer;
}

/** What every answer to one origin or none carries, and `own`, which wins. */
export const commonHeaders = (own: Record<string, string>): Headers =>
  new Headers({ ...SECURITY_HEADERS, Vary: "Origin", ...own });
const JSON_HEADERS = commonHeaders({ "Content-Type": "application/json" });

/** Whether the answer of a request has the security headers and `Vary: Origin` already. */
export const hasCommonHeaders = (c: Context<AppEnv>): boolean => c.res === c.get("wholeAnswer");

/** Shape of every `/v1` error, for the OpenAPI document. */
export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .openapi("Problem");

/** OpenAPI responses for the refusals a route can give, e.g. `...problems(400, 401, 402)`. */
export const problems = (...statuses: number[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: PROBLEM_TITLE[status] ?? "Refused",
        content: { "application/problem+json": { schema: ProblemSchema } },
      },
    ]),
  );

export const PROBLEM_TITLE: Record<number, string> = {
  400: "Bad request",
  401: "Not signed in",
  402: "Not enough tokens",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  410: "Gone",
  413: "Too large",
  415: "Unsupported media type",
  422: "Not possible",
  429: "Too many requests",
  500: "Our mistake",
  502: "Payment provider unavailable",
  503: "Try again",
};
