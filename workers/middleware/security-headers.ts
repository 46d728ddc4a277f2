// What every answer of the API says to browsers: do not guess types, do not frame, do not run, do not tell others the
// address, do not keep. A route that serves a page (the reference UI) sets its own policy, which then stays.

import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../http.ts";

const HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  // Answers are about one person or one moment; what may be kept says so itself.
  "Cache-Control": "no-store",
} as const;
const TWO_YEARS = "max-age=63072000; includeSubDomains; preload";

export const securityHeaders = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  if (c.res.status === 101) return;
  for (const [name, value] of Object.entries(HEADERS)) if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  if (c.env.ENVIRONMENT === "production") c.res.headers.set("Strict-Transport-Security", TWO_YEARS);
});
