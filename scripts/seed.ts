// What a fresh clone shows: people, a catalogue one can start and its past, and for the demo provider the keys to serve it. Runs at
// every start and adds only what is missing, through the same functions the API uses.

import { wallClock } from "../domain/clock.ts";
import { seedCatalogue } from "./seed/catalogue.ts";
import { seedDemoProvider } from "./seed/demo-provider.ts";
import { seedHistory } from "./seed/history.ts";
import { seedPeople } from "./seed/people.ts";
import type { Secrets } from "./start/secrets.ts";
import { demoConfigPath, type Settings } from "./start/settings.ts";

export async function seed(db: D1Database, settings: Settings, secrets: Secrets): Promise<void> {
  const now = wallClock();
  const { origins } = settings;
  const people = await seedPeople({ DB: db, API_ORIGIN: origins.api, WEB_ORIGIN: origins.web, ...secrets }, now);
  const catalogue = { ownerUserId: people.owner, demoOrigin: origins.demo, keySecret: secrets.AUTH_SECRET, now };
  const keys = await seedCatalogue(db, catalogue);
  await seedHistory(db, { ownerUserId: people.owner, now });
  const place = { db, dataKey: secrets.DATA_KEY, environment: "local" as const };
  await seedDemoProvider(place, { keys, demoOrigin: origins.demo, path: demoConfigPath(settings), now });
}
