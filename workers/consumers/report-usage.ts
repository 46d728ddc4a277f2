// Queue consumer of the mirror of use: tells Stripe's billing meter. A message names a session; the row in D1 says whether
// there is still anything to tell.

import { wallClock } from "../../domain/clock.ts";
import { tellMeter } from "../../domain/payments/meter-mirror.ts";
import type { Env } from "../env.ts";

const RETRY_SECONDS = 60;

export async function reportUsageQueue(batch: MessageBatch, env: Env): Promise<void> {
  const messages = batch.messages as readonly Message<{ sessionId: string }>[];
  try {
    const unreached = await tellMeter(
      env,
      messages.map(({ body }) => body.sessionId),
      wallClock(),
    );
    for (const message of messages)
      if (unreached.has(message.body.sessionId)) message.retry({ delaySeconds: RETRY_SECONDS });
      else message.ack();
  } catch (error) {
    console.error(JSON.stringify({ message: "use not told to the meter", error: String(error) }));
    batch.retryAll({ delaySeconds: RETRY_SECONDS });
  }
}
