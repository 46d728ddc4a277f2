// The test suites, each run by its own runner, counted from the runner's JSON report and never from its exit code alone:
// a runner that ends well without a report, or without a single test, has failed.

import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { findBrowser } from "./browser.ts";
import { run } from "../run.ts";
import { ROOT } from "../start/settings.ts";
import type { Count, Say, Step } from "./steps.ts";

/** What waits for real seconds, for a page or for a process to come back. */
export const STORIES: Step = { name: "stories in the browser", run: playwright };
export const KILLS: Step = { name: "tests that kill processes", run: (say) => vitest("chaos", say) };

/** What only computes: it fills the time in which the others wait. */
export const IN_WORKERD: Step = { name: "tests in workerd", run: (say) => vitest("workers", say) };
export const IN_NODE: Step = { name: "tests in Node", run: (say) => vitest("node", say) };

async function vitest(project: string, say: Say): Promise<Count> {
  const { path, code } = await runWithReport(`${project}.json`, (report) =>
    run(
      "vitest",
      [
        "run",
        "--project",
        project,
        "--reporter=dot",
        // What tests provoke on purpose is logged by the Worker; it is read when a test fails.
        "--silent=passed-only",
        "--reporter=json",
        `--outputFile.json=${report}`,
      ],
      { echo: say },
    ),
  );
  const report = readReport<{
    numPassedTests: number;
    numFailedTests: number;
    numTotalTests: number;
    success: boolean;
  }>(path);
  const count = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numTotalTests - report.numPassedTests - report.numFailedTests,
  };
  // A file that cannot be loaded, or an error after the last test, fails the run without failing a test.
  return sure(count, code === 0 && report.success);
}

async function playwright(say: Say): Promise<Count> {
  const browser = await findBrowser();
  const { path, code } = await runWithReport("flows.json", (report) =>
    run("playwright", ["test"], {
      echo: say,
      env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report, CHROME_PATH: browser.path },
    }),
  );
  const { stats } = readReport<{ stats: { expected: number; unexpected: number; flaky: number; skipped: number } }>(
    path,
  );
  return sure({ passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped }, code === 0);
}

async function runWithReport(name: string, start: (report: string) => Promise<{ code: number }>) {
  const path = join(ROOT, "test-results", "reports", name);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  const { code } = await start(path);
  return { path, code };
}

function readReport<T>(path: string): T {
  if (!existsSync(path)) throw new Error("The runner ended without a report.");
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

/** A run that says it failed, or ran nothing, never counts as good. */
function sure(count: Count, isGood: boolean): Count {
  const isBroken = count.failed === 0 && (!isGood || count.passed === 0);
  return isBroken ? { ...count, failed: 1 } : count;
}
