// What a person sets beforehand: a session planned for later, when their meters stop by themselves, and consent to a fixed
// duration.

import { expect, test } from "./support/flow.ts";
import { openApp, signIn, untilSignedIn } from "./support/steps.ts";

test("plans a session, starts it from the list in its window, and nothing was held before", async ({
  page,
  newPerson,
}) => {
  await signIn(page, await newPerson(1000));
  await openApp(page, "AI Writer Pro", 60);
  await page.getByText("Plan it for later").click();
  const form = page.getByTestId("plan-session");
  await form.getByRole("button", { name: "Plan", exact: true }).click();
  await expect(form.getByText("Choose a time from now to 90 days ahead")).toBeVisible();
  // Two minutes ahead is inside the window already.
  await form.getByLabel("When").fill(new Date(Date.now() + 120_000).toISOString().slice(0, 16));
  await form.getByLabel("Minutes").fill("30");
  await form.getByRole("button", { name: "Plan", exact: true }).click();
  await expect(form.getByText(/^Planned for/)).toBeVisible();
  await expect(page.getByTestId("balance")).toContainText("1,000");

  await page.goto("/sessions");
  await expect(page.getByRole("heading", { name: "Planned" })).toBeVisible();
  await page.getByRole("link", { name: "See the price and start" }).click();
  await untilSignedIn(page);
  await page.getByRole("button", { name: /^Start for up to 250/ }).click();
  await expect(page.getByText("Running. What you do not use comes back.")).toBeVisible({ timeout: 20_000 });
  await page.goto("/sessions");
  await expect(page.getByRole("heading", { name: "Open" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Planned" })).toBeHidden();
});

test("has meters stop sooner, and starts a fixed duration only where all of it was agreed to", async ({
  page,
  market,
  newPerson,
}) => {
  const person = await newPerson(1000);
  const owner = await market.register();
  const { provider } = await market.must<{ provider: { id: string } }>("POST", "/v1/provider/register", {
    bearer: owner.token,
    body: {
      name: "Night Library",
      description: "Reading rooms by the hour.",
      category: "research",
      useCases: ["read in a quiet room"],
      appUrl: `http://localhost:${20_000 + Math.floor(Math.random() * 20_000)}/`,
      logoUrl: "http://localhost:9/logo.svg",
      tokenRatePerHour: 60,
      fixedDuration: true,
    },
  });
  await signIn(page, person, `/apps/${provider.id}?minutes=30`);
  const start = page.getByRole("button", { name: /^Start for up to 30/ });
  await expect(page.getByTestId("fixed")).toContainText("charges all 30 minutes, also if you leave earlier");
  await expect(start).toBeDisabled();
  await page.getByLabel("I agree to pay for all 30 minutes").check();
  await expect(start).toBeEnabled();
  // Another length is another consent.
  await page.getByRole("spinbutton", { name: "How long, at most?" }).fill("45");
  await expect(page.getByRole("button", { name: /^Start for up to/ })).toBeDisabled();

  await page.goto("/account");
  await page.getByRole("link", { name: /^Pauses/ }).click();
  await page.getByLabel("Pause after").selectOption("60");
  await page.getByLabel("Minutes a day").fill("45");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Pause after")).toHaveValue("60");
  await expect(page.getByLabel("Minutes a day")).toHaveValue("45");
});
