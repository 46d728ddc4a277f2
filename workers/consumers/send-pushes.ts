// What devices are told, sent after what webhooks are told: the same hints and the same sweep wake both.

import { wallClock } from "../../domain/clock.ts";
import { deliverPushes } from "../../domain/push/deliver.ts";
import type { Env } from "../env.ts";
import { pushKeysOf } from "../push-keys.ts";

/** No round begins after this; the minute's sweep takes what is left. */
const RUN_MAX_MS = 20_000;

/** Never throws: what failed is still due. Comes last in a run, so that no webhook waits for a push service. */
export async function sendPushes(env: Env): Promise<void> {
  const keys = pushKeysOf(env);
  if (!keys) return;
  try {
    const stopAt = wallClock() + RUN_MAX_MS;
    for (let isMore = true; isMore && wallClock() < stopAt;)
      ({ isMore } = await deliverPushes({
        db: env.DB,
        dataKey: env.DATA_KEY,
        environment: env.ENVIRONMENT,
        keys,
        send: (...request) => (env.EGRESS ? env.EGRESS.fetch(...request) : fetch(...request)),
        clock: wallClock,
        complain: (status) => console.warn(JSON.stringify({ message: "a push service refused", status })),
      }));
  } catch (error) {
    console.error(JSON.stringify({ message: "pushes not sent", error: String(error) }));
  }
}
