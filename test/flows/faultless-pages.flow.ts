// What holds for every page, wide and light, narrow and dark: no accessibility fault a machine can find, nothing wider than
// 320 px, no target too small, nothing the content policy refused. Sets its own widths, so it runs once.

import type { Page } from "@playwright/test";
import { expect, SEEDED, test } from "./support/flow.ts";
import { collectPolicyFaults, faultsOf, layoutFaults } from "./support/page-faults.ts";
import { openApp, signIn, startSession } from "./support/steps.ts";

const PUBLIC = [
  "/",
  "/apps",
  "/apps?q=letter",
  "/apps?q=zzzzqq",
  "/apps?hour=300&model=per_unit",
  "/discover",
  "/register",
  "/sign-in",
  "/docs",
  "/session-ended?reason=time_expired",
  "/verify",
  "/offline",
  "/nothing-here",
];
const SIGNED_IN = [
  "/wallet",
  "/wallet/automatic",
  "/wallet/orders/unknown",
  "/usage",
  "/sessions",
  "/account",
  "/connect/unknown",
  "/account/pauses",
  "/provider",
  "/provider/earnings",
  "/session/complete?session_id=unknown",
];
const OPERATOR = [
  "/operator",
  ...[
    "books",
    "complaints",
    "debts",
    "disputes",
    "grants",
    "listings",
    "onboarding",
    "referrals",
    "revenue",
    "reviews",
    "selling",
    "slices",
  ].map((area) => `/operator/${area}`),
];

/** Wide and light, then narrow and dark: with the bar at the top, and with the one at the bottom. */
async function expectFaultless(page: Page, path: string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 800 });
  // Without motion a colour is never judged on its way to another one.
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  // A form's button opens when the page is awake; between the two its colours are nobody's.
  const submit = page.locator("form:has(input[type=password]) button[type=submit]");
  if ((await submit.count()) > 0) await expect(submit).toBeEnabled();
  expect(await faultsOf(page), `${path}, wide and light`).toEqual([]);
  await page.setViewportSize({ width: 320, height: 640 });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  expect(await faultsOf(page), `${path}, narrow and dark`).toEqual([]);
  expect(await layoutFaults(page), `${path}, narrow`).toEqual([]);
}

for (const path of PUBLIC)
  test(`${path} has no accessibility, layout or policy fault, at 1280 and at 320 px`, async ({ page }) => {
    const policy = collectPolicyFaults(page);
    await expectFaultless(page, path);
    expect(policy).toEqual([]);
  });

test("the pages of a signed-in person have no such faults either", async ({ page, newPerson }) => {
  test.slow();
  const policy = collectPolicyFaults(page);
  await signIn(page, await newPerson(1000));
  await openApp(page, "Storyboard Studio", 60);
  const app = new URL(page.url()).pathname;
  const reviews = `${app.replace("/apps/", "/provider/")}/reviews`;
  const webhooks = `${app.replace("/apps/", "/provider/")}/webhooks`;
  for (const path of [app, `${app}/price`, reviews, webhooks, reviews.replace("/reviews", "/slices"), ...SIGNED_IN])
    await expectFaultless(page, path);
  expect(policy).toEqual([]);
});

test("the pages about an app have none, for the owner of the seeded ones with their history", async ({ page }) => {
  test.slow();
  const policy = collectPolicyFaults(page);
  await signIn(page, { ...SEEDED, email: "provider@marketplace.com" }, "/provider");
  await page.getByRole("link", { name: "AI Writer Pro", exact: true }).click();
  await expect(page.getByTestId("retention")).toBeVisible();
  const app = new URL(page.url()).pathname;
  for (const path of [
    app,
    ...["keys", "listing", "reviews", "setup", "price", "lab", "connections"].map((name) => `${app}/${name}`),
    "/provider/new",
  ])
    await expectFaultless(page, path);
  expect(policy).toEqual([]);
});

test("the operators' pages have none", async ({ page }) => {
  test.slow();
  const policy = collectPolicyFaults(page);
  await signIn(page, { ...SEEDED, email: "operator@marketplace.com" }, "/operator");
  for (const path of OPERATOR) await expectFaultless(page, path);
  expect(policy).toEqual([]);
});

test("a running session's meter and its dialogs have no such faults", async ({ page, context, origins, newPerson }) => {
  await signIn(page, await newPerson(1000));
  await openApp(page, "AI Writer Pro", 60);
  const id = await startSession(page);
  const meter = await context.newPage();
  await meter.goto(`${origins.web}/sessions/${id}?extend=1`);
  await expect(meter.getByRole("dialog")).toBeVisible();
  expect(await faultsOf(meter)).toEqual([]);
  await meter.keyboard.press("Escape");
  await expect(meter.getByRole("dialog")).toBeHidden();
  expect(await faultsOf(meter)).toEqual([]);
  await meter.setViewportSize({ width: 320, height: 640 });
  expect(await layoutFaults(meter)).toEqual([]);

  // Escape gives the focus back to what opened the dialog.
  const extend = meter.getByRole("button", { name: "Extend" });
  await extend.press("Enter");
  await expect(meter.getByRole("dialog")).toBeVisible();
  await meter.keyboard.press("Escape");
  await expect(extend).toBeFocused();
});
