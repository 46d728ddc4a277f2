// A running session seen and steered from the marketplace while the app is open in another tab.

import { expect, test } from "./support/flow.ts";
import { openApp, signIn, startSession } from "./support/steps.ts";

/** An app's page says a word to the clock this often. */
const BEAT_MS = 30_000;

test("pauses and goes on from the marketplace; the app follows, and only the person can lift it", async ({
  page,
  context,
  origins,
  newPerson,
}) => {
  const person = await newPerson(1000);
  // Time flows as usual until the test lets the app's next beat come at once.
  await page.clock.install();
  await signIn(page, person);
  await openApp(page, "AI Writer Pro", 60);
  const id = await startSession(page);

  const meter = await context.newPage();
  await meter.goto(`${origins.web}/sessions/${id}`);
  await expect(meter.getByRole("status").filter({ hasText: "Running" })).toBeVisible();
  await meter.getByRole("button", { name: "Pause" }).click();
  await expect(meter.getByText("You are not being charged.")).toBeVisible();
  await expect(meter.getByText("You paused it here. Only you can go on.")).toBeVisible();
  const stood = await meter.getByTestId("spent").innerText();

  // The app's page learns it with its next word from the clock, and its own button cannot lift it.
  await page.clock.fastForward(BEAT_MS);
  await expect(page.getByText("Paused. You are not being charged.")).toBeVisible();
  // Nothing was charged while it stood. Afterwards the meter runs, so it is looked at before.
  expect(await meter.getByTestId("spent").innerText()).toBe(stood);
  await meter.getByRole("button", { name: "Go on" }).click();
  await expect(meter.getByRole("status").filter({ hasText: "Running" })).toBeVisible();
});

test("extends by consent, with the price of the extra time named before", async ({
  page,
  context,
  origins,
  newPerson,
  market,
}) => {
  const person = await newPerson(1000);
  await signIn(page, person);
  await openApp(page, "AI Writer Pro", 30);
  const id = await startSession(page);
  const meter = await context.newPage();
  await meter.goto(`${origins.web}/sessions/${id}?extend=1`);
  const dialog = meter.getByRole("dialog", { name: "Extend the session" });
  await expect(dialog).toBeVisible();
  await dialog.getByText("30 min").click();
  await expect(dialog).toContainText("250 tokens");
  await expect(dialog).toContainText("500 tokens");
  await dialog.getByRole("button", { name: "Extend 30 min for up to 250 tokens" }).click();
  await expect(dialog).toBeHidden();
  const { session } = await market.session(person, id);
  expect(session.tokensAllocated).toBe(500);
  expect(await market.balance(person)).toBe(500);
});

test("ends from the marketplace; every tab shows the same balance", async ({
  page,
  context,
  origins,
  newPerson,
  market,
}) => {
  const person = await newPerson(1000);
  await page.clock.install();
  await signIn(page, person);
  await openApp(page, "AI Writer Pro", 60);
  const id = await startSession(page);

  const meter = await context.newPage();
  const wallet = await context.newPage();
  await wallet.goto(`${origins.web}/wallet`);
  await expect(wallet.getByTestId("available")).toContainText("500 tokens");
  await meter.goto(`${origins.web}/sessions/${id}`);
  await meter.getByRole("button", { name: /^End and get \d+ back$/ }).click();
  const dialog = meter.getByRole("dialog", { name: "End this session?" });
  await dialog.getByRole("button", { name: /^End and get/ }).click();
  await meter.waitForURL(/\/session\/complete/);
  await expect(meter.getByTestId("used")).toBeVisible();

  const left = (await market.balance(person)).toLocaleString("en-US");
  await expect(wallet.getByTestId("available")).toContainText(`${left} tokens`);
  await expect(wallet.getByTestId("balance")).toContainText(left);
  // The app's page is told, and brings its own tab back.
  await page.clock.fastForward(BEAT_MS);
  await page.waitForURL(`${origins.web}/**`);
});

test("a closed app tab leaves the session visible, and ending it gives the rest back", async ({
  page,
  context,
  origins,
  newPerson,
  market,
}) => {
  const person = await newPerson(1000);
  await signIn(page, person);
  await openApp(page, "AI Writer Pro", 60);
  const id = await startSession(page);
  const marketplace = await context.newPage();
  await page.close();
  await marketplace.goto(`${origins.web}/sessions`);
  await marketplace.getByRole("link", { name: "AI Writer Pro" }).click();
  await marketplace.waitForURL(`**/sessions/${id}`);
  await marketplace.getByRole("button", { name: /^End and get/ }).click();
  await marketplace
    .getByRole("dialog")
    .getByRole("button", { name: /^End and get/ })
    .click();
  await marketplace.waitForURL(/\/session\/complete/);
  // However long the machine took to close the tab: what was used and what came back are the whole hold.
  const { session } = await market.session(person, id);
  expect(session).toMatchObject({ status: "completed", endReason: "user_ended" });
  expect(session.tokensConsumed + session.tokensRefunded!).toBe(500);
  expect(session.tokensRefunded!).toBeGreaterThan(400);
  await expect(marketplace.getByTestId("returned")).toContainText(`${session.tokensRefunded} tokens`);
});

test("coming back with a wrong state or a foreign session only shows, and ends nothing", async ({
  page,
  context,
  origins,
  newPerson,
  market,
}) => {
  const person = await newPerson(1000);
  await signIn(page, person);
  await openApp(page, "AI Writer Pro", 60);
  const id = await startSession(page);
  const tab = await context.newPage();
  await tab.goto(`${origins.web}/session/complete?session_id=${id}&state=forged`);
  await expect(tab.getByRole("heading", { name: "This session is still running" })).toBeVisible();
  expect((await market.session(person, id)).session.status).toBe("active");

  const stranger = await newPerson();
  await context.clearCookies();
  await signIn(tab, stranger, `/session/complete?session_id=${id}`);
  await expect(tab.getByRole("heading", { name: "We do not know this session" })).toBeVisible();
});

test("signing out in one tab closes the others", async ({ page, context, origins, newPerson }) => {
  const person = await newPerson(100);
  await signIn(page, person, "/wallet");
  const other = await context.newPage();
  await other.goto(`${origins.web}/account`);
  await other.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in\?next=%2Fwallet/);
  await expect(page.getByText("You were signed out.")).toBeVisible();
});
