// An operator's desk: what waits is counted where they begin, tokens are given to a person, and a held referral goes on.

import { DatabaseSync } from "node:sqlite";
import { databaseFile } from "../support/aged-state.ts";
import { expect, test } from "./support/flow.ts";
import { signIn } from "./support/steps.ts";

const OPERATOR = { email: "operator@marketplace.com", password: "testpassword123" };

/** As the hourly look for farms leaves it: `referred` was brought by `referrer`, and both pay with one card. */
function holdReferral(referrer: string, referred: string): void {
  const database = new DatabaseSync(databaseFile(process.env.FLOW_STATE_DIR!), { timeout: 10_000 });
  const idOf = (email: string) =>
    (database.prepare("SELECT id FROM users WHERE email = ?").get(email) as { id: string }).id;
  const [from, to, now] = [idOf(referrer), idOf(referred), Date.now()];
  database.prepare("INSERT INTO referral_codes (code, user_id, created_at) VALUES (?, ?, ?)").run(from, from, now);
  database
    .prepare(
      `INSERT INTO referrals (referred_user_id, referrer_user_id, code, tokens, days, wait_ms, tokens_min, claimed_at, held_reason)
       VALUES (?, ?, ?, 200, 180, 1, 1000, ?, 'linked_accounts')`,
    )
    .run(to, from, from, now);
  database.prepare("INSERT INTO account_links VALUES (?, ?, 'card', ?)").run(to, from, now);
  database.close();
}

test("counts what waits, gives a person tokens, and releases a held referral", async ({ page, market, newPerson }) => {
  const [ada, ben] = [await newPerson(), await newPerson()];
  holdReferral(ada.email, ben.email);

  await signIn(page, OPERATOR, "/operator");
  await expect(page.getByTestId("waiting-referrals")).toBeVisible();

  await page.goto("/operator/grants");
  await page.getByRole("button", { name: "Check and give" }).click();
  await expect(page.getByText("Write whose tokens these are.")).toBeVisible();
  await expect(page.getByLabel("Organisation", { exact: true })).toBeFocused();
  await page.getByLabel("Organisation", { exact: true }).fill("Stadtwerke Beispiel");
  await page.getByLabel("E-mail of the person").fill(ben.email);
  await page.getByLabel("Tokens", { exact: true }).fill("1200");
  await page.getByLabel("Paid for them, in US dollars").fill("9.50");
  await page.getByLabel("Reason").fill("Yearly budget");
  await page.getByRole("button", { name: "Check and give" }).click();
  const asked = page.getByRole("dialog", { name: "Give 1,200 tokens" });
  await expect(asked).toContainText("$9.50 from Stadtwerke Beispiel is booked as received");
  await asked.getByRole("button", { name: "Give 1,200 tokens" }).click();
  await expect(page.getByRole("status").filter({ hasText: `1,200 tokens given to ${ben.email}.` })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: ben.email })).toContainText("1,200 left");
  expect(await market.balance(ben)).toBe(1_200);

  await page.goto("/operator/referrals");
  const held = page.getByTestId("held-referrals").getByRole("listitem").filter({ hasText: ben.email });
  await expect(held).toContainText(`${ben.email} paid with the same card as ${ada.email}, the one who brought them`);
  await held.getByRole("button", { name: `Decide about ${ben.email}` }).click();
  const deciding = page.getByRole("dialog", { name: "Decide on 200 tokens to each side" });
  await expect(deciding.getByRole("button", { name: "Release" })).toBeDisabled();
  // What was begun and put away is not there when the next one is asked about.
  await deciding.getByLabel("Reason").fill("Half a thought");
  await page.keyboard.press("Escape");
  await held.getByRole("button", { name: `Decide about ${ben.email}` }).click();
  await expect(deciding.getByLabel("Reason")).toHaveValue("");
  await deciding.getByLabel("Reason").fill("Siblings who share a card");
  await deciding.getByRole("button", { name: "Release" }).click();
  await expect(page.getByText(`The referral of ${ben.email} goes on.`)).toBeVisible();
  await expect(held).toBeHidden();
});
