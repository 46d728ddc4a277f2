// What the demo provider is told: the keys of the seeded apps, and the secret of a webhook endpoint for each. It reads
// them from a file of the state folder, as a real provider reads its own from a secret store.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Millis } from "../../domain/clock.ts";
import { ALL_EVENTS, changeWebhook, createWebhook, type WebhookPlace } from "../../domain/webhooks/endpoints.ts";
import type { SeededKeys } from "./catalogue.ts";

const OWNER_ONLY = 0o600;

export interface DemoApp extends SeededKeys {
  webhook: { id: string; url: string; secret: string };
}
export interface DemoConfig {
  apps: DemoApp[];
}

/** Where the demo provider takes the events of an app. */
export const webhookPath = (slug: string): string => `/webhooks/${slug}`;

/**
 * Registers the endpoints that are missing, moves those whose address changed with the demo's port, and writes the file.
 *
 * @param it.path The file; its secrets are kept, because the marketplace shows a secret only once.
 */
export async function seedDemoProvider(
  place: WebhookPlace,
  it: { keys: readonly SeededKeys[]; demoOrigin: string; path: string; now: Millis },
): Promise<void> {
  const known = existsSync(it.path) ? (JSON.parse(readFileSync(it.path, "utf8")) as DemoConfig).apps : [];
  const apps: DemoApp[] = [];
  for (const keys of it.keys) {
    const url = it.demoOrigin + webhookPath(keys.slug);
    const earlier = known.find(({ providerId }) => providerId === keys.providerId)?.webhook;
    apps.push({ ...keys, webhook: await endpointAt(place, { providerId: keys.providerId, url, earlier }, it.now) });
  }
  writeFileSync(it.path, JSON.stringify({ apps } satisfies DemoConfig, null, 2), { mode: OWNER_ONLY });
}

async function endpointAt(
  place: WebhookPlace,
  it: { providerId: string; url: string; earlier: DemoApp["webhook"] | undefined },
  now: Millis,
): Promise<DemoApp["webhook"]> {
  const owner = { providerId: it.providerId, mode: "live" as const };
  if (it.earlier?.url === it.url) return it.earlier;
  if (it.earlier) {
    await changeWebhook(place, owner, it.earlier.id, { url: it.url }, null, now);
    return { ...it.earlier, url: it.url };
  }
  const wish = { url: it.url, events: [ALL_EVENTS], description: "The demo provider" };
  const { webhook } = await createWebhook(place, owner, wish, null, now);
  return { id: webhook.id, url: it.url, secret: webhook.secret };
}
