// The story the product is for: buy tokens, find an app, see the most it can cost, use it, pay for exactly that.

import { expect, test } from "./support/flow.ts";
import { CARDS, openApp, payWith, signIn, startSession, tokensIn, untilSignedIn } from "./support/steps.ts";

test("buys tokens, finds an app, uses it, and pays for exactly that", async ({ page, origins, market }) => {
  const person = {
    email: `loop-${Date.now()}-${test.info().parallelIndex}@example.com`,
    password: "correct horse battery",
  };

  await test.step("registers", async () => {
    await page.goto("/");
    await page.goto("/register");
    await page.getByLabel("E-mail").fill(person.email);
    await page.getByLabel("Password").fill(person.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.waitForURL("**/apps");
    await untilSignedIn(page);
    await expect(page.getByTestId("balance")).toHaveText(/^0 tokens/);
  });

  await test.step("buys 5,000 tokens on the payment page", async () => {
    await page.goto("/wallet");
    await page.getByText("5,000", { exact: true }).click();
    await page.getByRole("button", { name: "Pay $50.00" }).click();
    await page.waitForURL(`${origins.stripe}/**`);
    await payWith(page, CARDS.good);
    await page.waitForURL(/\/tokens\/success\?session_id=cs_/);
    await expect(page.getByTestId("bought")).toHaveText("5,000 tokens are yours");
    await expect(page.getByTestId("balance")).toHaveText(/^5,000 tokens/);
  });

  await test.step("searches the catalogue and learns why each app was found", async () => {
    await page.getByRole("link", { name: "Find an app" }).click();
    await page.waitForURL("**/apps");
    await page.getByRole("searchbox", { name: "Search apps" }).fill("blog post from my notes");
    await page.waitForURL(/\?q=blog/);
    await expect(page.getByText("good for “blog").first()).toBeVisible();
  });

  await test.step("sees the whole price before the start", async () => {
    await openApp(page, "AI Writer Pro", 60);
    const box = page.getByRole("region", { name: "Price before you start" });
    await expect(box.getByTestId("held")).toHaveText("500");
    await expect(box).toContainText("500 tokens an hour");
    await expect(box).toContainText("To the app, 80%");
    await expect(box.getByTestId("share")).toHaveText("400");
    await expect(box.getByTestId("fee")).toHaveText("100");
    await expect(box).toContainText("4,500");
    await expect(box).toContainText("What you do not use comes back within seconds of the end.");
  });

  const sessionId = await test.step("starts, and is taken to the app as a full page", async () => {
    const id = await startSession(page);
    expect(new URL(page.url()).origin).toBe(origins.demo);
    // The launch token is gone from the address, so that nothing can leak it.
    expect(page.url()).not.toContain("marketplace_session");
    await expect(page.locator("#fact-allocated")).toHaveText("500 tokens ($5.00)");
    return id;
  });

  await test.step("works there", async () => {
    await page.getByRole("button", { name: "Outline" }).click();
    await expect(page.getByText("Done. Only your time is counted.")).toBeVisible();
    await expect(page.locator("#result")).toContainText("The beans climb the old fence");
    // At least a second, so that there is something to pay.
    await expect(page.locator("#fact-left")).toHaveText(/^59 min ([0-4]?\d|5[0-7]) s$/);
  });

  const receipt = await test.step("ends and comes back to the receipt", async () => {
    await page.getByRole("button", { name: "End", exact: true }).click();
    await page.waitForURL(new RegExp(`${origins.web}/session/complete\\?session_id=${sessionId}`));
    await expect(page.getByTestId("used")).toBeVisible();
    const figure = async (name: string) => tokensIn(await page.getByTestId(name).innerText());
    return {
      used: await figure("used"),
      returned: await figure("returned"),
      share: await figure("share"),
      fee: await figure("fee"),
      balance: await figure("balance-after"),
    };
  });

  await test.step("the receipt is what an independent calculation says", async () => {
    const signedIn = await market.signIn(person);
    const { session } = await market.session(signedIn, sessionId);
    // 500 tokens an hour on whole seconds, rounded up once; the fee rounded down.
    expect(receipt.used).toBe(Math.ceil((500 * session.activeSeconds) / 3600));
    expect(receipt.fee).toBe(Math.floor(receipt.used * 0.2));
    expect(receipt.share).toBe(receipt.used - receipt.fee);
    expect(receipt.returned).toBe(500 - receipt.used);
    expect(receipt.balance).toBe(5000 - receipt.used);
    const rows = await market.transactions(signedIn);
    expect(rows.reduce((sum, row) => sum + row.amount, 0)).toBe(receipt.balance);
    expect(rows.map((row) => row.type)).toEqual(["consumption", "release", "hold", "purchase"]);
  });

  await test.step("is asked how it was, and others read the answer", async () => {
    const words = `It found an opening for me, ${person.email.split("@")[0]}.`;
    await page.getByTestId("rate").locator("label", { hasText: "4 stars" }).click();
    await page.getByRole("textbox", { name: "In your words (optional)" }).fill(words);
    await page.getByRole("button", { name: "Publish review" }).click();
    await expect(page.getByTestId("rate").getByRole("status")).toContainText("Published");
    await page.getByRole("link", { name: "Start again" }).click();
    await expect(page.getByTestId("reviews").getByText(words)).toBeVisible();
    await page.goBack();
  });

  await test.step("the history on the screen sums to the balance", async () => {
    await page.getByRole("link", { name: "See history" }).click();
    await page.waitForURL("**/wallet");
    const list = page.getByTestId("history").or(page.getByTestId("history-cards")).filter({ visible: true });
    await expect(list).toContainText("Bought");
    const amounts = await list.getByTestId("change").allInnerTexts();
    const sum = amounts.reduce((total, text) => total + Number(text.replace("\u2212", "-").replace(/[+,]/g, "")), 0);
    expect(sum).toBe(receipt.balance);
    await expect(page.getByTestId("available")).toContainText(receipt.balance.toLocaleString("en-US"));
  });

  await test.step("signs out, and the pages are closed again", async () => {
    await page.goto("/account");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${origins.web}/`);
    await page.goto("/wallet");
    await page.waitForURL(/\/sign-in/);
  });
});

test("pays for time and reported units together, as an independent calculation says", async ({
  page,
  origins,
  market,
  newPerson,
}) => {
  const person = await newPerson(3000);
  await signIn(page, person);
  await openApp(page, "Storyboard Studio", 30);
  const sessionId = await startSession(page);
  await page
    .getByLabel("Your text")
    .fill(Array.from({ length: 7 }, (_, index) => `Scene ${index + 1} in the garden.`).join("\n\n"));
  await page.locator("form button[type=submit]").first().click();
  await expect(page.getByText(/Reported 7 to the meter "scene": accepted/)).toBeVisible();
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.waitForURL(`${origins.web}/session/complete**`);
  await expect(page.getByTestId("used")).toBeVisible({ timeout: 30_000 });
  const used = tokensIn(await page.getByTestId("used").innerText());

  const { session } = await market.session(person, sessionId);
  const { provider } = await market.must<{
    provider: { pricing: { meter: string; price: Record<string, unknown> }[] };
  }>("GET", `/v1/providers/${(session as unknown as { providerId: string }).providerId}`);
  // Written anew here, for exactly the shapes this app uses: time per hour, scenes as a base with some included.
  let exact = 0;
  for (const { meter, price } of provider.pricing) {
    const units = meter === "hour" ? session.activeSeconds / 3600 : meter === "scene" ? 7 : Number.NaN;
    if (price.model === "per_unit") exact += units * Number(price.unit);
    else if (price.model === "hybrid") {
      const over = price.over as { model: string; unit: string };
      exact += Number(price.base ?? 0) + Math.max(0, units - Number(price.included ?? 0)) * Number(over.unit);
    } else throw new Error(`this story does not know the price ${JSON.stringify(price)}`);
  }
  expect(used).toBe(Math.ceil(Number(exact.toFixed(9))));
});
