// Which pages may read our answers (contract section 3, CORS): the PWA with its sign-in everywhere, registered apps
// without cookies on the one endpoint their page talks to, everyone on what is public anyway. Nobody else.

import type { Context } from "hono";
import { isAppOrigin } from "../../domain/identity/app-origins.ts";
import type { AppEnv } from "../http.ts";

const APP_PATHS = ["/v1/provider/sessions/sync"];
const PUBLIC_PATHS = [
  "/.well-known/jwks.json",
  "/.well-known/receipt-keys.json",
  "/sdk.js",
  "/docs/openapi.json",
  "/docs/openapi.yaml",
];
const PUBLIC_FOLDERS = ["/sdk/v1/"];

const METHODS = "GET, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, Last-Event-ID";
const ANSWER_HEADERS = "Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id";
/** Browsers cap it at two hours (Chromium); an app that is rejected meanwhile is refused by its token anyway. */
const PREFLIGHT_SECONDS = 7200;

/** A browser's question before the request itself (Fetch standard, CORS-preflight). */
export const isPreflight = (c: Context<AppEnv>): boolean =>
  c.req.method === "OPTIONS" && c.req.header("Access-Control-Request-Method") !== undefined;

export interface Allowed {
  origin: string;
  withCredentials: boolean;
}

export async function allowedOrigin(c: Context<AppEnv>, origin: string): Promise<Allowed | null> {
  const { path } = c.req;
  if (PUBLIC_PATHS.includes(path) || PUBLIC_FOLDERS.some((folder) => path.startsWith(folder)))
    return { origin: "*", withCredentials: false };
  if (origin === c.env.WEB_ORIGIN) return { origin, withCredentials: true };
  if (APP_PATHS.includes(path) && (await isAppOrigin(c.env.DB, origin, c.get("now"))))
    return { origin, withCredentials: false };
  return null;
}

export function preflight(allowed: Allowed | null): Response {
  const headers = new Headers();
  if (allowed) {
    headers.set("Access-Control-Allow-Methods", METHODS);
    headers.set("Access-Control-Allow-Headers", REQUEST_HEADERS);
    headers.set("Access-Control-Max-Age", String(PREFLIGHT_SECONDS));
  }
  return new Response(null, { status: 204, headers });
}

/** Said even when nothing is allowed: a cache must not give one origin's answer to another. */
export function addVary(headers: Headers, allowed: Allowed | null): void {
  if (allowed?.origin !== "*") headers.append("Vary", "Origin");
}

export function addCorsHeaders(headers: Headers, allowed: Allowed | null): void {
  if (!allowed) return;
  headers.set("Access-Control-Allow-Origin", allowed.origin);
  headers.set("Access-Control-Expose-Headers", ANSWER_HEADERS);
  if (allowed.withCredentials) headers.set("Access-Control-Allow-Credentials", "true");
}
