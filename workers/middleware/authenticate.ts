// Who is calling: a signed-in person (access token) or a provider's server (API key). One public message a kind, whatever
// is wrong; nothing here reads a body.

import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { readAccessToken, unauthenticated } from "../../domain/identity/access-token.ts";
import { readApiKey } from "../../domain/identity/api-keys.ts";
import type { AppEnv } from "../http.ts";

/** The credential of `Authorization: Bearer <credential>`, or null. The scheme is case-insensitive (RFC 9110, 11.1). */
export function bearerOf(c: Context<AppEnv>): string | null {
  const header = c.req.header("Authorization");
  return header && /^bearer /i.test(header) ? header.slice("bearer ".length).trim() : null;
}

/** Sets `c.var.user`; without a valid access token 401 `unauthenticated`. */
export const requireUser = createMiddleware<AppEnv>(async (c, next) => {
  const token = bearerOf(c);
  if (!token) throw unauthenticated();
  c.set("user", await readAccessToken(c.env, token, c.var.now));
  await next();
});

/** Sets `c.var.viewer`: null without a credential. A credential that is there but not valid is a 401, so that a page
 * with an expired token refreshes it instead of silently showing a stranger's view. */
export const optionalUser = createMiddleware<AppEnv>(async (c, next) => {
  const token = bearerOf(c);
  c.set("viewer", token ? await readAccessToken(c.env, token, c.var.now) : null);
  await next();
});

/** Sets `c.var.provider`; without a valid API key 401 `api_key_invalid`. A revoked key may live on for
 * `KEY_CACHE_MS` (10 s) in an isolate that has just seen it. */
export const requireProviderKey = createMiddleware<AppEnv>(async (c, next) => {
  c.set("provider", await readApiKey(c.env.DB, bearerOf(c) ?? "", c.var.now));
  await next();
});
