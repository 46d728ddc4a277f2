// Apps of an independent provider on the real stack: what they report is what the person pays, what breaks costs nothing,
// and their webhooks arrive signed. Only the published SDK stands between them and the marketplace.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { Marketplace as Sdk } from "../../sdk/src/server/marketplace.ts";
import type { Marketplace, Person, SessionState } from "../support/marketplace.ts";
import { expect, test } from "./support/flow.ts";

interface DemoKeys {
  slug: string;
  providerId: string;
  testApiKey: string;
}
const keysOf = (slug: string): DemoKeys => {
  const { apps } = JSON.parse(readFileSync(join(process.env.FLOW_STATE_DIR!, "demo.json"), "utf8")) as {
    apps: DemoKeys[];
  };
  return apps.find((app) => app.slug === slug)!;
};

/** Starts a session of 30 minutes and opens the app as the redirect would. */
async function open(page: Page, market: Marketplace, person: Person, slug: string): Promise<string> {
  const { session } = await market.must<{ session: { id: string; redirectUrl: string } }>(
    "POST",
    "/v1/sessions/create",
    { bearer: person.token, body: { providerId: keysOf(slug).providerId, durationMinutes: 30 } },
  );
  await page.goto(session.redirectUrl);
  await expect(page.getByRole("timer")).toBeVisible();
  expect(page.url()).not.toContain("marketplace_session");
  return session.id;
}

async function settled(market: Marketplace, person: Person, id: string): Promise<SessionState> {
  const read = async () =>
    (await market.must<{ session: SessionState }>("GET", `/v1/sessions/${id}`, { bearer: person.token })).session;
  await expect.poll(async () => (await read()).settlement).toBe("settled");
  return read();
}

const end = async (page: Page, web: string) => {
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.waitForURL((url) => url.origin === web);
};

test("time and scenes: the bill is the hours at the board and the scenes that were drawn", async ({
  page,
  market,
  newPerson,
  origins,
}) => {
  const person = await newPerson(1000);
  const id = await open(page, market, person, "storyboard-studio");
  await page.getByLabel("Your text").fill("One.\n\nTwo.\n\nThree.\n\nFour.\n\nFive.\n\nSix.");
  await page.getByRole("button", { name: "Draw the scenes" }).click();
  await expect(page.getByText('Reported 6 to the meter "scene": accepted.')).toBeVisible();
  await expect(page.getByRole("img", { name: /^Sketch/ })).toHaveCount(6);
  await end(page, origins.web);

  const session = await settled(market, person, id);
  // 240 an hour; 20 for the board with four scenes, 6 for each further one. Rounded up once.
  const expected = Math.ceil((240 * session.activeSeconds) / 3600 + 20 + 2 * 6);
  expect(session.tokensConsumed).toBe(expected);
  expect(await market.balance(person)).toBe(1000 - expected);

  // The provider heard of it, each event signed twice.
  const events = async () => {
    const answer = await fetch(`${origins.demo}/webhooks.json`);
    const { webhooks } = (await answer.json()) as {
      webhooks: { event: { type: string; data: { sessionId?: string } }; signatures: { marketplace: boolean } }[];
    };
    return webhooks.filter(({ event }) => event.data.sessionId === id);
  };
  await expect
    .poll(async () => (await events()).map(({ event }) => event.type).toSorted())
    .toEqual(["session.completed", "session.settled", "session.started", "tokens.consumed"]);
  expect((await events()).every(({ signatures }) => signatures.marketplace)).toBe(true);
});

test("by the page: five are free, the sixth opens the first parcel of five", async ({
  page,
  market,
  newPerson,
  origins,
}) => {
  const person = await newPerson(500);
  const id = await open(page, market, person, "invoice-reader");
  await page.getByLabel("Your text").fill(Array(6).fill("Oak Ltd\nTotal: EUR 5.00").join("\n---\n"));
  await page.getByRole("button", { name: "Read the pages" }).click();
  await expect(page.getByText('Reported 6 to the meter "page": accepted.')).toBeVisible();
  await expect(page.getByRole("cell", { name: "EUR 5.00" })).toHaveCount(6);
  await end(page, origins.web);
  expect((await settled(market, person, id)).tokensConsumed).toBe(4);
});

test("an app that gives up costs nothing", async ({ page, market, newPerson, origins }) => {
  const person = await newPerson(500);
  const id = await open(page, market, person, "flaky-lab");
  await page.getByRole("button", { name: "Break in the middle of the work" }).click();
  await expect(page.getByText("Flaky Lab broke on purpose")).toBeVisible();
  await page.getByRole("button", { name: "Give up and end the session" }).click();
  await page.waitForURL((url) => url.origin === origins.web);
  expect(await settled(market, person, id)).toMatchObject({
    status: "failed",
    endReason: "provider_error",
    tokensConsumed: 0,
  });
  expect(await market.balance(person)).toBe(500);
});

test("a provider's first session: one script tag, one sandbox session, no money", async ({ page, origins }) => {
  const { providerId, testApiKey } = keysOf("ai-writer-pro");
  const sdk = new Sdk({ apiKey: testApiKey, baseUrl: origins.api, issuer: origins.web, providerId });
  const session = await sdk.sessions.createSandbox({ durationMinutes: 5 });
  await page.goto(origins.demo + "/minimal" + new URL(session.redirectUrl).search);
  await expect(page.getByRole("timer")).toHaveText(/^0[45]:\d\d$/);
  expect(page.url()).toBe(`${origins.demo}/minimal`);
  expect((await sdk.sessions.get(session.id)).status).toBe("active");
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
  expect(await sdk.sessions.get(session.id)).toMatchObject({ status: "paused", pauseCause: "page" });
  await end(page, origins.web);
  expect(await sdk.sessions.get(session.id)).toMatchObject({ status: "completed", endReason: "user_ended" });
});

test("liveness over the real WebSocket, and the state it pushes", async ({ page, origins }) => {
  const { providerId, testApiKey } = keysOf("tutor-time");
  const sdk = new Sdk({ apiKey: testApiKey, baseUrl: origins.api, issuer: origins.web, providerId });
  const session = await sdk.sessions.createSandbox();
  const token = new URL(session.redirectUrl).searchParams.get("marketplace_session");
  await page.clock.install();
  await page.goto(`${origins.demo}/minimal`);
  const sent: string[] = [];
  const received: string[] = [];
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => sent.push(String(payload)));
    socket.on("framereceived", ({ payload }) => received.push(String(payload)));
  });
  await page.evaluate(`window.session = MarketplaceSDK.create({
    providerId: "${providerId}", redirect: false,
    onFetchConnectionToken: () => "${token}",
  })`);
  await expect.poll(() => received.length).toBe(1);
  await page.clock.runFor(30_000);
  await expect.poll(() => sent).toEqual(["beat"]);
  await expect.poll(() => received.at(-1)).toBe("ok");
  await sdk.sessions.pause(session.id);
  await expect.poll(() => page.evaluate("session.state.status")).toBe("paused");
  await sdk.sessions.complete(session.id);
  await expect.poll(() => page.evaluate("session.state.endReason")).toBe("provider_ended");
});

test("opened without a session the app says so, shows the way, and is usable by everyone", async ({
  page,
  origins,
}) => {
  for (const path of ["/", "/apps/ai-writer-pro", "/apps/mailroom", "/webhooks"]) {
    await page.goto(origins.demo + path);
    if (path.startsWith("/apps/")) {
      await expect(page.getByText("Nothing runs and nothing is charged.")).toBeVisible();
      await expect(page.getByRole("button", { name: /Outline|Do it/ })).toBeDisabled();
    }
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
      .analyze();
    expect([path, violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])]).toEqual([path, []]);
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320);
  }
  await page.goto(`${origins.demo}/apps/ai-writer-pro`);
  await page.getByRole("link", { name: "Start AI Writer Pro on the marketplace" }).click();
  await expect(page).toHaveURL(`${origins.web}/apps/${keysOf("ai-writer-pro").providerId}`);
});
