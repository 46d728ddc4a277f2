// Two apps that nobody of ours wrote for the stack, in a browser, on the whole of it: the one `npm create` makes, with its
// webhooks brought to this machine, and the one written from the guides without the SDK (test/second-provider).

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Marketplace } from "../support/marketplace.ts";
import { freePort, untilItAnswers } from "../sdk/local-server.ts";
import { expect, test as base } from "./support/flow.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Programs of a story end with it. */
const test = base.extend<{
  start: (args: string[], options: { cwd: string; env?: Record<string, string> }) => ChildProcess;
}>({
  // oxlint-disable-next-line no-empty-pattern
  start: async ({}, use) => {
    const children: ChildProcess[] = [];
    await use((args, { cwd, env }) => {
      const child = spawn(process.execPath, args, {
        cwd,
        env: { ...process.env, ...env },
        stdio: ["pipe", "pipe", "inherit"],
      });
      children.push(child);
      return child;
    });
    for (const child of children) child.kill();
  },
});

/** Registers an app that will answer on `port`; a sandbox session of it opens at the link. */
async function registered(market: Marketplace, port: number, meter: string) {
  const { token } = await market.register();
  const appUrl = `http://localhost:${port}/`;
  const price = { model: "per_unit", unit: "2" };
  const { provider, testApiKey } = await market.must<{ provider: { id: string }; testApiKey: string }>(
    "POST",
    "/v1/provider/register",
    {
      bearer: token,
      body: {
        name: `An app of a story ${port}`,
        description: "Does what a story needs.",
        category: "other",
        useCases: ["try how metering feels"],
        appUrl,
        logoUrl: `${appUrl}logo.svg`,
        pricing: [
          { meter: "minute", price },
          { meter, price, holdPerHour: 60 },
        ],
      },
    },
  );
  const open = async () =>
    (
      await market.must<{ session: { id: string; redirectUrl: string } }>("POST", "/v1/provider/sandbox/sessions", {
        bearer: testApiKey,
        body: { durationMinutes: 30 },
      })
    ).session;
  return { id: provider.id, key: testApiKey, appUrl, open };
}

test("an app made by npm create meters a visit, and hears of it on a laptop", async ({
  page,
  market,
  origins,
  start,
}) => {
  const port = await freePort();
  const app = await registered(market, port, "text");
  const folder = mkdtempSync(join(tmpdir(), "meterplace-story-"));
  try {
    const given = { "provider-id": app.id, key: app.key, api: origins.api, marketplace: origins.web, meter: "text" };
    const options = Object.entries({ ...given, port: String(port) }).flatMap(([name, value]) => [`--${name}`, value]);
    execFileSync(process.execPath, [join(ROOT, "create-meterplace-app/bin.mjs"), "app", ...options], { cwd: folder });
    const cwd = join(folder, "app");
    start(["--env-file=.env", "server.mjs"], { cwd });
    const listener = start(["--env-file=.env", "listen.mjs"], { cwd });
    let heard = "";
    listener.stdout!.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    await untilItAnswers(`${app.appUrl}logo.svg`);
    await expect.poll(() => heard).toContain("Signing secret");

    await page.goto((await app.open()).redirectUrl);
    await expect(page).toHaveURL(app.appUrl);
    await page.getByLabel("Your text").fill("one two three");
    await page.getByRole("button", { name: "Count the words" }).click();
    await expect(page.getByText("3 words, 11 letters.")).toBeVisible();
    await expect(page.getByRole("region", { name: "Session meter" })).toContainText(/[2-4] tokens/);
    await page.getByRole("button", { name: "End", exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`^${origins.web}/session/complete`));
    await expect.poll(() => heard).toMatch(/session\.started .* -> {2}204[\s\S]*tokens\.consumed .* -> {2}204/);
    await expect.poll(() => heard).toMatch(/session\.completed .* -> {2}204/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an app written from the guides alone meters a visit without the SDK", async ({
  page,
  market,
  origins,
  start,
}) => {
  const port = await freePort();
  const app = await registered(market, port, "label");
  const known = { PROVIDER_ID: app.id, TEST_KEY: app.key };
  const env = { PORT: String(port), API: origins.api, MARKETPLACE: origins.web, ...known };
  start([join(ROOT, "test/second-provider/serve.mjs")], { cwd: ROOT, env });
  await untilItAnswers(app.appUrl);

  const session = await app.open();
  await page.goto(session.redirectUrl);
  await expect(page).toHaveURL(app.appUrl);
  await expect(page.getByText(/Time left: 1\d\d\d s/)).toBeVisible();
  await page.getByLabel("Labels, one a line").fill("SKU-1\nSKU-2");
  await page.getByRole("button", { name: "Print" }).click();
  await expect(page.getByRole("img", { name: "SKU-2" })).toBeVisible();
  await page.getByRole("button", { name: "Leave" }).click();
  await expect(page).toHaveURL(new RegExp(`^${origins.web}/session/complete\\?session_id=${session.id}&state=`));
});
