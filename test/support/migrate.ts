// Runs before each test file: empties what the file before left, then applies the real migrations to D1. The files share one
// isolate (vitest.config.ts), because loading the Worker anew costs more than most files' tests.

import { applyD1Migrations, env, reset } from "cloudflare:test";
import { forgetSettings } from "../../domain/settings/read-settings.ts";

await reset();
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
// What the isolate remembers of a database that is gone.
forgetSettings();
