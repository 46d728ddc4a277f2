// First in line: gives each request its id and its one `now`.

import { createMiddleware } from "hono/factory";
import { wallClock } from "../../domain/clock.ts";
import { newId } from "../../domain/ids.ts";
import type { AppEnv } from "../http.ts";

export const requestId = createMiddleware<AppEnv>(async (c, next) => {
  const now = wallClock();
  c.set("now", now);
  c.set("requestId", newId(now));
  await next();
  c.header("X-Request-Id", c.var.requestId);
});
