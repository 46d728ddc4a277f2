// A tiny router with our real middleware and no business behind it: what a test asks about a middleware alone.

import { createExecutionContext, env } from "cloudflare:test";
import type { Env } from "../../workers/env.ts";
import { newRouter } from "../../workers/http.ts";
import { optionalUser, requireProviderKey, requireUser } from "../../workers/middleware/authenticate.ts";
import { everyRequest } from "../../workers/middleware/every-request.ts";
import { onError } from "../../workers/middleware/problem.ts";
import { requireRole } from "../../workers/middleware/require-role.ts";

function newProbe() {
  const app = newRouter();
  app.onError(onError);
  app.use(everyRequest);
  app.get("/v1/provider", requireProviderKey, (c) => c.json(c.get("provider")));
  app.get("/v1/viewer", optionalUser, (c) => c.json(c.get("viewer")));
  app.get("/v1/operator", requireUser, requireRole("operator"), (c) => c.json(c.get("user")));
  return app;
}
const probe = newProbe();

export const fetchProbe = (
  path: string,
  headers: Record<string, string> = {},
  change: Partial<Env> = {},
): Promise<Response> =>
  Promise.resolve(
    probe.fetch(new Request(env.API_ORIGIN + path, { headers }), { ...env, ...change }, createExecutionContext()),
  );
