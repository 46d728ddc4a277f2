// Queue messages that were given up: recorded and logged, so that an operator sees them. Nothing is lost by them: a webhook
// hint only says "look", and the sweeper looks every minute.

import { wallClock } from "../../domain/clock.ts";
import { recordDeadLetters } from "../../domain/webhooks/store.ts";
import type { Env } from "../env.ts";

export async function recordDeadLetterQueue(batch: MessageBatch, env: Env): Promise<void> {
  const letters = batch.messages.map((message) => ({ id: message.id, body: JSON.stringify(message.body ?? null) }));
  for (const { id } of letters)
    console.error(JSON.stringify({ message: "queue message given up", queue: batch.queue, messageId: id }));
  await recordDeadLetters(env.DB, batch.queue, letters, wallClock());
  for (const message of batch.messages) message.ack();
}
