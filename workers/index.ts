// The only entry of the API Worker. It wires and nothing else.

import { createApp } from "./app.ts";
import { indexCatalogueQueue } from "./consumers/index-catalogue.ts";
import { deliverWebhooks } from "./consumers/deliver-webhooks.ts";
import { recordDeadLetterQueue } from "./consumers/dead-letters.ts";
import { reportUsageQueue } from "./consumers/report-usage.ts";
import { runSchedule } from "./cron/schedule.ts";
import type { Env } from "./env.ts";

export { CatalogueIndex } from "../durable-objects/catalogue-index.ts";
export { LedgerWriter } from "../durable-objects/ledger-writer.ts";
export { MeteredSession } from "../durable-objects/session.ts";
export { UserChannel } from "../durable-objects/user-channel.ts";
export { LocalAI } from "./local-ai.ts";

const app = createApp();

export default {
  fetch: app.fetch,
  queue: (batch, env) => {
    if (batch.queue.endsWith("-dead")) return recordDeadLetterQueue(batch, env);
    if (batch.queue.endsWith("-meter")) return reportUsageQueue(batch, env);
    return batch.queue.endsWith("-catalogue") ? indexCatalogueQueue(batch, env) : deliverWebhooks(batch, env);
  },
  scheduled: (controller, env) => runSchedule(env, controller),
} satisfies ExportedHandler<Env>;
