// What a fresh clone shows: people, and a catalogue one can start. Runs at every start and adds only what is missing.

import { wallClock } from "../domain/clock.ts";
import { seedPeople } from "./seed/people.ts";
import type { Secrets } from "./start/secrets.ts";
import type { Settings } from "./start/settings.ts";

export async function seed(database: D1Database, settings: Settings, secrets: Secrets): Promise<void> {
  const now = wallClock();
  const identity = { DB: database, API_ORIGIN: settings.origins.api, WEB_ORIGIN: settings.origins.web, ...secrets };
  await seedPeople(identity, now);
}
