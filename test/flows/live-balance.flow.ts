// What happens elsewhere shows at once: on another device, in another tab, after the tab that held the line was closed.

import { expect, test } from "./support/flow.ts";
import { signIn } from "./support/steps.ts";

test("tokens bought on another device appear in every tab, also after the first tab is closed", async ({
  page,
  context,
  origins,
  newPerson,
  market,
}) => {
  const person = await newPerson(100);
  await signIn(page, person, "/wallet");
  await expect(page.getByTestId("available")).toContainText("100 tokens");
  const second = await context.newPage();
  await second.goto(`${origins.web}/wallet`);
  await expect(second.getByTestId("available")).toContainText("100 tokens");

  await market.buyTokens(person, 200);
  await expect(page.getByTestId("available")).toContainText("300 tokens");
  await expect(second.getByTestId("available")).toContainText("300 tokens");

  await page.close();
  await market.buyTokens(person, 400);
  await expect(second.getByTestId("available")).toContainText("700 tokens");
});
