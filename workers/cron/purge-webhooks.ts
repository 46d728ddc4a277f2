// Every hour: throws away events, deliveries and logs of webhooks that are past keeping.

import type { Millis } from "../../domain/clock.ts";
import { purgeWebhooks as purge } from "../../domain/webhooks/store.ts";
import type { Env } from "../env.ts";

export const purgeWebhooks = (env: Env, now: Millis): Promise<void> => purge(env.DB, now);
