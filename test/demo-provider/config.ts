// The apps this provider serves: what the marketplace's catalogue says of them, and their keys, read from a file as a real
// provider reads its own from a secret store. The file is looked at again when it changed, so a rotated key needs no restart.

import { readFileSync, statSync } from "node:fs";
import { SEEDED_APPS, type SeededApp } from "../../scripts/seed/apps.ts";

export interface AppKeys {
  slug: string;
  providerId: string;
  apiKey: string;
  testApiKey?: string;
  webhook: { secret: string };
}
export interface DemoSettings {
  apiOrigin: string;
  webOrigin: string;
  /** Keys of the app with this slug; null while they are not known. */
  keysOf: (slug: string) => AppKeys | null;
}

export const appBySlug = (slug: string): SeededApp | undefined => SEEDED_APPS.find((app) => app.slug === slug);

/** @param path JSON `{ "apps": [{ slug, providerId, apiKey, webhook: { secret } }] }`, written by the seed. */
export function keysFromFile(path: string): DemoSettings["keysOf"] {
  let readAtMs = -1;
  let keys = new Map<string, AppKeys>();
  return (slug) => {
    const changedAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -1;
    if (changedAtMs !== readAtMs && changedAtMs !== -1) {
      const { apps } = JSON.parse(readFileSync(path, "utf8")) as { apps: AppKeys[] };
      keys = new Map(apps.map((app) => [app.slug, app]));
      readAtMs = changedAtMs;
    }
    return keys.get(slug) ?? null;
  };
}
