// When money does not come: nothing is lost, everything is said, and the way back leads to where one was.

import { expect, test } from "./support/flow.ts";
import { CARDS, openApp, payWith, signIn } from "./support/steps.ts";

test("a declined card charges nothing, and another card goes on from there", async ({ page, origins, newPerson }) => {
  const person = await newPerson();
  await signIn(page, person, "/wallet");
  await page.getByRole("radio", { name: /^500/ }).check({ force: true });
  await page.getByRole("button", { name: "Pay $5.00" }).click();
  await page.waitForURL(`${origins.stripe}/**`);
  await payWith(page, CARDS.declined);
  await expect(page.getByRole("alert")).toContainText("Not paid.");
  await page.getByRole("link", { name: "Cancel and go back" }).click();
  await page.waitForURL(/\/wallet\?canceled=1/);
  await expect(page.getByText("You left the checkout. Nothing was charged")).toBeVisible();
  await expect(page.getByTestId("available")).toContainText("0 tokens");

  await page.getByRole("radio", { name: /^500/ }).check({ force: true });
  await page.getByRole("button", { name: "Pay $5.00" }).click();
  await page.waitForURL(`${origins.stripe}/**`);
  await payWith(page, CARDS.good);
  await expect(page.getByTestId("bought")).toHaveText("500 tokens are yours");
});

test("too few tokens: says how many are missing, sells them, and comes back to the app", async ({
  page,
  origins,
  market,
  newPerson,
}) => {
  const person = await newPerson(120);
  await signIn(page, person);
  await openApp(page, "AI Writer Pro", 60);
  await expect(page.getByText("380 tokens are missing")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Start for/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Buy 400 tokens for $4.00" }).click();
  await page.waitForURL(`${origins.stripe}/**`);
  await payWith(page, CARDS.good);
  await page.waitForURL(/\/tokens\/success/);
  await page.getByRole("link", { name: "Back to AI Writer Pro" }).click();
  await expect(page.getByRole("button", { name: "Start for up to 500 tokens" })).toBeEnabled();
  expect(await market.balance(person)).toBe(520);
});

test("a shorter session fits a small balance", async ({ page, newPerson }) => {
  const person = await newPerson(120);
  await signIn(page, person);
  await openApp(page, "AI Writer Pro", 12);
  await expect(page.getByTestId("held").first()).toHaveText("100");
  await expect(page.getByRole("button", { name: "Start for up to 100 tokens" })).toBeEnabled();
  const field = page.getByRole("spinbutton", { name: "How long, at most?" });
  await field.fill("181");
  await expect(page.getByText("Enter a number from 5 to 180.")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Start for/ })).toBeDisabled();
});

test("a purchase of somebody else shows nothing", async ({ page, market, newPerson }) => {
  const stranger = await newPerson();
  const { checkoutId } = await market.openCheckout(stranger, 500);
  await signIn(page, await newPerson(), `/tokens/success?session_id=${checkoutId}`);
  await expect(page.getByRole("heading", { name: "We do not know this purchase" })).toBeVisible();
});
