// Somebody turns on automatic top-up with a card kept at Stripe, uses an app below the mark they set, and has more tokens:
// once, without another click.

import { expect, test } from "./support/flow.ts";
import { CARDS, openApp, payWith, signIn, startSession } from "./support/steps.ts";

test("keeps a card, turns on automatic top-up, runs low, and the balance rises once", async ({
  page,
  context,
  origins,
  newPerson,
  market,
}) => {
  const person = await newPerson();
  await signIn(page, person, "/wallet");
  await page.getByRole("link", { name: "Top-up, alerts and limits" }).click();
  await page.waitForURL("**/wallet/automatic");
  await expect(page.getByTestId("top-up-state")).toHaveText("Off");
  await page.getByLabel("Buy so many tokens").fill("1000");
  await page.getByRole("button", { name: "Pay $10.00 and keep the card" }).click();
  await page.waitForURL(`${origins.stripe}/**`);
  await payWith(page, CARDS.good);
  await page.waitForURL(/\/tokens\/success/);
  await expect(page.getByTestId("balance")).toHaveText(/^1,000 tokens/);

  await page.goto("/wallet/automatic");
  await page.getByLabel("When my tokens fall below").fill("1000");
  await page.getByLabel("Buy so many tokens").fill("500");
  await page.getByLabel("At most a day").fill("500");
  await page.getByLabel("At most a month").fill("5000");
  await expect(
    page.getByText("When your tokens fall below 1,000, we buy 500 for $5.00 with Visa ··4242."),
  ).toBeVisible();
  await page.getByRole("button", { name: "Turn on and allow these charges" }).click();
  await expect(page.getByTestId("top-up-state")).toHaveText("On");

  const app = await context.newPage();
  await openApp(app, "AI Writer Pro", 30);
  const id = await startSession(app);
  // The hold is the person's still: nothing is bought yet.
  await expect(page.getByTestId("balance")).toHaveText(/^750 tokens/);
  await expect(page.getByTestId("attempts")).toBeHidden();
  await expect.poll(async () => (await market.session(person, id)).session.tokensConsumed).toBeGreaterThan(0);
  await market.must("POST", `/v1/sessions/${id}/complete`, { bearer: person.token, body: {} });

  await expect(page.getByTestId("attempts")).toContainText("Bought: 500 ($5.00)");
  const used = 1500 - (await market.balance(person));
  expect(used).toBeGreaterThan(0);
  expect(used).toBeLessThan(100);
  await expect(page.getByText("We bought 500 tokens for $5.00, as you set it.")).toBeVisible();
  expect((await market.transactions(person)).filter(({ type }) => type === "purchase")).toHaveLength(2);
});
