// A provider's first minutes: describe an app, see what its price means, take the keys.

import { expect, test } from "./support/flow.ts";
import { signIn } from "./support/steps.ts";

test("registers an app, sees its keys once, and finds it in the catalogue", async ({ page, newPerson, market }) => {
  await signIn(page, await newPerson(), "/provider");
  await expect(page.getByText("No app registered yet")).toBeVisible();
  await page.getByRole("button", { name: "Register an app" }).click();
  await page.getByRole("button", { name: "Register app" }).click();
  // The first field that is missing has the focus.
  await expect(page.getByLabel("Name")).toBeFocused();

  const name = `Garden Planner ${Date.now()}-${test.info().parallelIndex}`;
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("What it does").fill("Plans beds and rows so that nothing shades anything.");
  await page.getByLabel("Use cases").fill("plan my vegetable garden\nknow when to sow beans");
  await page.getByLabel("Address of the app").fill(`http://localhost:${port}/app`);
  await page.getByLabel("Address of its logo").fill(`http://localhost:${port}/logo.svg`);
  await page.getByText("Both", { exact: true }).click();
  await page.getByLabel("Tokens an hour").fill("120");
  await page.getByLabel("What you count").fill("plan");
  await page.getByLabel("Tokens for each").fill("2.5");
  await page.getByLabel("At most, in an hour").fill("20");
  // 30 minutes: 60 for the time, 10 plans at 2.5.
  const example = page.getByRole("complementary");
  await expect(example).toContainText("85 tokens");
  await expect(example).toContainText("68 tokens");
  await expect(example).toContainText("17 tokens");

  await page.getByRole("button", { name: "Register app" }).click();
  const keys = page.getByRole("region", { name: `${name} is registered` });
  await expect(keys).toContainText(/mk_live_\S+/);
  await expect(keys).toContainText(/mk_test_\S+/);
  await page.getByRole("button", { name: "I have stored them" }).click();
  await expect(page.getByText(/mk_live_/)).toHaveCount(0);
  await expect(page.getByRole("link", { name })).toBeVisible();

  await page.getByRole("button", { name: "Set to maintenance" }).click();
  await expect(page.getByRole("button", { name: "Make available" })).toBeVisible();
  const { providers } = await market.must<{ providers: { name: string; status: string }[] }>(
    "GET",
    "/v1/providers?limit=200",
  );
  expect(providers.find((app) => app.name === name)?.status ?? "maintenance").toBe("maintenance");
});
