// Queue consumer of webhook delivery. A message is only a hint: whatever it says, what is due is delivered, and a message
// that comes twice finds nothing to do.

import { wallClock } from "../../domain/clock.ts";
import { deliverDue } from "../../domain/webhooks/deliver.ts";
import type { Env } from "../env.ts";
import { sendPushes } from "./send-pushes.ts";
import { tellPeople } from "./tell-people.ts";
import { hasRunLow, topUpSoon } from "./top-up-soon.ts";
import { hintLater, sendHint, showDeliverer, takeWanted } from "./hint.ts";

/** Rounds follow each other at this distance under load: one D1 call then carries what came in meanwhile. */
const ROUND_PAUSE_MS = 200;
/** A run ends after this and hands over by a hint, well inside what a consumer and a cron may take. */
const RUN_MAX_MS = 20_000;
/** A run waits for what comes due within this time, the first retry above all. */
const STAY_MS = 1_500;
/** Retries due within this time get a hint of their own; later ones are the sweeper's. */
const HINT_AHEAD_MS = 60_000;
const RETRY_SECONDS = 2;

export async function deliverWebhooks(batch: MessageBatch, env: Env): Promise<void> {
  try {
    await runDeliverer(env);
    for (const message of batch.messages) message.ack();
  } catch (error) {
    console.error(JSON.stringify({ message: "webhook delivery stopped", error: String(error) }));
    for (const message of batch.messages) message.retry({ delaySeconds: RETRY_SECONDS });
  }
}

/** Deliver what is due now, and see to it that what comes due soon is looked at then. */
export async function runDeliverer(env: Env): Promise<void> {
  const stopAt = wallClock() + RUN_MAX_MS;
  let hasRecruited = false;
  // Awaited before the invocation ends, which would cut off the calls that are still on their way.
  const told: Promise<void>[] = [];
  const end = await deliverDue({
    db: env.DB,
    dataKey: env.DATA_KEY,
    environment: env.ENVIRONMENT,
    send: (...request) => (env.EGRESS ? env.EGRESS.fetch(...request) : fetch(...request)),
    clock: wallClock,
    dice: Math.random,
    stopAt,
    stayMs: STAY_MS,
    pause: () => new Promise((resolve) => setTimeout(resolve, ROUND_PAUSE_MS)),
    isWanted: () => {
      showDeliverer(wallClock());
      return takeWanted();
    },
    onNews: (news) => {
      told.push(tellPeople(env, news));
      if (hasRunLow(news)) told.push(topUpSoon(env));
    },
    onMore: () => {
      if (hasRecruited) return;
      hasRecruited = true;
      // Another consumer takes what this one has no hands for: an invocation has six connections.
      void sendHint(env);
    },
  }).finally(() => showDeliverer(null));
  await Promise.all(told);
  const now = wallClock();
  // Asked again: a hint may have come after the last round began.
  if (end.isMore || takeWanted()) await sendHint(env);
  else if (end.nextDueAt !== null && end.nextDueAt - now <= HINT_AHEAD_MS) await hintLater(env, end.nextDueAt, now);
  await sendPushes(env);
}
