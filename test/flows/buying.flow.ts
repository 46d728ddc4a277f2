// Buying as a business does: a large bundle with a code, the card kept, the invoice on paper.

import { expect, SEEDED, test } from "./support/flow.ts";
import { CARDS, payWith, signIn } from "./support/steps.ts";

test("buys a bundle with a code, keeps the card, and prints the invoice", async ({
  page,
  browser,
  origins,
  newPerson,
}) => {
  const code = `FLOW${Date.now() % 1_000_000}`;
  await test.step("an operator makes a code, and turns a setting that is put on record", async () => {
    const desk = await browser.newPage();
    await signIn(desk, { ...SEEDED, email: "operator@marketplace.com" }, "/operator/selling");
    await desk.getByLabel("Code", { exact: true }).fill(code);
    await desk.getByLabel("Or promotional tokens on top").fill("500");
    await desk.getByLabel("From so many tokens").fill("20000");
    await desk.getByLabel("Until").fill("2099-01-01");
    await desk.getByRole("button", { name: "Make the code" }).click();
    await expect(desk.getByTestId("codes")).toContainText(`${code} 500 tokens on top`);
    await desk.getByLabel("sellerTaxId", { exact: true }).fill(code);
    await desk.getByRole("button", { name: "Save: sellerTaxId" }).click();
    await expect(desk.getByTestId("changes").getByRole("listitem").first()).toContainText(
      `sellerTaxId: default → "${code}"`,
    );
    await desk.getByRole("button", { name: "Back to the default: sellerTaxId" }).click();
    await expect(desk.getByTestId("changes").getByRole("listitem").first()).toContainText(`"${code}" → default`);
    await desk.close();
  });
  await signIn(page, await newPerson(), "/wallet");

  await test.step("sees what each amount costs, and what a code does", async () => {
    await page.getByRole("radio", { name: /^25,000/ }).check({ force: true });
    await expect(page.getByTestId("offer")).toContainText("$0.0097 a token. You save $7.50.");
    await page.getByText("I have a promotion code").click();
    await page.getByLabel("Promotion code").fill("nosuch");
    await page.getByRole("button", { name: "Use it" }).click();
    await expect(page.getByRole("alert")).toContainText("cannot be used for this purchase");
    await expect(page.getByRole("button", { name: /^Pay/ })).toBeDisabled();
    await page.getByRole("button", { name: "Buy without it" }).click();
    await page.getByText("I have a promotion code").click();
    await page.getByLabel("Promotion code").fill(code.toLowerCase());
    await page.getByRole("button", { name: "Use it" }).click();
    await expect(page.getByTestId("offer")).toContainText("500 promotional tokens on top");
  });

  await test.step("pays that price, and agrees to keep the card", async () => {
    await page.getByLabel("Keep this card for later purchases").check();
    await page.getByRole("button", { name: "Pay $242.50" }).click();
    await page.waitForURL(`${origins.stripe}/**`);
    await expect(page.getByText("List price $250.00, you save $7.50")).toBeVisible();
    await expect(page.getByText("you allow this card to be kept")).toBeVisible();
    await payWith(page, CARDS.good);
    await page.waitForURL(/\/tokens\/success/);
    await expect(page.getByTestId("bought")).toHaveText("25,000 tokens are yours");
    await expect(page.getByTestId("balance")).toHaveText(/^25,500 tokens/);
  });

  await test.step("keeps the invoice on paper", async () => {
    await page.getByRole("link", { name: "Invoice" }).click();
    const invoice = page.getByTestId("invoice");
    await expect(invoice.getByTestId("total")).toHaveText("$242.50");
    await expect(invoice).toContainText("500 promotional tokens");
    await page.emulateMedia({ media: "print" });
    await expect(page.getByRole("banner")).toBeHidden();
    await expect(page.getByRole("button", { name: "Print or save as PDF" })).toBeHidden();
    await expect(invoice).toBeVisible();
    await page.emulateMedia({ media: "screen" });
  });

  await test.step("finds purchase and card in the wallet, and has the card forgotten", async () => {
    await page.goto("/wallet");
    await expect(page.getByTestId("orders").getByRole("listitem")).toHaveCount(1);
    await expect(page.getByTestId("orders").getByRole("link", { name: /^Invoice MP-/ })).toBeVisible();
    await page.getByRole("button", { name: "Remove: Visa ending in 4242" }).click();
    await expect(page.getByText("No card is kept.")).toBeVisible();
  });
});
