// What can be pressed stays where it is while the rest of a page is still on its way.

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
