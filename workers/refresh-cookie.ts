// The refresh token's only home in a browser: a cookie no script can read and no other site can send. The `__Host-`
// prefix makes browsers insist on Secure, Path=/ and no Domain, so no subdomain can plant one (RFC 6265bis, 4.1.3.2).

import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { DomainError } from "../domain/errors.ts";
import type { AppEnv } from "./http.ts";

const NAME = "refresh";
const ATTRIBUTES = { prefix: "host", path: "/", secure: true, httpOnly: true, sameSite: "Strict" } as const;

export const readRefreshCookie = (c: Context<AppEnv>): string | undefined => getCookie(c, NAME, "host");

export function setRefreshCookie(c: Context<AppEnv>, it: { refreshToken: string; refreshExpiresAt: number }): void {
  const maxAge = Math.floor((it.refreshExpiresAt - c.get("now")) / 1000);
  setCookie(c, NAME, it.refreshToken, { ...ATTRIBUTES, maxAge });
}

export const clearRefreshCookie = (c: Context<AppEnv>): void => {
  deleteCookie(c, NAME, ATTRIBUTES);
};

/**
 * Requests that live on the cookie must come from our own pages. A browser always says where a POST comes from; without
 * an `Origin` it is a program that holds the cookie itself, and cross-site requests carry no Strict cookie anyway.
 * @throws DomainError `origin_not_allowed`.
 */
export function assertOwnOrigin(c: Context<AppEnv>): void {
  const origin = c.req.header("Origin");
  const isForeign = origin === undefined ? isCrossSite(c) : origin !== c.env.WEB_ORIGIN && origin !== c.env.API_ORIGIN;
  if (isForeign) throw new DomainError("origin_not_allowed", "This page may not use your sign-in.");
}

const isCrossSite = (c: Context<AppEnv>): boolean =>
  !["same-origin", "same-site", "none", undefined].includes(c.req.header("Sec-Fetch-Site"));
