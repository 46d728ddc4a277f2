// Which apps people use together, counted anew for those that were used.

import type { Millis } from "../../domain/clock.ts";
import { countUsedTogether } from "../../domain/recommendations/count-pairs.ts";
import type { Env } from "../env.ts";

export async function countTogether(env: Env, now: Millis): Promise<void> {
  await countUsedTogether(env.DB, now);
}
