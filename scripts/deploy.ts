// `npm run deploy`: migrations, the API Worker and the PWA to the Cloudflare account the environment names. Refuses, with
// what to do, while there is no account or wrangler.toml still holds the placeholder database.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildAll } from "./build/all.ts";
import { runOrThrow } from "./run.ts";
import { ROOT } from "./start/settings.ts";

const PLACEHOLDER_DATABASE = "00000000-0000-0000-0000-000000000000";

const missing = whatIsMissing();
if (missing.length > 0) {
  console.error("Not deployed. Before the first deploy:");
  for (const line of missing) console.error(`  - ${line}`);
  process.exitCode = 1;
} else {
  await buildAll(console.log);
  const echo = { echo: true };
  // Old code runs on the new schema for a moment, so migrations only ever add (docs/storage-schema.md).
  await runOrThrow("wrangler", ["d1", "migrations", "apply", "DB", "--remote", "--env", "production"], echo);
  await runOrThrow("wrangler", ["deploy", "--env", "production"], echo);
  await runOrThrow("wrangler", ["pages", "deploy"], { ...echo, cwd: "web" });
}

function whatIsMissing(): string[] {
  const lines: string[] = [];
  for (const name of ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"])
    if (!process.env[name]) lines.push(`set ${name} (dash.cloudflare.com, My Profile, API Tokens)`);
  if (productionPart().includes(PLACEHOLDER_DATABASE))
    lines.push(
      "npx wrangler d1 create meterplace, and put its id into wrangler.toml under [[env.production.d1_databases]]",
    );
  if (productionPart().includes("meterplace.example"))
    lines.push("put your own origins into wrangler.toml under [env.production.vars]");
  if (lines.length > 0)
    lines.push(
      "npx wrangler queues create meterplace-webhooks (and the others wrangler.toml names)",
      "npx wrangler secret put SIGNING_KEYS --env production, then DATA_KEY, AUTH_SECRET, STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET (workers/env.ts says what each is); PUSH_KEYS as docs/notices.md makes it",
    );
  return lines;
}

function productionPart(): string {
  const text = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
  return text.slice(text.indexOf("[env.production]"));
}
