// Gives the queue what Stripe's billing meter has not been told yet, where an operator wants it told.

import type { Millis } from "../../domain/clock.ts";
import { dueForMeter } from "../../domain/payments/meter-mirror.ts";
import type { Env } from "../env.ts";

export async function mirrorUse(env: Env, now: Millis): Promise<void> {
  const due = await dueForMeter(env.DB, now);
  if (due.length > 0) await env.USE_METER.sendBatch(due.map((body) => ({ body, contentType: "json" as const })));
}
