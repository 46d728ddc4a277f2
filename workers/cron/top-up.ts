// Automatic top-up, every minute. Who has a page open is looked at sooner (consumers/top-up-soon.ts).

import type { Millis } from "../../domain/clock.ts";
import { runTopUps } from "../../domain/top-up/run.ts";
import type { Env } from "../env.ts";
import { logCaughtUp } from "../notices.ts";
import { topUpPorts } from "../top-up-ports.ts";

export const topUp = async (env: Env, now: Millis): Promise<void> =>
  logCaughtUp(await runTopUps(env, topUpPorts(env), now));
