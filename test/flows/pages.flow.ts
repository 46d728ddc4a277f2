// What one can do with the pages: with the keyboard alone, without a network, installed as an app, in German.

import { expect, test } from "./support/flow.ts";
import { layoutFaults } from "./support/page-faults.ts";
import { signIn } from "./support/steps.ts";

test("an app can be found and started with the keyboard alone", async ({ page, origins, newPerson }) => {
  const person = await newPerson(1000);
  await signIn(page, person);
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox", { name: "Search apps" })).toBeFocused();
  await page.keyboard.type("AI Writer Pro");
  await page.waitForURL(/q=AI/);
  const link = page.getByRole("link", { name: "AI Writer Pro", exact: true });
  await expect(link).toBeVisible();
  await expect(async () => {
    await page.keyboard.press("Tab");
    await expect(link).toBeFocused({ timeout: 50 });
  }).toPass({ intervals: [10] });
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "AI Writer Pro" })).toBeVisible();
  const slider = page.getByRole("slider", { name: "How long, at most?" });
  await slider.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByTestId("held").first()).toHaveText("459");
  const start = page.getByRole("button", { name: "Start for up to 459 tokens" });
  // Not before one's own price is known; until then it takes no focus.
  await expect(start).toBeEnabled();
  await start.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`${origins.demo}/**`);
});

test("without a network it says so, keeps what it knows, and sells nothing", async ({ page, context, newPerson }) => {
  await signIn(page, await newPerson(700), "/wallet");
  await expect(page.getByTestId("available")).toContainText("700 tokens");
  await page.evaluate("navigator.serviceWorker.ready.then(() => true)");
  await page.goto("/apps");
  await expect(page.getByRole("link", { name: "AI Writer Pro", exact: true })).toBeVisible();
  // The worker takes the page over on the second visit.
  await page.reload();
  await page.goto("/wallet");
  await expect(page.getByTestId("available")).toContainText("700 tokens");

  await context.setOffline(true);
  await expect(page.getByText("You are offline.").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Not possible offline" })).toBeDisabled();
  await expect(page.getByText(/As of \d\d:\d\d/)).toBeVisible();
  await page.goto("/apps");
  await expect(page.getByRole("link", { name: "AI Writer Pro", exact: true })).toBeVisible();
  await page.goto("/docs?never=seen");
  await expect(page.getByRole("heading", { name: "You are offline" })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText("Nothing can be bought or started until")).toBeHidden();
});

test("it can be installed as an app", async ({ page, context, browserName }) => {
  expect(browserName).toBe("chromium");
  await page.goto("/");
  const devtools = await context.newCDPSession(page);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // Every test's profile is a private one; that is all that may stand in the way.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
  const { errors, url } = await devtools.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(url).toContain("/manifest.webmanifest");
});

test("it speaks German when chosen, from the first byte", async ({ page, newPerson }) => {
  await signIn(page, await newPerson(100), "/account");
  await page.getByText("Deutsch").click();
  await expect(page.getByRole("heading", { level: 1, name: "Konto" })).toBeVisible();
  const answer = await page.goto("/");
  expect(await answer?.text()).toContain('<html lang="de"');
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Der Zähler hält an, wenn Sie aufhören.");
  await page.goto("/wallet");
  await expect(page.getByRole("heading", { name: "Token kaufen" })).toBeVisible();
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await layoutFaults(page)).toEqual([]);
});
