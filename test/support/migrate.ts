// Runs before each test file: empties what the file before left, then applies the real migrations to D1, as one: a commit
// for each would cost more than most files' tests. For the same reason the files share an isolate (vitest.config.ts).

import { applyD1Migrations, env, reset } from "cloudflare:test";
import { vi } from "vitest";
import { forgetSettings } from "../../domain/settings/read-settings.ts";

// A file that set the clock and left it so would hold up whatever waits in the next one.
vi.useRealTimers();
await empty();
await applyD1Migrations(env.DB, [{ name: "all", queries: env.TEST_MIGRATIONS.flatMap(({ queries }) => queries) }]);
// A queue message of the file before may have been on its way, and have left the index the number of a change that is gone.
await env.CATALOGUE.getByName("catalogue").rebuild("none");
// What the isolate remembers of a database that is gone.
forgetSettings();

/**
 * D1 outlives a reset that comes while a delivery of the file before is being written: three of 25 runs of four files began with the
 * apps of another one. So it is looked at, and asked again.
 */
async function empty(): Promise<void> {
  const RESETS_MAX = 20;
  for (let resets = 0; resets < RESETS_MAX; resets++) {
    await reset();
    const { results } = await env.DB.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
    ).all();
    if (results.length === 0) return;
  }
  throw new Error(`D1 still has the tables of the file before after ${RESETS_MAX} resets.`);
}
