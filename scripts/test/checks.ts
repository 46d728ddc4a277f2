// What must hold before any test runs: format, lint, and the types of every part.

import { run, runOrThrow } from "../run.ts";
import { asOne, type Step } from "./steps.ts";

/** Projects whose types are checked by tsc. The web's own are checked by svelte-check, which knows its components. */
const TYPE_PROJECTS = [
  "tsconfig.json",
  "sdk/tsconfig.json",
  "test/stripe-standin/tsconfig.json",
  "test/demo-provider/tsconfig.json",
  "test/simulator/tsconfig.json",
];

export const CHECKS: readonly Step[] = [
  { name: "types: web", run: checkWeb },
  { name: "format", run: () => asOne(run("oxfmt", ["--check"])) },
  { name: "lint", run: lint },
  ...TYPE_PROJECTS.map((folder) => ({
    name: `types: ${folder}`,
    run: () => asOne(run("tsc", ["-p", folder])),
  })),
];

const webTypes = (): Promise<unknown> => runOrThrow("svelte-kit", ["sync"], { cwd: "web" });
let synced: Promise<unknown> | null = null;

async function checkWeb() {
  await (synced ??= webTypes());
  return asOne(run("svelte-check", ["--fail-on-warnings", "--output", "human"], { cwd: "web" }));
}

/** Type-aware: floating and misused promises are found only with the types, those SvelteKit generates included. */
async function lint() {
  await (synced ??= webTypes());
  return asOne(run("oxlint", ["--type-aware", "--deny-warnings"]));
}
