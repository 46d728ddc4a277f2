// `npm test`: everything that must pass, from a fresh clone: builds, format, lint, types, tests in workerd and Node, tests
// that kill processes, and the stories in a real browser. The last line says how many passed and failed, counted.

import { buildAll } from "./build/all.ts";
import { findBrowser } from "./test/browser.ts";
import { CHECKS } from "./test/checks.ts";
import { Screen } from "./test/screen.ts";
import { add, closingLine, runLanes, runSteps, type Step } from "./test/steps.ts";
import { IN_NODE, IN_WORKERD, KILLS, STORIES } from "./test/suites.ts";

const BUILD: Step = {
  name: "build",
  run: async (say) => {
    await buildAll((line) => say(`${line}\n`));
    return { passed: 1, failed: 0, skipped: 0 };
  },
};

/** Beside each other, so that no core is idle while a story waits. See docs/decisions/0063-a-test-run-in-lanes.md. */
const LANES: readonly (readonly Step[])[] = [
  [STORIES, KILLS],
  [...CHECKS, IN_WORKERD, IN_NODE],
];

const startedAt = Date.now();
// Where one has to be fetched first, it comes while the build runs. Whether there is one is the stories' to say.
findBrowser().catch(() => undefined);
const screen = new Screen();
const built = await runSteps([BUILD], 1, screen);
// Nothing that stands on a broken build is worth running.
const total = add(built, built.failed === 0 ? await runLanes(LANES, screen) : await runSteps(CHECKS, 2, screen));

console.log(`all steps took ${Math.round((Date.now() - startedAt) / 1000)} s`);
console.log(closingLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;
