// The whole API with rate limits on, which the other tests switch off.

import { createExecutionContext, env } from "cloudflare:test";
import { createApp } from "../../workers/app.ts";
import type { Env } from "../../workers/env.ts";

const app = createApp();

export const fetchLimited = (path: string, init: RequestInit = {}, change: Partial<Env> = {}): Promise<Response> =>
  Promise.resolve(
    app.fetch(
      new Request(env.API_ORIGIN + path, init),
      { ...env, RATE_LIMITS: "on", ...change },
      createExecutionContext(),
    ),
  );
