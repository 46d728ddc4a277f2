// The reference and the error list, drawn by a browser under their own policy: through the marketplace's address and the
// API's own, light and dark, with scripts switched off.

import { faultsOf, layoutFaults } from "./support/page-faults.ts";
import { expect, test } from "./support/flow.ts";

const PAGES = [
  { path: "/docs", throughWeb: "/docs/reference", heading: "API reference" },
  { path: "/docs/errors", throughWeb: "/docs/errors", heading: "Errors" },
];

for (const { path, throughWeb, heading } of PAGES)
  for (const colorScheme of ["light", "dark"] as const)
    test(`${path} is without faults in ${colorScheme}`, async ({ page, origins }) => {
      // Long pages: the checks look at every element of them.
      test.slow();
      await page.emulateMedia({ colorScheme });
      await page.goto(`${origins.api}${path}`);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
      // The style is applied: its policy names its own hash.
      await expect(page.locator("main")).toHaveCSS("padding-top", "24px");
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await layoutFaults(page)).toEqual([]);
      }
      // All sections are made by one function; the checks take minutes for the whole page and seconds for two.
      await page.evaluate(`document.querySelectorAll(
        "main > section:not([aria-labelledby='tag-sessions'], [aria-labelledby='tag-catalogue'])",
      ).forEach((section) => section.remove())`);
      expect(await faultsOf(page)).toEqual([]);
      await page.goto(throughWeb);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
    });

test.describe("with scripts switched off", () => {
  test.use({ javaScriptEnabled: false });

  test("leads from an operation to its error and back", async ({ page, origins }) => {
    await page.goto(`${origins.api}/docs#createSession`);
    const operation = page.getByRole("article", { name: "Hold tokens and get the link into the app" }).first();
    await expect(operation).toContainText("POST /v1/sessions/create");
    await expect(operation.getByRole("group", { name: /^curl/ })).toContainText('"durationMinutes":60');
    await page.goto(`${origins.api}/docs/errors#insufficient_tokens`);
    await expect(page.getByRole("article", { name: "insufficient_tokens" })).toContainText(
      "Nothing was held or charged.",
    );
    await page.getByRole("link", { name: "API reference" }).click();
    await expect(page).toHaveURL(`${origins.api}/docs`);
  });
});
