// One session in several tabs: one beats, all show, and whoever is left carries on.

import { expect, test, type Page } from "@playwright/test";
import {
  APP,
  bootScript,
  caughtUp,
  FakeMarketplace,
  goesTo,
  heardBy,
  launchUrl,
  MARKET,
  PROVIDER_ID,
  stopClock,
} from "./support/fake-marketplace.ts";

const meter = (page: Page) => page.getByRole("timer");

test("two tabs beat as one, share the state, and hand over when the first closes", async ({ context }) => {
  const market = new FakeMarketplace();
  await market.serve(context, { boot: bootScript() });
  await stopClock(context);
  const first = await context.newPage();
  await first.goto(launchUrl());
  await expect(meter(first)).toBeVisible();

  // A tab of its own, without a token: it asks the other one.
  const second = await context.newPage();
  await second.goto(`${APP}/tool`);
  await expect(meter(second)).toHaveText("01:00:00");
  expect(market.actions()).toEqual(["start"]);

  // The clock runs in both tabs, yet one beats.
  await context.clock.runFor(30_000);
  await expect.poll(() => market.actions()).toEqual(["start", "heartbeat"]);
  await caughtUp(first, market);
  await caughtUp(second, market);
  // What is done in the second tab counts in the first one's beat.
  await second.mouse.move(30, 30);
  market.set({ tokensConsumed: 7 });
  await context.clock.runFor(30_000);
  await expect.poll(() => market.actions()).toEqual(["start", "heartbeat", "heartbeat"]);
  expect(market.heard.at(-1)).toMatchObject({ active: true });
  await expect(second.getByText("7 tokens ($0.07)")).toBeVisible();

  await second.getByRole("button", { name: "Pause" }).click();
  await expect(first.getByRole("button", { name: "Resume" })).toBeVisible();
  await second.getByRole("button", { name: "Resume" }).click();
  await expect(first.getByRole("button", { name: "Pause" })).toBeVisible();

  await first.close({ runBeforeUnload: false });
  const before = market.heard.length;
  await expect
    .poll(async () => {
      await context.clock.runFor(10_000);
      return market.heard.length;
    })
    .toBeGreaterThan(before);
  expect(market.heard.at(-1)).toMatchObject({ action: "heartbeat" });

  const third = await context.newPage();
  await third.goto(`${APP}/tool`);
  await expect(meter(third)).toBeVisible();
  await third.getByRole("button", { name: "End" }).click();
  for (const page of [second, third]) await goesTo(page, new RegExp(`^${MARKET}/session/complete`));
  expect(market.actions().filter((action) => action === "complete")).toHaveLength(1);
});

test("a LOGOUT of the app's own ends the session in every tab, once", async ({ context }) => {
  const market = new FakeMarketplace();
  await market.serve(context, { boot: bootScript("redirect: false,") });
  await stopClock(context);
  const first = await context.newPage();
  await first.goto(launchUrl());
  await expect(meter(first)).toBeVisible();
  const second = await context.newPage();
  await second.goto(`${APP}/tool`);
  await expect(meter(second)).toBeVisible();

  await second.evaluate("new BroadcastChannel('marketplace_session').postMessage({ type: 'LOGOUT' })");
  // The tab says that it ended while it still tells the marketplace.
  await expect.poll(() => market.actions()).toContain("complete");
  for (const page of [first, second])
    await expect.poll(async () => (await heardBy(page)).map(([name]) => name)).toContain("ended");
  expect(market.actions()).toEqual(["start", "complete"]);
});

test("two apps of one origin do not hear each other", async ({ context }) => {
  const market = new FakeMarketplace();
  await market.serve(context, { boot: bootScript() });
  await stopClock(context);
  const first = await context.newPage();
  await first.goto(launchUrl());
  await expect(meter(first)).toBeVisible();
  await first.evaluate(`
    const channel = new BroadcastChannel("marketplace_session");
    channel.postMessage({ type: "SESSION_EXPIRED", data: { providerId: "another" } });
    channel.postMessage({ type: "TOKEN_BALANCE_UPDATE", data: { providerId: "${PROVIDER_ID}", balance: 42 } });`);
  await expect
    .poll(() => heardBy(first))
    .toEqual([
      ["ready", "active"],
      ["balance", 42],
    ]);
});
