// What every answer of the API says to browsers: do not guess types, do not frame, do not run, do not tell others the
// address, do not keep. A route that serves a page (the reference UI) sets its own policy, which then stays.

import type { Env } from "../env.ts";

const HEADERS = Object.entries({
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  // Answers are about one person or one moment; what may be kept says so itself.
  "Cache-Control": "no-store",
});
const TWO_YEARS = "max-age=63072000; includeSubDomains; preload";

export function addSecurityHeaders(headers: Headers, env: Env): void {
  for (const [name, value] of HEADERS) if (!headers.has(name)) headers.set(name, value);
  if (env.ENVIRONMENT === "production") headers.set("Strict-Transport-Security", TWO_YEARS);
}
