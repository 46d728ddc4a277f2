// What a person does on the marketplace, step by step, by the words on the screen: the stories read as one would tell them.

import { expect, type Page } from "@playwright/test";
import type { Person } from "../../support/marketplace.ts";

/** Card numbers of the stand-in's page. */
export const CARDS = { good: "4242 4242 4242 4242", declined: "4000 0000 0000 0002" } as const;

/** The frame is alive once the balance stands in the header. */
export async function untilSignedIn(page: Page): Promise<void> {
  await expect(page.getByTestId("balance")).toBeVisible();
}

export async function signIn(page: Page, person: Pick<Person, "email" | "password">, next = "/apps"): Promise<void> {
  await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === new URL(next, url).pathname);
  await untilSignedIn(page);
}

/** Fills the hosted payment page and presses Pay. */
export async function payWith(page: Page, card: string): Promise<void> {
  await page.getByLabel("Card number").fill(card);
  await page.getByLabel("Expiry date").fill("12 / 34");
  await page.getByLabel("Security code").fill("123");
  await page.getByLabel("Name on card").fill("Ada Example");
  await page.getByRole("button", { name: /^Pay / }).click();
}

/** From the catalogue to the app's own page, for so many minutes. */
export async function openApp(page: Page, name: string, minutes: number): Promise<void> {
  await page.goto("/apps");
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await untilSignedIn(page);
  await page.getByRole("spinbutton", { name: "How long, at most?" }).fill(String(minutes));
}

/** Presses Start and waits until the app has its session. @returns the session's id. */
export async function startSession(page: Page): Promise<string> {
  await page.getByRole("button", { name: /^Start for up to/ }).click();
  await expect(page.getByText("Running. What you do not use comes back.")).toBeVisible({ timeout: 20_000 });
  const id = /Session (\S+)/.exec(await page.locator("#session-id").innerText())?.[1];
  if (!id) throw new Error("the app shows no session");
  return id;
}

/** "1,240 tokens $12.40" as 1240. */
export const tokensIn = (text: string): number => Number(/(\d[\d,]*)\s*tokens?/.exec(text)?.[1]?.replaceAll(",", ""));
