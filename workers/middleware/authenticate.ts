// Who is calling: a signed-in person (access token) or a provider's server (API key). One public message a kind, whatever
// is wrong; nothing here reads a body.

import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { readAccessToken, unauthenticated } from "../../domain/identity/access-token.ts";
import { useApiKey } from "../../domain/identity/api-keys.ts";
import { noteKeyUse } from "../../domain/identity/store.ts";
import type { AppEnv, ProviderPrincipal, UserPrincipal } from "../http.ts";
import { limitAnonymous, limitRequest } from "./rate-limit.ts";

/** The credential of `Authorization: Bearer <credential>`, or null. The scheme is case-insensitive (RFC 9110, 11.1). */
export function bearerOf(c: Context<AppEnv>): string | null {
  const header = c.req.header("Authorization");
  return header && /^bearer /i.test(header) ? header.slice("bearer ".length).trim() : null;
}

/** Sets `c.get("user")`; without a valid access token 401 `unauthenticated`. */
export const requireUser = createMiddleware<AppEnv>(async (c, next) => {
  const viewer = await viewerOf(c);
  if (!viewer) {
    limitAnonymous(c);
    throw unauthenticated();
  }
  c.set("user", viewer);
  await next();
});

/** Sets `c.get("viewer")`: null without a credential. A credential that is there but not valid is a 401, so that a page
 * with an expired token refreshes it instead of silently showing a stranger's view. */
export const optionalUser = createMiddleware<AppEnv>(async (c, next) => {
  const viewer = await viewerOf(c);
  if (!viewer) limitAnonymous(c);
  c.set("viewer", viewer);
  await next();
});

/** Sets `c.get("provider")`; without a valid API key 401 `api_key_invalid`. A revoked key may live on for
 * `KEY_CACHE_MS` (10 s) in an isolate that has just seen it. */
export const requireProviderKey = createMiddleware<AppEnv>(async (c, next) => {
  c.set("provider", await providerOf(c, bearerOf(c) ?? ""));
  await next();
});

/**
 * Who is signed in, counted against their rate limit; null without a bearer credential.
 * @throws DomainError `unauthenticated`, `rate_limited`.
 */
export async function viewerOf(c: Context<AppEnv>): Promise<UserPrincipal | null> {
  const token = bearerOf(c);
  if (!token) return null;
  const user = await readAccessToken(c.env, token, c.get("now")).catch((error: unknown) => refuseCounted(c, error));
  limitRequest(c, user.role === "operator" ? "operator" : "user", user.userId);
  return user;
}

/**
 * Whose API key this is, counted against the key's rate limit.
 * @throws DomainError `api_key_invalid`, `forbidden` outside the key's scopes, `rate_limited`.
 */
export async function providerOf(c: Context<AppEnv>, key: string): Promise<ProviderPrincipal> {
  const { holder, isUseDue } = await useApiKey(c.env.DB, key, c.req.path, c.get("now")).catch((error: unknown) =>
    refuseCounted(c, error),
  );
  limitRequest(c, holder.mode === "live" ? "providerLive" : "providerTest", holder.keyId);
  if (isUseDue) c.executionCtx.waitUntil(noteKeyUse(c.env.DB, holder.keyId, c.get("now")));
  return holder;
}

/** A refused credential counts against the address it came from, so that guessing has a limit too. */
function refuseCounted(c: Context<AppEnv>, error: unknown): never {
  limitAnonymous(c);
  throw error;
}
