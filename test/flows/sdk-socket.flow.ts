// How a page of an app tells that somebody is there: over one socket, and by requests wherever that cannot be had.

import { expect, test as base, type Page } from "@playwright/test";
import {
  APP,
  bootScript,
  caughtUp,
  FakeMarketplace,
  heardBy,
  launchUrl,
  SESSION_TOKEN,
  stopClock,
} from "./support/fake-marketplace.ts";
import { FakeSocket } from "./support/fake-socket.ts";

const test = base.extend<{ market: FakeMarketplace; live: FakeSocket }>({
  market: async ({ context }, use) => {
    const market = new FakeMarketplace();
    await market.serve(context, { boot: bootScript("observed: (window.seen = { image: 0 }),") });
    await stopClock(context);
    await use(market);
  },
  live: async ({ context, market }, use) => {
    const live = new FakeSocket(market);
    await live.serve(context);
    await use(live);
  },
});

/** A page whose socket stands and has told what it saw so far. */
async function connected(page: Page, market: FakeMarketplace, live: FakeSocket): Promise<void> {
  await page.goto(launchUrl());
  await expect.poll(() => live.protocols).toEqual([["mp.session.v1", SESSION_TOKEN]]);
  await calmSeconds(page, market, 30);
  await expect.poll(() => live.said).toHaveLength(1);
  await caughtUp(page, market);
  live.said.length = 0;
}
const words = (live: FakeSocket) => live.said.map((message) => (message === "beat" ? message : JSON.parse(message)));
const seconds = (page: Page, count: number) => page.clock.runFor(count * 1_000);
/** The same, once the page has taken in all it was answered: what was sent to it before is heard before this asks. */
async function calmSeconds(page: Page, market: FakeMarketplace, count: number): Promise<void> {
  await page.evaluate("0");
  await caughtUp(page, market);
  await seconds(page, count);
}

test("a page where nobody does anything says every other time no more than that it is there, and asks for nothing", async ({
  page,
  market,
  live,
}) => {
  await connected(page, market, live);
  const turns = ["beat", { action: "heartbeat", active: false, observed: { image: 0 } }];
  for (let beat = 1; beat <= 4; beat++) {
    await calmSeconds(page, market, 30);
    await expect.poll(() => words(live)).toMatchObject([...turns, ...turns].slice(0, beat));
  }
  expect(market.actions()).toEqual(["start"]);
});

test("a deed is told once, with its moment; what the page saw, whenever it has changed", async ({
  page,
  market,
  live,
}) => {
  await connected(page, market, live);
  await calmSeconds(page, market, 20);
  await page.mouse.move(7, 7);
  await calmSeconds(page, market, 10);
  await expect
    .poll(() => words(live))
    .toEqual([{ action: "heartbeat", active: true, actedSecondsAgo: 10, observed: { image: 0 } }]);
  await calmSeconds(page, market, 30);
  await expect.poll(() => live.said.slice(1)).toEqual(["beat"]);
  await page.evaluate("window.seen.image = 3");
  await calmSeconds(page, market, 30);
  await expect.poll(() => words(live)[2]).toMatchObject({ active: false, observed: { image: 3 } });
  await calmSeconds(page, market, 30);
  await expect.poll(() => live.said.slice(3)).toEqual(["beat"]);
});

test("what a beat is answered is shown at once, in every tab", async ({ page, context, market, live }) => {
  await connected(page, market, live);
  const second = await context.newPage();
  await second.goto(`${APP}/tool`);
  await expect(second.getByRole("timer")).toBeVisible();
  live.push({ tokensConsumed: 7 });
  for (const tab of [page, second]) await expect(tab.getByText("7 tokens ($0.07)")).toBeVisible();
  live.push({ status: "paused", pauseCause: "user" });
  for (const tab of [page, second]) await expect(tab.getByRole("button", { name: "Resume" })).toBeVisible();
  expect(live.protocols).toHaveLength(1);
});

test("a beat that nobody answers is a request five seconds later, with the deed it told of", async ({
  page,
  market,
  live,
}) => {
  await connected(page, market, live);
  live.isDeaf = true;
  await page.mouse.move(7, 7);
  await calmSeconds(page, market, 30);
  await expect.poll(() => words(live)).toMatchObject([{ active: true }]);
  await calmSeconds(page, market, 4);
  expect(market.actions()).toEqual(["start"]);
  live.isDeaf = false;
  await calmSeconds(page, market, 2);
  await expect.poll(() => market.actions()).toEqual(["start", "heartbeat"]);
  expect(market.heard[1]).toMatchObject({ active: true, observed: { image: 0 } });
  // The socket was made anew with it.
  await expect.poll(() => live.protocols).toHaveLength(2);
  await calmSeconds(page, market, 31);
  await expect.poll(() => live.said.slice(1)).toEqual(["beat"]);
  expect(market.actions()).toEqual(["start", "heartbeat"]);
});

test("without a network the page says so within seconds of the beat, and is back when the network is", async ({
  page,
  market,
  live,
}) => {
  await connected(page, market, live);
  market.isDown = live.isDeaf = true;
  await calmSeconds(page, market, 35);
  await expect.poll(async () => (await heardBy(page)).at(-1)?.[0]).toBe("offline");
  market.isDown = live.isDeaf = false;
  await page.evaluate("dispatchEvent(new Event('online'))");
  await expect.poll(async () => (await heardBy(page)).at(-1)?.[0]).toBe("online");
});

test("a socket that is closed is noticed at once: a request within five seconds, and a new socket", async ({
  page,
  market,
  live,
}) => {
  await connected(page, market, live);
  await live.drop();
  await calmSeconds(page, market, 6);
  await expect.poll(() => market.actions()).toEqual(["start", "heartbeat"]);
  await expect.poll(() => live.protocols).toHaveLength(2);
  await calmSeconds(page, market, 31);
  await expect.poll(() => live.said).toEqual(["beat"]);
});

test("a network that lets no socket through is tried less and less; the beats are requests", async ({
  page,
  market,
  live,
}) => {
  live.refusal = 1011;
  await page.goto(launchUrl());
  await expect.poll(() => live.protocols).toHaveLength(1);
  for (let beat = 1; beat <= 18; beat++) {
    await calmSeconds(page, market, 30);
    await expect.poll(() => market.heard.length).toBe(beat + 1);
    await expect.poll(() => page.evaluate("session.state?.serverTime")).toBe(market.state.serverTime);
  }
  // At beats 1, 2, 4, 8 and 16.
  expect(live.protocols).toHaveLength(6);
  const heard = (await heardBy(page)).map(([name]) => name);
  expect(heard).not.toContain("offline");
  expect(heard).not.toContain("error");
});

test("a page that the server wants no socket of never asks again", async ({ page, market, live }) => {
  await connected(page, market, live);
  await live.drop(1008);
  await calmSeconds(page, market, 6);
  await expect.poll(() => market.actions()).toEqual(["start", "heartbeat"]);
  for (let beat = 2; beat <= 5; beat++) {
    await calmSeconds(page, market, 30);
    await expect.poll(() => market.actions().length).toBe(beat + 1);
  }
  expect(live.protocols).toHaveLength(1);
});

test("a page that was taken for gone says at once that it is there", async ({ page, market, live }) => {
  await connected(page, market, live);
  live.push({ status: "paused", pauseCause: "heartbeat_lost" });
  await expect.poll(() => words(live)).toEqual([{ action: "heartbeat" }]);
  live.push({ status: "active", pauseCause: null });
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await calmSeconds(page, market, 30);
  await expect.poll(() => live.said.slice(1)).toEqual(["beat"]);
});

test("what was commanded and not answered is asked for again by request, though the socket stands", async ({
  page,
  market,
  live,
}) => {
  await connected(page, market, live);
  market.refusals.pause = { status: 503, body: { code: "temporarily_unavailable", detail: "later" } };
  await page.getByRole("button", { name: "Pause" }).click();
  await expect.poll(() => market.actions()).toEqual(["start", "pause"]);
  market.refusals = {};
  await calmSeconds(page, market, 2);
  await expect.poll(() => market.actions()).toEqual(["start", "pause", "pause"]);
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
  await expect.poll(async () => (await heardBy(page)).map(([name]) => name)).toContain("online");
});

test("the person's return to an idle page is said at once, in words, and once", async ({ page, market, live }) => {
  await connected(page, market, live);
  live.push({ status: "paused", pauseCause: "idle" });
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
  live.isDeaf = true;
  for (let x = 1; x < 5; x++) await page.mouse.move(x * 10, 10);
  await expect.poll(() => words(live)).toMatchObject([{ active: true, actedSecondsAgo: 0 }]);
  live.push({ status: "active", pauseCause: null });
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  expect(live.said).toHaveLength(1);
  expect(market.actions()).toEqual(["start"]);
});

test('`transport: "http"` opens no socket and loads nothing for one', async ({ page, context, market, live }) => {
  await market.serve(context, { boot: bootScript('transport: "http",') });
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await page.goto(launchUrl());
  await expect(page.getByRole("timer")).toBeVisible();
  await calmSeconds(page, market, 30);
  await expect.poll(() => market.actions()).toEqual(["start", "heartbeat"]);
  expect(live.protocols).toEqual([]);
  expect(loaded).not.toContain("/sdk/v1/live.js");
});
