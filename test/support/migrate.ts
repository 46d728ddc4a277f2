// Runs before each test file: empties what the file before left, then applies the real migrations to D1, as one: a commit
// for each would cost more than most files' tests. For the same reason the files share an isolate (vitest.config.ts).

import { applyD1Migrations, env, reset } from "cloudflare:test";
import { forgetSettings } from "../../domain/settings/read-settings.ts";

await reset();
await applyD1Migrations(env.DB, [{ name: "all", queries: env.TEST_MIGRATIONS.flatMap(({ queries }) => queries) }]);
// A queue message of the file before may have been on its way, and have left the index the number of a change that is gone.
await env.CATALOGUE.getByName("catalogue").rebuild("none");
// What the isolate remembers of a database that is gone.
forgetSettings();
