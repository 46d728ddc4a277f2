// The minute's look whether the discovery index lacks anything: what a lost hint left, and a catalogue seeded past the API.

import { indexCatalogue as run } from "../consumers/index-catalogue.ts";
import type { Env } from "../env.ts";

export async function indexCatalogue(env: Env): Promise<void> {
  await run(env);
}
