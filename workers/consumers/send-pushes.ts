// What devices are told, sent after what webhooks are told: the same hints and the same sweep wake both.

import { wallClock } from "../../domain/clock.ts";
import { deliverPushes } from "../../domain/push/deliver.ts";
import type { Env } from "../env.ts";
import { pushKeysOf } from "../push-keys.ts";

/** The minute's sweep takes what is left after so many. */
const ROUNDS_MAX = 10;

/** Never throws: what failed is still due, and webhooks do not wait for it. */
export async function sendPushes(env: Env): Promise<void> {
  const keys = pushKeysOf(env);
  if (!keys) return;
  try {
    for (let round = 0, isMore = true; isMore && round < ROUNDS_MAX; round++)
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
