// Two projects: `workers` runs inside workerd with real D1, Durable Objects and queues; `node` runs what is tested from
// outside (the SDK's Node build, the Stripe stand-in, scripts); `chaos` kills whole stacks. Browser flows are Playwright's
// (playwright.config.ts).

import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { testBindings } from "./test/support/bindings.ts";

/** Tests that run inside workerd, with the Worker as wrangler.toml declares it. */
const inWorkerd = (name: string, include: string): TestProjectInlineConfiguration => ({
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: "./wrangler.toml" },
      miniflare: {
        bindings: { ...(await testBindings()), TEST_MIGRATIONS: await readD1Migrations("./migrations") },
      },
    })),
  ],
  test: {
    name,
    // Loading the Worker anew costs more than most files' tests, so the files share an isolate, one after the other;
    // test/support/migrate.ts empties D1, objects and queues between them. A whole run takes a third of the time.
    isolate: false,
    include: [include],
    globalSetup: ["./test/support/build-sdk.ts"],
    setupFiles: ["./test/support/migrate.ts"],
    // The first sign-up of a file loads the identity engine unbundled: seconds on a busy machine.
    testTimeout: 30_000,
  },
});

export default defineConfig({
  test: {
    // Tests that ask for it run beside each other, and each starts a process.
    maxConcurrency: 2,
    projects: [
      inWorkerd("workers", "test/{domain,workers,durable-objects}/**/*.test.ts"),
      {
        test: {
          name: "node",
          include: ["test/{sdk,stripe-standin,demo-provider,scripts,web,simulator,models,peers}/**/*.test.ts"],
          globalSetup: ["./test/support/build-sdk.ts"],
          environment: "node",
          // Many start a process, and `npm test` runs them beside the stories.
          testTimeout: 30_000,
        },
      },
      // How good the ranking is: `npm run rank`, minutes of CPU, no part of `npm test`.
      inWorkerd("ranking", "test/ranking/**/*.test.ts"),
      // Each file starts a stack of its own and kills it, so never two at a time.
      {
        test: {
          name: "chaos",
          include: ["test/chaos/**/*.test.ts"],
          environment: "node",
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
