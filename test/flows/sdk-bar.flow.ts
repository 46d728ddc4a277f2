// The session bar as a person meets it: every state, light and dark, German, a narrow phone, the keyboard, and axe.

import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { bootScript, FakeMarketplace, launchUrl, stopClock } from "./support/fake-marketplace.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function start(page: Page, facts: Partial<FakeMarketplace["state"]> = {}, options = "") {
  const market = new FakeMarketplace();
  market.set(facts);
  const problems: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  await market.serve(page.context(), { boot: bootScript(options) });
  await stopClock(page.context());
  await page.goto(launchUrl());
  await expect(page.getByRole("region")).toBeVisible();
  return { market, problems };
}

const STATES: Record<string, Partial<FakeMarketplace["state"]>> = {
  running: { tokensConsumed: 120 },
  paused: { status: "paused", pauseCause: "idle" },
  warning: { status: "active", pauseCause: null, remainingSeconds: 290, warning: true, tokensConsumed: 460 },
};

for (const colorScheme of ["light", "dark"] as const)
  test(`passes axe in every state, ${colorScheme}, under a strict policy with Trusted Types`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const { market, problems } = await start(page);
    await page.evaluate("document.documentElement.style.colorScheme = 'light dark'");
    // axe itself needs time to pass.
    await page.clock.resume();
    for (const [name, facts] of Object.entries(STATES)) {
      market.set(facts);
      await page.clock.runFor(30_000);
      await expect(page.locator(`[data-state="${name}"]`)).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).include("div").analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.failureSummary)])).toEqual([]);
    }
    expect(problems).toEqual([]);
  });

test("speaks German on a German page", async ({ page }) => {
  await start(page, STATES.warning, `locale: "de",`);
  await expect(page.getByRole("region", { name: "Sitzungsuhr" })).toBeVisible();
  await expect(page.getByRole("button", { name: /15 min länger, etwa 125 Tokens \(1,25\s\$\)/ })).toBeVisible();
  await expect(page.getByRole("status")).toHaveText("04:50 bis zum Ende Ihrer Sitzung");
});

test("fits 320 px, with targets a thumb can hit", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await start(page, STATES.warning);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320);
  for (const button of await page.getByRole("button").all())
    expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(44);
});

test("works by keyboard, folds away, and comes back for the warning", async ({ page }) => {
  await start(page, { remainingSeconds: 305 });
  const details = page.getByRole("button", { name: "Details" });
  await expect(details).toHaveAttribute("aria-expanded", "true");
  await details.focus();
  await page.keyboard.press("Enter");
  await expect(details).toHaveAttribute("aria-expanded", "false");
  await expect(page.getByRole("button", { name: "End" })).toBeHidden();
  await expect(page.getByRole("timer")).toBeVisible();
  await page.clock.runFor(10_000);
  await expect(page.getByRole("button", { name: "Extend" })).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).focus();
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Resume" })).toBeFocused();
});

test("speaks up politely when something changes, and stays silent while the clock runs", async ({ page }) => {
  const { market } = await start(page, { remainingSeconds: 62, warning: true });
  await expect(page.getByRole("timer")).toHaveAttribute("aria-live", "off");
  const status = page.getByRole("status");
  await expect(status).toHaveText("01:02 until your session ends");
  await page.clock.runFor(1000);
  await expect(status).toHaveText("01:02 until your session ends");
  await page.clock.runFor(1000);
  await expect(status).toHaveText("01:00 until your session ends");
  market.set({ status: "paused", pauseCause: "user" });
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(status).toContainText("Paused, you are not being charged");
});

test("takes the app's colours", async ({ page }) => {
  await start(page);
  await page.evaluate("document.documentElement.style.setProperty('--mp-signal', 'rgb(1, 2, 3)')");
  await expect(page.getByRole("timer")).toHaveCSS("background-color", "rgb(1, 2, 3)");
});
