// A price before, while and after it is used: worked out without an account, announced and tried by its owner, disclosed to
// whoever looks, and added up afterwards.

import { expect, test } from "./support/flow.ts";
import { openApp, signIn } from "./support/steps.ts";

test("a price is worked out, tried beside another in the open, and kept in the history", async ({
  page,
  newPerson,
  market,
}) => {
  const owner = await newPerson();
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const { provider } = await market.must<{ provider: { id: string; name: string } }>("POST", "/v1/provider/register", {
    bearer: owner.token,
    body: {
      name: `Map Maker ${Date.now()}-${test.info().parallelIndex}`,
      description: "Draws maps.",
      category: "design",
      useCases: ["draw a map"],
      appUrl: `http://localhost:${port}/app`,
      logoUrl: `http://localhost:${port}/logo.svg`,
      pricing: [
        { meter: "hour", price: { model: "per_unit", unit: "600" } },
        { meter: "map", price: { model: "per_unit", unit: "2.5" }, holdPerHour: 20 },
      ],
    },
  });

  // Nobody is signed in: the calculator says what a use costs, and its link says the same to somebody else.
  await page.goto(`/apps/${provider.id}/price?minutes=30&used=7&use.map=3`);
  // 7 minutes at 600 an hour are 70, three maps 7.5.
  await expect(page.getByTestId("cost")).toHaveText("78");
  // The page stands before it listens; the first figure may go unheard.
  await expect(async () => {
    await page.getByRole("spinbutton", { name: "How many: map" }).fill("8");
    await page.getByRole("spinbutton", { name: "How many: map" }).fill("9");
    await page.getByRole("spinbutton", { name: "How many: map" }).blur();
    await expect(page.getByTestId("cost")).toHaveText("93", { timeout: 1_000 });
  }).toPass();
  await expect(page).toHaveURL(/use\.map=9/);
  await page.reload();
  await expect(page.getByTestId("cost")).toHaveText("93");

  await signIn(page, owner, "/provider");
  await page.getByRole("link", { name: "Price", exact: true }).click();
  await page.getByText("By time", { exact: true }).click();
  await page.getByLabel("Tokens an hour").fill("240");
  await expect(page.getByTestId("example-user")).toContainText("120");
  await page.getByLabel("Free minutes for each person").fill("10");
  await page.getByRole("button", { name: "Start the test" }).click();
  await expect(page.getByTestId("price-tests")).toContainText("Tried price");

  // Everybody sees that there are two prices, and both of them.
  await page.goto(`/apps/${provider.id}`);
  await expect(page.getByTestId("price-test")).toContainText("This app tries two prices.");
  await expect(page.getByTestId("price-test")).toContainText("you among them");

  await page.goto(`/provider/${provider.id}/price`);
  await page.getByRole("button", { name: "Stop the test" }).click();
  await page.getByText("By time", { exact: true }).click();
  await page.getByLabel("Tokens an hour").fill("300");
  await page.getByLabel("From when").fill("2099-01-01T00:00");
  await page.getByRole("button", { name: "Announce this price" }).click();
  // A year ahead at most.
  await expect(page.getByText("must lie within 366 days")).toBeVisible();
  await page.getByLabel("From when").fill("");
  await page.getByRole("button", { name: "Publish this price" }).click();
  await expect(page.getByTestId("price-history")).toContainText("300");
  await expect(page.getByTestId("price-history").getByText("Tried beside")).toBeVisible();
});

test("stands still once it can be pressed: what loads beside the price does not move the button that spends", async ({
  page,
  newPerson,
}) => {
  await signIn(page, await newPerson(3_000));
  let goOn = () => {};
  const held = new Promise<void>((done) => (goOn = done));
  for (const late of ["**/truth", "**/reviews?*"])
    await page.route(late, async (route) => {
      await held;
      await route.continue();
    });
  await openApp(page, "AI Writer Pro", 60);
  const button = page.getByRole("button", { name: /^Start for up to/ });
  await expect(button).toBeEnabled();
  // On a common laptop it is in sight from the beginning.
  await expect(button).toBeInViewport({ ratio: 1 });
  await page.evaluate("scrollTo(0, 400)");
  const before = await button.boundingBox();
  goOn();
  for (const late of ["reviews", "truth"])
    await expect(page.getByTestId(late).locator("p, li, dl").nth(1)).toBeVisible();
  expect(await button.boundingBox()).toEqual(before);
});
