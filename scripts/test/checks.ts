// What must hold before any test runs: format, lint, and the types of every part.

import { run, runOrThrow } from "../run.ts";
import { asOne, type Say, type Step } from "./steps.ts";

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
  { name: "format", run: (say) => asOne(run("oxfmt", ["--check"]), say) },
  { name: "lint", run: lint },
  ...TYPE_PROJECTS.map((folder) => ({
    name: `types: ${folder}`,
    run: (say: Say) => asOne(run("tsc", ["-p", folder]), say),
  })),
];

const webTypes = (): Promise<unknown> => runOrThrow("svelte-kit", ["sync"], { cwd: "web" });
let synced: Promise<unknown> | null = null;

async function checkWeb(say: Say) {
  await (synced ??= webTypes());
  return asOne(run("svelte-check", ["--fail-on-warnings", "--output", "human"], { cwd: "web" }), say);
}

/** Type-aware: floating and misused promises are found only with the types, those SvelteKit generates included. */
async function lint(say: Say) {
  await (synced ??= webTypes());
  return asOne(run("oxlint", ["--type-aware", "--deny-warnings"]), say);
}
