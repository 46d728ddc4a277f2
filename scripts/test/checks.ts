// What must hold before any test runs: format, lint, and the types of every part.

import { run, runOrThrow } from "../run.ts";
import { asOne, type Say, type Step } from "./steps.ts";

export const CHECKS: readonly Step[] = [
  { name: "types: web", run: checkWeb },
  { name: "format", run: (say) => asOne(run("oxfmt", ["--check"]), say) },
  { name: "lint and types", run: lint },
];

const webTypes = (): Promise<unknown> => runOrThrow("svelte-kit", ["sync"], { cwd: "web" });
let synced: Promise<unknown> | null = null;

/** The web's components have types that only svelte-check knows. */
async function checkWeb(say: Say) {
  await (synced ??= webTypes());
  return asOne(run("svelte-check", ["--fail-on-warnings", "--output", "human"], { cwd: "web" }), say);
}

/**
 * With the types, those SvelteKit generates included: floating and misused promises are found only with them, and what the
 * compiler itself has to say comes from the same look. Each file is judged by the tsconfig.json next above it.
 */
async function lint(say: Say) {
  await (synced ??= webTypes());
  return asOne(run("oxlint", ["--type-aware", "--type-check", "--deny-warnings"]), say);
}
