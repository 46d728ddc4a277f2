// Disputed slices whose time is over: without evidence the lower figure stands, evidence nobody contested counts.

import type { Millis } from "../../domain/clock.ts";
import { closeDueSlices } from "../../domain/slices/decide-slice.ts";
import type { Env } from "../env.ts";

export async function closeSlices(env: Env, now: Millis): Promise<void> {
  await closeDueSlices(env.DB, now);
}
