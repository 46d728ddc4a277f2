// `npm test`: everything that must pass, from a fresh clone: builds, format, lint, types, tests in workerd and Node, tests
// that kill processes, and the stories in a real browser. The last line says how many passed and failed, counted.

import { buildAll } from "./build/all.ts";
import { CHECKS } from "./test/checks.ts";
import { add, closingLine, runSteps, type Step } from "./test/steps.ts";
import { SUITES } from "./test/suites.ts";

const BUILDS: readonly Step[] = [
  {
    name: "build",
    run: async () => {
      await buildAll(console.log);
      return { passed: 1, failed: 0, skipped: 0 };
    },
  },
];

const startedAt = Date.now();
const built = await runSteps(BUILDS);
let total = add(built, await runSteps(CHECKS, 2));
// Nothing that stands on a broken build is worth running.
if (built.failed === 0) total = add(total, await runSteps(SUITES));

console.log(`all steps took ${Math.round((Date.now() - startedAt) / 1000)} s`);
console.log(closingLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;
