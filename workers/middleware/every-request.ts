// Stands around every route, first in line and last out: gives the request its id and its one `now`, and writes the headers
// every answer carries. One middleware, because each costs every request a turn.

import { createMiddleware } from "hono/factory";
import { wallClock } from "../../domain/clock.ts";
import { newId } from "../../domain/ids.ts";
import { hasCommonHeaders, type AppEnv } from "../http.ts";
import { addCorsHeaders, addVary, allowedOrigin, isPreflight, preflight } from "./cors.ts";
import { addRateLimitHeaders } from "./rate-limit.ts";
import { addSecurityHeaders, addTransportSecurity } from "./security-headers.ts";

export const everyRequest = createMiddleware<AppEnv>(async (c, next) => {
  const now = wallClock();
  const requestId = newId(now);
  c.set("now", now);
  c.set("requestId", requestId);
  const origin = c.req.header("Origin");
  const allowed = origin === undefined ? null : await allowedOrigin(c, origin);

  if (isPreflight(c)) c.res = preflight(allowed);
  else await next();

  // An upgraded connection belongs to the object that took it.
  if (c.res.status === 101) return;
  const { headers } = c.res;
  if (!hasCommonHeaders(c)) {
    addSecurityHeaders(headers);
    addVary(headers, allowed);
  }
  addTransportSecurity(headers, c.env);
  addCorsHeaders(headers, allowed);
  addRateLimitHeaders(headers, c.get("rateLimit"));
  headers.set("X-Request-Id", requestId);
});
