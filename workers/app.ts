// Middleware order and the route table. A reader looking for "what happens on POST /v1/sessions/create" starts here.

import { bodyLimit } from "hono/body-limit";
import { newRouter } from "./http.ts";
import { onError, onNotFound } from "./middleware/problem.ts";
import { requestId } from "./middleware/request-id.ts";

/** No request of ours is larger: a batch of 100 reports is under 40 KB. */
const BODY_MAX_BYTES = 128 * 1024;

export function createApp() {
  const app = newRouter();
  app.onError(onError);
  app.notFound(onNotFound);
  app.use(requestId);
  app.use(bodyLimit({ maxSize: BODY_MAX_BYTES }));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  return app;
}

export type AppType = ReturnType<typeof createApp>;
