// Every minute: the safety net under the hints. Delivers whatever is due, however its hint was lost.

import { runDeliverer } from "../consumers/deliver-webhooks.ts";
import type { Env } from "../env.ts";

export const sweepOutbox = (env: Env): Promise<void> => runDeliverer(env);
