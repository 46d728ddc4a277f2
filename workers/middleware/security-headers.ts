// What every answer of the API says to browsers: do not guess types, do not frame, do not run, do not tell others the
// address, do not keep. A route that serves a page (the reference UI) sets its own policy, which then stays.

import type { Env } from "../env.ts";

/** The same in every answer; `jsonAnswer` has them from the start. */
export const SECURITY_HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  // Answers are about one person or one moment; what may be kept says so itself.
  "Cache-Control": "no-store",
};
const HEADERS = Object.entries(SECURITY_HEADERS);
const TWO_YEARS = "max-age=63072000; includeSubDomains; preload";

export function addSecurityHeaders(headers: Headers): void {
  for (const [name, value] of HEADERS) if (!headers.has(name)) headers.set(name, value);
}

/** RFC 6797: browsers that were here once never come without TLS again. */
export function addTransportSecurity(headers: Headers, env: Env): void {
  if (env.ENVIRONMENT === "production") headers.set("Strict-Transport-Security", TWO_YEARS);
}
