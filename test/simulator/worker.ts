// The Worker's own code, loaded once into a Node process behind the hooks of hooks.ts.

import { exportJWK, generateKeyPair } from "jose";

export type Worker = Awaited<ReturnType<typeof loadWorker>>;

export async function loadWorker() {
  const [
    { createApp },
    { MeteredSession },
    { LedgerWriter },
    schedule,
    consumer,
    events,
    { forgetProvider },
    settings,
  ] = await Promise.all([
    import("../../workers/app.ts"),
    import("../../durable-objects/session.ts"),
    import("../../durable-objects/ledger-writer.ts"),
    import("../../workers/cron/schedule.ts"),
    import("../../workers/consumers/deliver-webhooks.ts"),
    import("../../domain/payments/events/table.ts"),
    import("../../domain/catalogue/load-for-session.ts"),
    import("../../domain/settings/read-settings.ts"),
  ]);
  const { topUp } = await import("../../workers/cron/top-up.ts");
  const hint = await import("../../workers/consumers/hint.ts");
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const key = { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: "simulated" };
  return {
    app: createApp(),
    MeteredSession,
    LedgerWriter,
    runSchedule: schedule.runSchedule,
    topUp,
    deliverWebhooks: consumer.deliverWebhooks,
    WEBHOOK_EVENTS: events.WEBHOOK_EVENTS,
    signingKeys: JSON.stringify({ keys: [key] }),
    /** Loads what the Worker loads late, and what is made once: before time stands still. */
    async warmUp(): Promise<void> {
      await import("stripe");
    },
    /** What an isolate keeps between requests and loses when it dies. */
    forgetMemory(appIds: string[]): void {
      for (const id of appIds) forgetProvider(id);
      settings.forgetSettings();
      hint.showDeliverer(null);
      hint.takeWanted();
    },
  };
}
