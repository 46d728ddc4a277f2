// What an app's page does with a session, in a real browser under the strictest content policy, on a clock of the test's
// own. The marketplace is a stand-in in the network layer; the whole loop against the real one is in other stories.

import { expect, test as base, type Page } from "@playwright/test";
import { build } from "esbuild";
import {
  API,
  APP,
  bootScript,
  caughtUp,
  FakeMarketplace,
  goesTo,
  heardBy,
  launchToken,
  launchUrl,
  MARKET,
  PROVIDER_ID,
  scriptTags,
  SESSION_ID,
  SESSION_TOKEN,
  stopClock,
} from "./support/fake-marketplace.ts";

const COMPLETE_URL = `${MARKET}/session/complete?session_id=${SESSION_ID}&state=opaque-state`;

const test = base.extend<{ market: FakeMarketplace }>({
  market: async ({ context }, use) => {
    const market = new FakeMarketplace();
    await market.serve(context, { boot: bootScript() });
    await stopClock(context);
    await use(market);
  },
});

const open = async (page: Page, url = launchUrl()) => {
  await page.goto(url);
  await expect(page.getByRole("region", { name: "Session meter" })).toBeVisible();
};
const storage = (page: Page): Promise<Record<string, string>> =>
  page.evaluate("Object.fromEntries(Object.entries(sessionStorage))");
/** Lets the page's clock run, and waits until the marketplace has heard `count` requests in all. */
const run = async (page: Page, market: FakeMarketplace, seconds: number, count = market.heard.length) => {
  await page.clock.runFor(seconds * 1000);
  await expect.poll(() => market.heard.length).toBe(count);
  if (Object.keys(market.refusals).length === 0) await caughtUp(page, market);
};

test("takes the launch token out of the address before anything else happens, and redeems it once", async ({
  page,
  market,
}) => {
  await open(page);
  expect(page.url()).toBe(`${APP}/tool?tab=2#part`);
  expect(market.actions()).toEqual(["start"]);
  const [start] = market.heard;
  expect(start).toMatchObject({ bearer: launchToken(), pageUrl: `${APP}/tool?tab=2#part` });
  expect(start!.nonce).toMatch(/^[0-9a-f-]{36}$/);
  const kept = JSON.stringify(await storage(page));
  expect(kept).toContain(SESSION_TOKEN);
  expect(kept).not.toContain(launchToken());
  expect(await heardBy(page)).toEqual([["ready", "active"]]);
});

test("keeps the session over a refresh, without a second start", async ({ page, market }) => {
  await open(page);
  await page.reload();
  await expect.poll(() => market.actions().slice(-1)).toEqual(["heartbeat"]);
  expect(market.actions().filter((action) => action === "start")).toHaveLength(1);
  expect(market.heard.at(-1)!.bearer).toBe(SESSION_TOKEN);
  await expect(page.getByRole("timer")).toHaveText("01:00:00");
});

test("asks again with the same nonce when the answer to the start was lost", async ({ page, market }) => {
  market.refusals.start = { status: 503, body: { code: "temporarily_unavailable" } };
  await page.goto(launchUrl());
  await expect.poll(() => market.heard.length).toBe(1);
  await page.reload();
  await expect.poll(() => market.heard.length).toBe(2);
  market.refusals = {};
  await run(page, market, 2, 3);
  expect(new Set(market.heard.map((request) => request.nonce)).size).toBe(1);
  await expect(page.getByRole("timer")).toBeVisible();
});

test("refuses the launch token of another app without telling anyone", async ({ page, market }) => {
  await page.goto(launchUrl({ provider_id: "another-app" }));
  await expect.poll(() => heardBy(page)).toEqual([["error", "provider_mismatch"]]);
  expect(page.url()).not.toContain("marketplace_session");
  expect(market.heard).toEqual([]);
  expect(await storage(page)).toEqual({});
  await expect(page.getByRole("status")).toContainText("nothing was charged: provider_mismatch");
});

test("never sends anyone to a return address that is not the marketplace's", async ({ page, market }) => {
  await open(page, launchUrl({}, "https://market.example@evil.example/"));
  expect(await heardBy(page)).toContainEqual(["error", "return_url_refused"]);
  await page.getByRole("button", { name: "End" }).click();
  await goesTo(page, COMPLETE_URL);
  expect(market.actions()).toEqual(["start", "complete"]);
});

test("beats every 30 s and says whether the person did something", async ({ page, market }) => {
  await open(page);
  await run(page, market, 29, 1);
  await run(page, market, 1, 2);
  expect(market.heard[1]).toMatchObject({ action: "heartbeat", active: false, bearer: SESSION_TOKEN });
  await page.mouse.move(50, 50);
  await run(page, market, 30, 3);
  expect(market.heard[2]).toMatchObject({ action: "heartbeat", active: true });
  await run(page, market, 30, 4);
  expect(market.heard[3]).toMatchObject({ active: false });
});

test("shows the pause after two idle minutes, and beats at once when the person is back", async ({ page, market }) => {
  await open(page);
  await page.mouse.move(10, 10);
  for (const beat of [1, 2, 3, 4]) {
    market.set({ remainingSeconds: 3600 - beat * 30 });
    await run(page, market, 30, 1 + beat);
  }
  await page.clock.runFor(5000);
  await expect(page.getByText("Paused, you are not being charged").first()).toBeVisible();
  // Two minutes of use were counted, not a second more.
  await expect(page.getByRole("timer")).toHaveText("58:00");
  await page.mouse.move(60, 60);
  await expect.poll(() => market.heard.length).toBe(6);
  expect(market.heard[5]).toMatchObject({ action: "heartbeat", active: true });
  await expect(page.getByText("left", { exact: true })).toBeVisible();
  expect((await heardBy(page)).map(([name]) => name)).toEqual(["ready", "paused", "resumed"]);
});

test("pauses and resumes on request, and shows that nothing is charged meanwhile", async ({ page, market }) => {
  await open(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
  await page.clock.runFor(10_000);
  await expect(page.getByRole("timer")).toHaveText("01:00:00");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  expect(market.actions()).toEqual(["start", "pause", "resume"]);
});

test("warns near the end with a priced extension, which only the marketplace can grant", async ({ page, market }) => {
  market.set({ remainingSeconds: 302 });
  await open(page);
  const extend = page.getByRole("button", { name: "Extend 15 min, about 125 tokens ($1.25)" });
  await expect(extend).toBeHidden();
  await page.clock.runFor(3000);
  await expect(extend).toBeVisible();
  expect(await heardBy(page)).toContainEqual(["warning", "active"]);
  await extend.click();
  const consent = new URLSearchParams({ extend: "1", return: `${APP}/tool?tab=2#part` });
  await expect(page).toHaveURL(`${MARKET}/sessions/${SESSION_ID}?${consent.toString()}`);
  market.set({ remainingSeconds: 1200, durationSeconds: 4500, tokensAllocated: 625 });
  await page.goBack();
  await expect(page.getByRole("timer")).toHaveText("20:00");
  await expect(page.getByRole("button", { name: "Extend" })).toBeHidden();
});

test("lets the server say when time is up, then clears the tab and goes back", async ({ page, market }) => {
  market.set({ remainingSeconds: 5 });
  await open(page);
  await page.evaluate("sessionStorage.setItem('draft', 'of the app')");
  // The server counts a little slower: the page waits for its word.
  market.set({ remainingSeconds: 2 });
  await run(page, market, 5, 2);
  const over = { ...market.state, status: "completed", endReason: "time_expired", endedAt: market.state.serverTime };
  market.refusals.heartbeat = {
    status: 401,
    body: { code: "session_expired", session: { ...over, tokensConsumed: 500 } },
  };
  await run(page, market, 2, 3);
  await expect(page.getByText("Ended: 500 tokens ($5.00) used").first()).toBeVisible();
  expect(await storage(page)).toEqual({});
  expect((await heardBy(page)).map(([name]) => name)).toEqual(["ready", "warning", "ended"]);
  expect(page.url()).toContain(APP);
  await page.clock.runFor(2000);
  await goesTo(page, COMPLETE_URL);
});

test("keeps trying without a network, and does what was asked for meanwhile", async ({ page, market }) => {
  await open(page);
  market.isDown = true;
  await page.clock.runFor(30_000);
  await expect.poll(() => heardBy(page)).toContainEqual(["offline", "active"]);
  await page.clock.runFor(1000);
  await expect(page.getByText("Offline, the marketplace keeps your time").first()).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  market.isDown = false;
  await expect
    .poll(async () => {
      await page.clock.runFor(1000);
      return market.actions();
    })
    .toEqual(["start", "pause"]);
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
  const names = (await heardBy(page)).map(([name]) => name);
  expect(names).toEqual(["ready", "offline", "online", "paused"]);
});

test("opened without a session it says so, and asks nobody", async ({ page, market }) => {
  await page.goto(`${APP}/tool?return_url=mine&state=mine`);
  await expect.poll(() => page.evaluate("typeof window.session")).toBe("object");
  await page.clock.runFor(1000);
  await expect.poll(() => heardBy(page)).toEqual([["nosession", null]]);
  expect(page.url()).toBe(`${APP}/tool?return_url=mine&state=mine`);
  expect(market.heard).toEqual([]);
  await expect(page.getByRole("region")).toBeHidden();
});

test("ends when the app's own API says SESSION_EXPIRED", async ({ page, market }) => {
  await open(page);
  expect(await page.evaluate("session.fetch('/own-api').then((answer) => answer.status)")).toBe(401);
  await page.clock.runFor(2000);
  await goesTo(page, COMPLETE_URL);
  expect(market.actions()).toEqual(["start"]);
});

test.describe("with options", () => {
  const started = async (page: Page, market: FakeMarketplace, options: string, script?: string) => {
    await page.context().unrouteAll();
    await market.serve(page.context(), { boot: bootScript(options), head: scriptTags(script) });
  };

  test("takes the token from the app's own server", async ({ page, market }) => {
    await started(page, market, `onFetchConnectionToken: async () => ${JSON.stringify(launchToken())},`);
    await open(page, `${APP}/dashboard`);
    expect(market.heard[0]).toMatchObject({ action: "start", bearer: launchToken() });
  });

  // A server that redeems and leaves the token in the address: the page said that nothing could be opened, while it ran.
  test("goes on where the app's own server has redeemed the launch in the address", async ({ page, market }) => {
    await started(page, market, `onFetchConnectionToken: async () => ${JSON.stringify(SESSION_TOKEN)},`);
    await page.goto(launchUrl());
    await expect.poll(() => heardBy(page)).toEqual([["ready", "active"]]);
    expect(market.heard.map(({ action, bearer }) => [action, bearer])).toEqual([["heartbeat", SESSION_TOKEN]]);
    await page.evaluate("session.end()");
    await goesTo(page, COMPLETE_URL);
  });

  test("leaves the screen to the app: no bar, no redirect, the same events", async ({ page, market }) => {
    await started(page, market, "ui: false, redirect: false,");
    await page.goto(launchUrl());
    await expect.poll(() => heardBy(page)).toEqual([["ready", "active"]]);
    await expect(page.getByRole("region")).toBeHidden();
    await page.evaluate("session.end()");
    await page.clock.runFor(5000);
    expect((await heardBy(page)).at(-1)).toEqual(["ended", "completed"]);
    expect(page.url()).toContain(APP);
  });

  test("is loaded by the package's loader, where Trusted Types are required too", async ({ page, market }) => {
    await page.context().unrouteAll();
    const { outputFiles } = await build({
      stdin: {
        contents: `import { loadMarketplace } from "./sdk/src/browser/loader.ts";
          const src = "${API}/sdk.js";
          Promise.all([loadMarketplace({ src }), loadMarketplace({ src })]).then(([sdk]) => sdk.create({ providerId: "${PROVIDER_ID}" }));`,
        resolveDir: process.cwd(),
      },
      bundle: true,
      write: false,
    });
    const head = '<script defer src="/boot.js"></script>';
    await market.serve(page.context(), { boot: outputFiles[0]!.text, head, trustedTypes: "meterplace" });
    await open(page);
    expect(market.actions()).toEqual(["start"]);
  });

  test("starts from a script tag alone", async ({ page, market }) => {
    await page.context().unrouteAll();
    const head = `<script async src="${API}/sdk.js" data-provider-id="${market.state.providerId}"></script>`;
    await market.serve(page.context(), { boot: "", head });
    await open(page);
    expect(market.actions()).toEqual(["start"]);
  });
});
