// The samples of docs/sdk-adapters.md as they stand there, made runnable by what a reader fills in: the app's id, its
// address, and where this test's marketplace is.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ISSUER, PROVIDER_ID } from "./market.ts";

const GUIDE = readFileSync(join(import.meta.dirname, "../../../docs/sdk-adapters.md"), "utf8");

/** The code under a heading of the guide. */
export function sample(heading: string): string {
  const part = GUIDE.split(`\n## ${heading}\n`)[1];
  const code = part && /```(?:js|ts)\n([\s\S]*?)```/.exec(part)?.[1];
  if (!code) throw new Error(`docs/sdk-adapters.md has no code under "${heading}".`);
  return code;
}

/** The settings every framework shares. `MARKETPLACE_KEY`, `COOKIE_SECRET` and `WEBHOOK_SECRET` come from the environment. */
export function settingsSample(own: { origin: string; api: string }): string {
  const filled = sample("The same settings everywhere")
    .replace('providerId: "..."', `providerId: "${PROVIDER_ID}"`)
    .replace("https://app.example/", `${own.origin}/`)
    .replace("retries: 2,", `retries: 2, baseUrl: "${own.api}", issuer: "${ISSUER}",`);
  if (!filled.includes(own.api) || !filled.includes(own.origin))
    throw new Error("The guide's settings read otherwise.");
  return filled;
}
