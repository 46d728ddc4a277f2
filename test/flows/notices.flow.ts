// Notices on a device. There is no push service here: the browser's subscription is stood in for, and what a push service
// would bring is delivered by the browser's own tools for that.

import { createECDH, randomBytes } from "node:crypto";
import type { Locator, Page } from "@playwright/test";
import type { Marketplace, Person } from "../support/marketplace.ts";
import { expect, test } from "./support/flow.ts";
import { signIn } from "./support/steps.ts";

/** As Chromium's `PushManager`, which waits for a network: the subscription outlives the page, and can be taken back. */
async function giveSubscription(page: Page): Promise<void> {
  const ecdh = createECDH("prime256v1");
  ecdh.generateKeys();
  const subscription = {
    // Reserved (RFC 2606): what is sent there goes nowhere.
    endpoint: `https://push.example.com/${randomBytes(12).toString("hex")}`,
    keys: { p256dh: ecdh.getPublicKey("base64url"), auth: randomBytes(16).toString("base64url") },
  };
  await page.addInitScript(`(() => {
    const KEPT = "the-browsers-subscription";
    const given = ${JSON.stringify(subscription)};
    const bytesOf = (text) =>
      Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0)).buffer;
    const madeFor = (key) => ({
      endpoint: given.endpoint,
      options: { applicationServerKey: bytesOf(key) },
      toJSON: () => given,
      unsubscribe: async () => (localStorage.removeItem(KEPT), true),
    });
    PushManager.prototype.getSubscription = async () => {
      const key = localStorage.getItem(KEPT);
      return key === null ? null : madeFor(key);
    };
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
      localStorage.setItem(KEPT, applicationServerKey);
      return madeFor(applicationServerKey);
    };
    // The headless browser has nobody to ask.
    Object.defineProperty(Notification, "permission", { get: () => "granted" });
    Notification.requestPermission = async () => "granted";
  })()`);
}

/** Signs in and turns notices on. @returns their section of the account page. */
async function turnedOn(page: Page, person: Person): Promise<Locator> {
  await giveSubscription(page);
  await signIn(page, person, "/account");
  const notices = page.getByTestId("notices");
  await notices.getByRole("button", { name: "Turn on notices" }).click();
  await expect(notices.getByRole("status")).toHaveText("On for this browser.");
  return notices;
}

const devicesOf = async (market: Marketplace, bearer: string) =>
  (await market.must<{ devices: { label: string; language: string }[] }>("GET", "/v1/me/push", { bearer })).devices;

test("a person turns notices on and off, and signing out ends them", async ({ page, newPerson, market }) => {
  const person = await newPerson();
  const notices = await turnedOn(page, person);
  expect(await devicesOf(market, person.token)).toMatchObject([{ label: "Chrome on Linux", language: "en" }]);

  await page.reload();
  await expect(notices.getByRole("status")).toHaveText("On for this browser.");
  await notices.getByRole("button", { name: "Turn off" }).click();
  await expect(notices.getByRole("status")).toHaveText("Off for this browser.");
  expect(await devicesOf(market, person.token)).toEqual([]);

  await notices.getByRole("button", { name: "Turn on notices" }).click();
  await expect(notices.getByRole("status")).toHaveText("On for this browser.");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  expect(await devicesOf(market, person.token)).toEqual([]);
  await signIn(page, person, "/account");
  await expect(notices.getByRole("status")).toHaveText("Off for this browser.");
});

test("somebody who comes back with another sign-in goes on hearing, in the language they read now", async ({
  page,
  newPerson,
  market,
}) => {
  const person = await newPerson();
  await turnedOn(page, person);
  // The sign-in is gone without a word to this browser, as when it has expired.
  await page.evaluate("fetch('/v1/auth/logout', { method: 'POST', credentials: 'include' })");
  await expect.poll(() => devicesOf(market, person.token)).toEqual([]);
  await signIn(page, person, "/account");
  await expect.poll(async () => (await devicesOf(market, person.token)).length).toBe(1);

  await page.getByText("Deutsch").click();
  await expect(page.getByRole("heading", { name: "Mitteilungen auf diesem Gerät" })).toBeVisible();
  await page.reload();
  await expect.poll(async () => (await devicesOf(market, person.token))[0]?.language).toBe("de");
});

test("a message becomes a notice in the device's language, and says nothing over a page in front", async ({
  page,
  context,
  origins,
}) => {
  await page.goto("/offline");
  await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
  const worker = context.serviceWorkers()[0]!;
  // The headless browser shows nothing and permits nothing; what would be shown is all a story can look at.
  await worker.evaluate(`
    self.shown = [];
    self.registration.showNotification = async (title, options) => void self.shown.push({ title, ...options });
  `);
  const shown = () => worker.evaluate<unknown[]>("self.shown");
  const tools = await context.newCDPSession(page);
  const registration = new Promise<string>((resolve) =>
    tools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL.startsWith(origins.web));
      if (ours) resolve(ours.registrationId);
    }),
  );
  await tools.send("ServiceWorker.enable");
  const registrationId = await registration;
  const deliver = (message: Record<string, unknown>) =>
    tools.send("ServiceWorker.deliverPushMessage", {
      origin: origins.web,
      registrationId,
      data: JSON.stringify(message),
    });
  const message = { id: "e-1", kind: "session_expiring", sessionId: "s-1", appName: "AI Writer Pro", language: "de" };

  await deliver({ ...message, remainingSeconds: 299 });
  await page.goto("about:blank");
  await deliver({ ...message, remainingSeconds: 240 });
  // The first would stand before it.
  await expect.poll(shown).toEqual([
    {
      title: "Ihre Sitzung endet in 4 min",
      body: "AI Writer Pro. Verlängern Sie, oder lassen Sie sie enden: was nicht verbraucht ist, kommt zurück.",
      tag: "s-1",
      renotify: true,
      lang: "de",
      icon: "/icons/icon-192.png",
      data: { path: "/sessions/s-1" },
    },
  ]);
});
