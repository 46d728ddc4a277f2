// What can be pressed stays where it is while the rest of a page is still on its way.

import type { Marketplace, Person } from "../support/marketplace.ts";
import { expect, test } from "./support/flow.ts";
import { signIn } from "./support/steps.ts";
import { holdAnswers, movedControls, watchControls } from "./support/still.ts";

test.use({ serviceWorkers: "block", viewport: { width: 390, height: 844 } });

test("the wallet of a phone shows from the top down, whatever answers first", async ({ page, newPerson }) => {
  const person = await newPerson(3_000);
  await signIn(page, person);
  // From the bottom of the page to its top, and what is bought in the middle of it.
  const late = [
    "orders",
    "transactions",
    "referrals",
    "cards",
    "subscriptions",
    "notifications",
    "offers",
    "lots",
    "debts",
  ];
  const letGo = await holdAnswers(page, late);
  await watchControls(page);
  await page.goto("/wallet");
  for (const end of late) await letGo(end);
  await expect(page.getByRole("button", { name: "Pay $10.00" })).toBeEnabled();
  await expect(page.getByTestId("orders").getByRole("link")).toBeVisible();
  expect(await movedControls(page)).toEqual([]);
});

test("limits and the deletion of an account wait for what stands above them", async ({ page, newPerson }) => {
  await signIn(page, await newPerson());
  const late = ["spending", "top-up", "notifications", "connections", "me/push"];
  const letGo = await holdAnswers(page, late);
  await watchControls(page);
  await page.goto("/wallet/automatic");
  for (const end of ["spending", "top-up", "notifications"]) await letGo(end);
  await expect(page.getByRole("button", { name: "Save", exact: true })).toBeVisible();
  expect(await movedControls(page)).toEqual([]);
  await page.goto("/account");
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  await letGo("connections");
  await letGo("me/push");
  await expect(page.getByRole("button", { name: "Delete account" })).toBeVisible();
  expect(await movedControls(page)).toEqual([]);
});

test("an app's own page does the same for its owner, whose figures come last", async ({ page, newPerson, market }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  const owner = await newPerson();
  const provider = await stillWater(market, owner);
  await signIn(page, owner);
  const late = ["analytics", "payouts/balance", "earnings"];
  const letGo = await holdAnswers(page, late);
  await watchControls(page);
  await page.goto(`/provider/${provider.id}`);
  for (const end of late) await letGo(end);
  await expect(page.getByRole("radio", { name: "28 days" })).toBeAttached();
  await expect(page.getByTestId("answers").getByRole("paragraph").first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Earnings and payouts" })).toBeVisible();
  expect(await movedControls(page)).toEqual([]);
});

test("earnings, use and an app's price do the same, with what comes last at their end", async ({
  page,
  newPerson,
  market,
}) => {
  const owner = await newPerson();
  const provider = await stillWater(market, owner);
  await signIn(page, owner);
  const late = ["earnings", "payouts", "payouts/balance", "usage", "plans"];
  const letGo = await holdAnswers(page, late);
  await watchControls(page);
  await page.goto("/provider/earnings");
  for (const end of ["earnings", "payouts"]) await letGo(end);
  await expect(page.getByText("No session is running.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Save as CSV" })).toBeHidden();
  await letGo("payouts/balance");
  await expect(page.getByRole("button", { name: "Save as CSV" })).toBeVisible();
  expect(await movedControls(page)).toEqual([]);
  await page.goto("/usage");
  await letGo("usage");
  await expect(page.getByRole("button", { name: "Work it out" })).toBeVisible();
  expect(await movedControls(page)).toEqual([]);
  await page.goto(`/provider/${provider.id}/price`);
  await expect(page.getByTestId("price-history")).toBeVisible();
  await letGo("plans");
  await expect(page.getByRole("button", { name: "Offer this plan" })).toBeVisible();
  expect(await movedControls(page)).toEqual([]);
});

/** An app of the owner's. */
async function stillWater(market: Marketplace, owner: Person): Promise<{ id: string }> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const { provider } = await market.must<{ provider: { id: string } }>("POST", "/v1/provider/register", {
    bearer: owner.token,
    body: {
      name: `Still Water ${port}`,
      description: "Does not move.",
      category: "other",
      useCases: ["look at a lake"],
      appUrl: `http://localhost:${port}/`,
      logoUrl: `http://localhost:${port}/logo.svg`,
      tokenRatePerHour: 60,
    },
  });
  return provider;
}
