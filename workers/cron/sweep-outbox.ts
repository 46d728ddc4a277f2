// Every minute: the safety net under the hints. Delivers whatever is due, however its hint was lost, and once an hour
// throws away what is past keeping.

import type { Millis } from "../../domain/clock.ts";
import { purgeWebhooks } from "../../domain/webhooks/store.ts";
import { runDeliverer } from "../consumers/deliver-webhooks.ts";
import type { Env } from "../env.ts";

const PURGE_AT_MINUTE = 23;

/** @param now The moment the cron stands for. */
export async function sweepOutbox(env: Env, now: Millis): Promise<void> {
  await runDeliverer(env);
  if (new Date(now).getUTCMinutes() === PURGE_AT_MINUTE) await purgeWebhooks(env.DB, now);
}
