// Finding an app by talking: an estimate in the first answer, a chip taken away, an answer stopped, one that goes on after the
// stream was cut, no network at all, a reload, and a start that leads to the price box and holds nothing by itself.

import type { Page } from "@playwright/test";
import { expect, test } from "./support/flow.ts";

const CHAT = "**/v1/chat/discovery";
/** Meta, slots, cards, and the first piece of the prose. */
const EVENTS_BEFORE_CUT = 4;

const field = (page: Page) => page.getByRole("textbox", { name: "Your message" });
const newest = (page: Page) => page.locator("main ol > li").last();
async function say(page: Page, message: string): Promise<void> {
  await field(page).fill(message);
  await field(page).press("Enter");
}

test("an app is found, priced and handed over by talking, through a stop, a cut stream and no network", async ({
  page,
  context,
}) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Say how often you need it" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "What do you want to get done?" })).toBeVisible();

  await page.getByRole("button", { name: "plan my meals, 2 to 3 hours a week, under $20 a month" }).click();
  const card = newest(page).getByRole("listitem").filter({ hasText: "Pantry Chef" });
  await expect(card.getByTestId("estimate")).toHaveText("520 – 780");
  await expect(card).toContainText("$5.20 – $7.80");
  await expect(newest(page)).toContainText("inside your limit of $20 a month");
  await expect(newest(page)).toContainText("without a language model");
  await expect(page.getByRole("status").filter({ hasText: "Pantry Chef fits best" })).toHaveCount(1);

  await page.getByRole("button", { name: "Forget: up to $20 a month" }).click();
  await expect(page.getByRole("button", { name: "Forget: up to $20 a month" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Forget: 2 to 3 hours a week" })).toBeVisible();

  // Stopped while nothing has come yet: the question stays, the answer does not come after all.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(CHAT, async (route) => {
    await held;
    // Nobody waits for it any more.
    await route.abort().catch(() => undefined);
  });
  await say(page, "subtitles for my videos");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(newest(page)).toContainText("Stopped.");
  await expect(field(page)).toBeFocused();
  await page.unroute(CHAT);
  release();
  await newest(page).getByRole("button", { name: "Ask again" }).click();
  await expect(newest(page)).toContainText("Subtitle Mill");

  // The stream is cut after the first word: the rest is asked for by the last event heard, and comes once.
  const asked: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/v1/chat/discovery")) asked.push(request.headers()["last-event-id"]);
  });
  await page.route(
    CHAT,
    async (route) => {
      const answer = await route.fetch();
      const events = (await answer.text()).split("\n\n").slice(0, EVENTS_BEFORE_CUT);
      await route.fulfill({ response: answer, body: `${events.join("\n\n")}\n\n` });
    },
    { times: 1 },
  );
  await say(page, "plan meals without gluten, 2 to 3 hours a week");
  await expect(newest(page)).toContainText("520 to 780 tokens a month, $5.20 to $7.80");
  await expect(newest(page).getByText("fits best")).toHaveCount(1);
  expect(asked).toEqual([undefined, expect.stringMatching(/\.\d+\.4$/)]);

  await context.setOffline(true);
  await expect(page.getByText("You are offline. What was said stays")).toBeVisible();
  await field(page).fill("start it");
  await expect(page.getByRole("button", { name: "Send" })).toBeDisabled();
  await context.setOffline(false);

  await page.reload();
  await expect(newest(page)).toContainText("520 to 780 tokens a month, $5.20 to $7.80");
  await expect(page.getByRole("button", { name: "Forget: plan meals without gluten" })).toBeVisible();
  await say(page, "start it");
  await newest(page).getByRole("link", { name: "Go to the price box of Pantry Chef" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Pantry Chef" })).toBeVisible();
  expect(new URL(page.url()).searchParams.get("minutes")).toBe("180");
  await expect(page.getByTestId("held")).toHaveText("180");
});
