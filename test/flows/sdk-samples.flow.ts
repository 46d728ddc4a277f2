// What our own documents and the product's research show for the page, run as it stands there, character for character; and
// what the SDK does where the network is slow or the page speaks another language.

import { readFileSync } from "node:fs";
import { expect, test as base, type Page } from "@playwright/test";
import {
  API,
  APP,
  bootScript,
  FakeMarketplace,
  goesTo,
  heardBy,
  launchToken,
  launchUrl,
  MARKET,
  PROVIDER_ID,
  scriptTags,
  SESSION_ID,
  stopClock,
} from "./support/fake-marketplace.ts";

const test = base.extend<{ market: FakeMarketplace }>({
  market: async ({ context }, use) => {
    await stopClock(context);
    await use(new FakeMarketplace());
  },
});

const LOADER = `
(function () {
  var s = document.createElement('script');
  s.type = 'text/javascript';
  s.async = true;
  s.src = 'https://marketplace.com/sdk.js';
  var x = document.getElementsByTagName('script')[0];
  x.parentNode.insertBefore(s, x);
})();
`;
const CONNECTION_TOKEN = `
async function fetchConnectionToken() {
  const response = await fetch('https://marketplace-backend.com/connection_token', {
    method: 'POST',
    headers: { 'Authorization': \`Bearer \${userToken}\` }
  });
  return (await response.json()).secret;
}

const sdk = MarketplaceSDK.create({
  onFetchConnectionToken: fetchConnectionToken,
  providerId: 'provider_xyz'
});
`;

test("the research's asynchronous loader fetches the script, and calls made before it are kept", async ({
  page,
  context,
  market,
}) => {
  // Its \`s.src = ...\` is a plain string, which Trusted Types forbid; the tag itself, or our loader, are for such pages.
  const policy = `script-src 'self' https://marketplace.com; connect-src ${API}`;
  await market.serve(context, { boot: bootScript() + LOADER, head: '<script src="/boot.js"></script>', policy });
  await page.goto(launchUrl());
  await expect(page.getByRole("timer")).toHaveText("01:00:00");
  expect(market.actions()).toEqual(["start"]);
});

/** A snippet of the guide's part about content policies, for the app under test. */
function strictSnippet(language: "html" | "js"): string {
  const part = /### Content policies([\s\S]*?)\n### /.exec(readFileSync("docs/sdk.md", "utf8"))![1]!;
  const text = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(part)![1]!;
  return text
    .replace('providerId: "..."', `providerId: "${PROVIDER_ID}"`)
    .replace("https://api.meterplace.example", API);
}
/** What the browser refused to do because of the page's policy. */
function refusalsOn(page: Page): string[] {
  const refused: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) refused.push(message.text());
  });
  return refused;
}
const STRICT = `default-src 'none'; connect-src ${API} ${API.replace("https", "wss")}; require-trusted-types-for 'script'`;

test("the guide's strict snippet: a nonce and the plain tag, where Trusted Types allow no policy at all", async ({
  page,
  context,
  market,
}) => {
  const refused = refusalsOn(page);
  const policy = `${STRICT}; script-src 'nonce-FRESH' ${API}; trusted-types 'none'`;
  await market.serve(context, { boot: "", head: strictSnippet("html"), policy });
  await page.goto(launchUrl());
  await expect(page.getByRole("timer")).toHaveText("01:00:00");
  expect(market.actions()).toEqual(["start"]);
  expect(refused).toEqual([]);
});

test("the guide's loader for strict pages: one policy that vouches for one address; the research's line is refused there", async ({
  page,
  context,
  market,
}) => {
  const refused = refusalsOn(page);
  const policy = `${STRICT}; script-src 'self' ${API}; trusted-types meterplace-tag`;
  const head = '<script defer src="/boot.js"></script>';
  await market.serve(context, { boot: bootScript() + strictSnippet("js"), head, policy });
  await page.goto(launchUrl());
  await expect(page.getByRole("timer")).toHaveText("01:00:00");
  expect(market.actions()).toEqual(["start"]);
  expect(refused).toEqual([]);
  const plain = await page.evaluate(
    `(() => { try { ${LOADER} return "ran"; } catch (error) { return error.name; } })()`,
  );
  expect(plain).toBe("TypeError");
});

test("the research's connection token: the app's own server answers it, no secret is in the page", async ({
  page,
  context,
  market,
}) => {
  const secret = launchToken({ provider_id: "provider_xyz" });
  market.backend = { origin: "https://marketplace-backend.com", answer: { secret } };
  const head = `<script crossorigin src="${API}/sdk.js"></script><script src="/boot.js"></script>`;
  await market.serve(context, { boot: `const userToken = "of the app's own user";${CONNECTION_TOKEN}`, head });
  await page.goto(`${APP}/dashboard`);
  await expect(page.getByRole("timer")).toHaveText("01:00:00");
  expect(market.backend.heard).toEqual(["POST /connection_token Bearer of the app's own user"]);
  expect(market.heard[0]).toMatchObject({ action: "start", bearer: secret });
  expect(await context.cookies()).toEqual([]);
});

test("the guide's plug-ins: time in the title, and every call of the page watched for SESSION_EXPIRED", async ({
  page,
  context,
  market,
}) => {
  const guide = readFileSync("docs/sdk.md", "utf8");
  market.set({ remainingSeconds: 3545 });
  const sample = /### Plug-ins[\s\S]*?```js\n([\s\S]*?)```/.exec(guide)![1]!;
  await market.serve(context, { boot: sample + bootScript("plugins: [timeInTitle, watchEveryCall],") });
  await page.goto(launchUrl());
  await expect(page).toHaveTitle("60 min · app.example");
  await page.clock.runFor(6_000);
  await expect(page).toHaveTitle("59 min · app.example");
  const over = { ...market.state, status: "completed", endReason: "time_expired", endedAt: "2026-11-01T12:30:00.000Z" };
  market.refusals.heartbeat = {
    status: 401,
    body: { code: "session_expired", session: { ...over, serverTime: over.endedAt } },
  };
  await page.evaluate("fetch('/own-api')");
  await expect(page.getByText(/^Ended/).first()).toBeVisible();
  await page.clock.runFor(2_000);
  await goesTo(page, `${MARKET}/session/complete?session_id=${SESSION_ID}&state=opaque-state`);
});

test("a slow answer: one request at a time, and the countdown goes on meanwhile", async ({ page, context, market }) => {
  await market.serve(context, { boot: bootScript(), head: scriptTags() });
  await page.goto(launchUrl());
  await expect(page.getByRole("timer")).toHaveText("01:00:00");
  const release = market.hold();
  await page.mouse.move(9, 9);
  await page.clock.runFor(30_000);
  await expect.poll(() => market.heard.length).toBe(2);
  await page.clock.runFor(9_000);
  await expect(page.getByRole("timer")).toHaveText("59:21");
  expect(market.heard).toHaveLength(2);
  market.set({ remainingSeconds: 3561 });
  release();
  await expect.poll(() => page.evaluate("session.state.remainingSeconds")).toBe(3561);
  expect(await heardBy(page)).toEqual([["ready", "active"]]);
});

test("a French page: its texts are loaded, numbers are written its way", async ({ page, context, market }) => {
  market.set({ tokensConsumed: 1234, tokensAllocated: 5000 });
  await market.serve(context, { boot: bootScript(`locale: "fr",`) });
  await page.goto(launchUrl());
  await expect(page.getByRole("timer")).toBeVisible();
  await page.clock.runFor(1_000);
  await expect(page.getByRole("region", { name: "Compteur de la session" })).toBeVisible();
  await expect(page.getByText(/1\s234 jetons \(12,34\s\$US\)/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Terminer" })).toBeVisible();
});

test("a laptop that slept beats at once when it wakes, and a page's clock set wrong changes nothing it shows", async ({
  page,
  context,
  market,
}) => {
  await market.serve(context, { boot: bootScript() });
  await page.goto(launchUrl());
  await expect(page.getByRole("timer")).toHaveText("01:00:00");
  // The wall clock alone goes on while it sleeps, and so it does when somebody sets it: a beat, and the same countdown.
  await page.clock.setSystemTime(new Date("2026-11-01T12:40:00Z"));
  market.set({ status: "paused", pauseCause: "heartbeat_lost", remainingSeconds: 3590 });
  await page.clock.runFor(1_000);
  await expect.poll(() => market.actions()).toEqual(["start", "heartbeat"]);
  await expect(page.getByRole("timer")).toHaveText("59:50");
  await expect(page.getByText("Paused, you are not being charged").first()).toBeVisible();
});
