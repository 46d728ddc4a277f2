// Stories in a real browser, on the whole stack: test/flows/support/stack.ts starts it once for a run, on free ports and a
// state folder of its own.

import { defineConfig } from "@playwright/test";
import { findBrowser } from "./scripts/test/browser.ts";

const browser = await findBrowser();

export default defineConfig({
  testDir: "./test/flows",
  testMatch: "**/*.flow.ts",
  globalSetup: "./test/flows/support/stack.ts",
  outputDir: "./test-results/flows",
  // Two cores run the browser, workerd and three Node processes; more workers only take turns.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  // A whole story, on a machine that may be busy with something else; no story waits for time to pass.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [
    ["list"],
    ["json", { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? "test-results/reports/flows.json" }],
  ],
  use: {
    locale: "en-US",
    timezoneId: "UTC",
    // Not filmed: that costs a sixth of the run, and the page itself can be looked at in the trace at every step.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: true },
    launchOptions: {
      executablePath: browser.path,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
      // The packaged build has no locale files of the system; without these Intl refuses "en-US@posix".
      env: { ...process.env, LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" } as Record<string, string>,
    },
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1280, height: 800 } } },
    // What happens without being seen does not depend on the screen.
    {
      name: "phone",
      testIgnore:
        /(demo-apps|money-refused|sdk-(session|socket|tabs|last-beat|samples)|automatic-top-up|buying|payouts|onboarding|report-a-problem|check-receipts|prices|webhooks|own-apps|docs-commands|reference|faultless-pages|lab|session-expired|session-on-the-marketplace|set-beforehand|discovery-chat|recommended|connected-and-down|operators-desk|stands-still|notices)\.flow\.ts/,
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    },
  ],
});
