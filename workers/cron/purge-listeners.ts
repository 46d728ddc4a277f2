// Every hour: throws away listeners that stayed away, with what was noted for them.

import type { Millis } from "../../domain/clock.ts";
import { purgeListeners as purge } from "../../domain/webhooks/listen-store.ts";
import type { Env } from "../env.ts";

export const purgeListeners = (env: Env, now: Millis): Promise<void> => purge(env.DB, now);
