// Hourly: what really happened in each app, for its truth card.

import type { Millis } from "../../domain/clock.ts";
import { measureTruthCards } from "../../domain/reviews/truth.ts";
import type { Env } from "../env.ts";

export async function measureTruth(env: Env, now: Millis): Promise<void> {
  await measureTruthCards(env.DB, now);
}
