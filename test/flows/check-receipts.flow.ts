// Receipts a person can check without trusting us: saved from the receipt and the wallet, checked on the public page, signed
// out; one changed figure is seen, and one left out.

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/flow.ts";
import { openApp, signIn, startSession } from "./support/steps.ts";

async function downloaded(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return readFileSync(await download.path(), "utf8");
}

test("checks receipts offline, and sees one that was changed or left out", async ({ page, browser, newPerson }) => {
  const person = await newPerson(3_000);
  await signIn(page, person);
  for (let session = 0; session < 3; session++) {
    await openApp(page, "AI Writer Pro", 5);
    const id = await startSession(page);
    await page.getByRole("button", { name: "End", exact: true }).click();
    await page.waitForURL(new RegExp(`/session/complete\\?session_id=${id}`));
    await expect(page.getByTestId("used")).toBeVisible();
  }

  const one = await test.step("is led from the receipt to the check", async () => {
    await expect(page.getByText(/^Receipt 3, /)).toBeVisible();
    await page.getByText("Minute by minute").click();
    await expect(page.getByTestId("intervals")).toContainText("Running");
    const text = await downloaded(page, "Save signed receipt");
    await page.getByRole("link", { name: "Check it" }).click();
    await expect(page.getByTestId("verdict")).toContainText("Genuine");
    await expect(page.getByTestId("receipts")).toContainText("Number 3");
    return text;
  });

  const all = await test.step("saves all of them in the wallet", async () => {
    await page.goto("/wallet");
    // What stands above the button comes in pieces, and a button that moves under the finger is not pressed.
    await page.waitForLoadState("networkidle");
    const text = await downloaded(page, "Save all receipts");
    expect(text.trim().split("\n")).toHaveLength(3);
    expect(text).toContain(one);
    return text;
  });

  await test.step("lets anybody check them, signed in or not", async () => {
    const stranger = await (
      await browser.newContext({ baseURL: new URL(page.url()).origin, locale: "en-US" })
    ).newPage();
    await stranger.goto("/verify");
    const check = async (text: string) => {
      await stranger.getByLabel("Signed receipts").fill(text);
      await stranger.getByRole("button", { name: "Check", exact: true }).click();
      return stranger.getByTestId("verdict");
    };
    const file = { name: "receipts.jws", mimeType: "application/jose", buffer: Buffer.from(all) };
    // The page answers only once its script runs.
    await expect(async () => {
      await stranger.locator("input[type=file]").setInputFiles(file);
      await expect(stranger.getByTestId("verdict")).toContainText("Genuine: 3 receipts, an unbroken chain", {
        timeout: 2_000,
      });
    }).toPass();

    const [head, body, signature] = one.split(".");
    const cheaper = Buffer.from(body!, "base64url")
      .toString()
      .replace(/"held":\d+/, '"held":41');
    const forged = [head, Buffer.from(cheaper).toString("base64url"), signature].join(".");
    await expect(await check(forged)).toContainText("Not genuine");
    await expect(stranger.getByTestId("receipts")).toContainText("It was changed after it was signed");

    const receipts = all.trim().split("\n");
    await expect(await check([receipts[0], receipts[2]].join("\n"))).toContainText("Not genuine");
    await expect(stranger.getByTestId("receipts")).toContainText("At least one receipt is missing before it.");
    await expect(await check("hello")).toContainText("Not genuine");
    await stranger.getByLabel("Signed receipts").fill(" ");
    await expect(stranger.getByRole("button", { name: "Check", exact: true })).toBeDisabled();
    await stranger.context().close();
  });
});
