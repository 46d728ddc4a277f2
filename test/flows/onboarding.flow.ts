// A provider's first minutes: from a new account to an app that was heard in a sandbox session and that everybody can start;
// then what its owner does with it at home.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./support/flow.ts";
import { untilSignedIn } from "./support/steps.ts";

/** The provider's own app: one page, with whatever was pasted into it. */
async function serve(page: () => string): Promise<{ server: Server; origin: string }> {
  const server = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><html lang="en"><title>Garden Planner</title><h1>Beds</h1>${page()}</html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` };
}

test("brings an app in six steps, a reload in between, and runs it from home", async ({ page, context, market }) => {
  let pasted = "";
  const { server, origin } = await serve(() => pasted);
  const name = `Garden Planner ${Date.now()}-${test.info().parallelIndex}`;

  await page.goto("/provider");
  await page.getByRole("main").getByRole("link", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Create your account" })).toBeVisible();
  await page.getByLabel("E-mail").fill(`gardener-${Date.now()}@example.com`);
  await page.getByLabel("Password").fill("a long enough password");
  await page.getByRole("button", { name: "Create account" }).click();
  await untilSignedIn(page);
  await page.getByRole("link", { name: "Register an app" }).first().click();

  // Describe. The first field that is missing has the focus, and what is typed survives a reload.
  await page.getByRole("button", { name: "On to the price" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("What it does").fill("Plans beds and rows so that nothing shades anything.");
  await page.getByLabel("Use cases").fill("plan my vegetable garden\nknow when to sow beans");
  await page.getByLabel("Address of the app").fill(`${origin}/app`);
  await page.getByLabel("Address of its logo").fill(`${origin}/logo.svg`);
  await page.getByLabel("What your app learns about people").fill("Where your garden lies");
  await page.getByLabel("When you give tokens back").fill("When a plan was wrong.");
  await page.reload();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(name);
  await page.getByRole("button", { name: "On to the price" }).click();

  // Price. 30 minutes: 60 for the time, 10 plans at 2.5.
  await page.getByText("Both", { exact: true }).click();
  await page.getByLabel("Tokens an hour").fill("120");
  await page.getByLabel("What you count").fill("plan");
  await page.getByLabel("Tokens for each").fill("2.5");
  await page.getByLabel("At most, in an hour").fill("20");
  const example = page.getByRole("complementary");
  for (const part of ["85 tokens", "68 tokens", "17 tokens"]) await expect(example).toContainText(part);
  await page.getByRole("button", { name: "Register and get keys" }).click();

  // Keys, once. The app is there, and closed.
  await expect(page.getByRole("heading", { level: 1, name: `Set up ${name}` })).toBeVisible();
  await expect(page.getByText(/^mk_live_\S+/)).toBeVisible();
  await expect(page.getByText(/^mk_test_\S+/)).toBeVisible();
  await page.getByRole("button", { name: "I have stored them" }).click();
  await expect(page.getByText(/mk_live_/)).toHaveCount(0);

  // The meter: what stands there is what is pasted.
  const id = /provider\/([^/]+)\/setup/.exec(page.url())![1]!;
  pasted = await page.getByTestId("snippets").getByText("<script").innerText();
  expect(pasted).toContain(id);
  await page.getByRole("button", { name: "Go on" }).click();

  // Try it: the page takes the launch, and its meter is heard.
  await page.getByRole("button", { name: "Make a sandbox session" }).click();
  const opened = context.waitForEvent("page");
  await page.getByRole("link", { name: "Open your app" }).click();
  const app = await opened;
  await expect(app).toHaveURL(`${origin}/app`);
  const heard = page.getByTestId("heard").getByRole("listitem");
  await expect(heard.first()).toHaveClass(/text-running/);
  // A page that is left beats once more, so the story need not wait for half a minute.
  await app.goto("about:blank");
  await expect(page.getByText("It works. Your app is metered.")).toBeVisible();
  // So far it came, whatever happens to the page.
  await page.reload();
  await page.getByRole("button", { name: "Open it for everybody" }).click();
  await expect(page.getByText("It is open.")).toBeVisible();
  await page.getByRole("link", { name: "To the overview" }).click();
  server.close();

  // At home: figures, another name, one more key.
  await expect(page.getByTestId("funnel")).toContainText("looked at its page");
  await page.getByRole("link", { name: "Page", exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill(`${name} Deluxe`);
  await page.getByRole("button", { name: "Save the page" }).click();
  await expect(page.getByRole("status")).toContainText("Saved.");
  await page.getByRole("link", { name: "Keys", exact: true }).click();
  await page.getByRole("button", { name: "Make a key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What it is for").fill("Reports");
  await dialog.getByText("Only this").click();
  await dialog.getByLabel("Report usage").check();
  await dialog.getByRole("button", { name: "Make a key" }).click();
  await expect(page.getByRole("region", { name: "The key “Reports”, shown once" })).toContainText(/mk_live_\S+/);
  await expect(page.getByTestId("keys").getByRole("listitem")).toHaveCount(3);

  const { providers } = await market.must<{ providers: { name: string; status: string }[] }>(
    "GET",
    "/v1/providers?limit=200",
  );
  expect(providers.find((one) => one.name === `${name} Deluxe`)?.status).toBe("active");
});
