// A person was charged for something that did not work: they say so on the receipt, an operator gives the tokens back, and
// they read the answer where they asked.

import { expect, test } from "./support/flow.ts";
import { signIn, tokensIn } from "./support/steps.ts";

const OPERATOR = { email: "operator@marketplace.com", password: "testpassword123" };
/** Costs the same however long it runs. */
const FLAT_APP = "Deck Polisher";

test("reports a problem on the receipt, gets the tokens back, and reads the answer there", async ({
  page,
  browser,
  origins,
  market,
  newPerson,
}) => {
  const person = await newPerson(1_000);
  const { providers } = await market.must<{ providers: { id: string; name: string }[] }>(
    "GET",
    "/v1/providers?limit=200",
  );
  const app = providers.find(({ name }) => name === FLAT_APP)!;
  const { id, launchToken } = await market.createSession(person, app.id);
  const { sessionToken } = await market.redeem(launchToken);
  await market.sync(sessionToken, { action: "complete" });

  await signIn(page, person, `/session/complete?session_id=${id}`);
  const charged = tokensIn(await page.getByTestId("used").innerText());
  expect(charged).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Report a problem" }).click();
  const dialog = page.getByRole("dialog", { name: "Report a problem" });
  await dialog.getByRole("button", { name: "Send the report" }).click();
  await expect(dialog.getByText("Write a sentence, so that we know what to look for.")).toBeVisible();
  const words = `The form never loaded (${person.email}).`;
  await dialog.getByLabel("In your words").fill(words);
  await dialog.getByRole("button", { name: "Send the report" }).click();
  await expect(page.getByText("We are looking into it")).toBeVisible();
  await expect(page.getByRole("button", { name: "Report a problem" })).toBeHidden();

  const desk = await (await browser.newContext({ baseURL: origins.web })).newPage();
  await signIn(desk, OPERATOR, "/operator/complaints");
  const complaint = desk.getByRole("article").filter({ hasText: words });
  await complaint.getByLabel("Your answer to the person").fill("You are right, it was down. All of it is back.");
  await complaint.getByRole("button", { name: new RegExp(`^Give ${charged} tokens back`) }).click();
  await expect(complaint).toBeHidden();
  await desk.getByRole("button", { name: "Granted" }).click();
  await expect(desk.getByRole("article").filter({ hasText: words })).toBeVisible();

  await page.reload();
  await expect(page.getByText("You are right, it was down. All of it is back.")).toBeVisible();
  await expect(page.getByText(new RegExp(`^You got ${charged} tokens back`))).toBeVisible();
  expect(await market.balance(person)).toBe(1_000);
  await page.goto("/wallet");
  await expect(page.getByTestId("available")).toContainText("1,000");
});
