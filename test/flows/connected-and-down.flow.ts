// An app's accounts: its owner says how they are connected, a person reads what that means, and what fails connects
// nothing; at a real OpenID provider it does, until they take it back. Then the app is down: nobody can start it, and its
// owner reads when it was. What takes minutes of checks (docs/availability.md) is played between the browser and the API.

import { CLIENT, startPeer } from "../peers/oidc-server.ts";
import { expect, test } from "./support/flow.ts";
import { signIn, untilSignedIn } from "./support/steps.ts";

// What is played between the two would not be seen by a service worker's own requests.
test.use({ serviceWorkers: "block" });

test("an owner offers connections, a person tries one, and an outage is said to both", async ({
  page,
  browser,
  origins,
  market,
  newPerson,
}) => {
  const owner = await newPerson();
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const name = `Tide Tables ${port}`;
  const { provider } = await market.must<{ provider: { id: string } }>("POST", "/v1/provider/register", {
    bearer: owner.token,
    body: {
      name,
      description: "Knows when the water comes.",
      category: "other",
      useCases: ["read the tide"],
      appUrl: `http://localhost:${port}/`,
      logoUrl: `http://localhost:${port}/logo.svg`,
      tokenRatePerHour: 60,
    },
  });
  const desk = await (await browser.newContext({ baseURL: origins.web, serviceWorkers: "block" })).newPage();

  await test.step("the owner says how the app's server is asked", async () => {
    await signIn(desk, owner, `/provider/${provider.id}/connections`);
    await desk.getByLabel("Protocol").selectOption("API key of the person");
    await desk.getByLabel("Address of the person's profile (JSON)").fill("https://accounts.example.com/me");
    await desk.getByRole("button", { name: "Save and try it" }).click();
    await expect(desk.getByText("Saved. People can connect now.")).toBeVisible();
  });

  await test.step("a person reads what it means, and a server that does not answer connects nothing", async () => {
    await signIn(page, await newPerson(), `/connect/${provider.id}`);
    await expect(page.getByRole("heading", { name: `Connect ${name}` })).toBeVisible();
    await expect(page.getByText("Not your name, and not your e-mail address.")).toBeVisible();
    await page.getByRole("button", { name: "Connect" }).click();
    await expect(page.getByText("Enter the key the app gave you.")).toBeVisible();
    await page.getByLabel("Your API key there").fill("k-ana");
    await page.getByRole("button", { name: "Connect" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await page.goto(`/connect/${provider.id}/callback?code=forged&state=forged`);
    await expect(page.getByRole("heading", { name: "Nothing was connected" })).toBeVisible();
    expect(page.url()).not.toContain("forged");
    await page.goto("/account");
    await expect(page.getByText("No app is connected.")).toBeVisible();
  });

  await test.step("the app is down: it says so where the start would be", async () => {
    await page.route(`**/v1/providers/${provider.id}`, async (route) => {
      const answer = await route.fetch();
      const body = (await answer.json()) as { provider: object };
      await route.fulfill({ response: answer, json: { ...body, provider: { ...body.provider, available: false } } });
    });
    await page.goto("/apps?q=Tide+Tables");
    // Before it is awake a click loads the next page from the server.
    await untilSignedIn(page);
    await page.getByRole("link", { name, exact: true }).click();
    await expect(page.getByRole("region", { name: "Price before you start" })).toContainText("does not answer");
    await expect(page.getByRole("button", { name: /^Start/ })).toHaveCount(0);
  });

  await test.step("its owner reads since when, and what it cost nobody", async () => {
    await desk.route("**/availability", (route) =>
      route.fulfill({
        json: {
          availability: {
            state: "unreachable",
            checkedAt: "2026-11-26T12:05:00.000Z",
            lastAnsweredAt: "2026-11-26T12:00:00.000Z",
            responseCode: null,
            error: "No answer within five seconds.",
            unreachableSince: "2026-11-26T12:02:00.000Z",
          },
          outages: [
            {
              from: "2026-11-26T12:02:00.000Z",
              failingSince: "2026-11-26T12:01:00.000Z",
              until: null,
              error: "No answer within five seconds.",
              sessionsEnded: 2,
            },
          ],
        },
      }),
    );
    const asked: string[] = [];
    desk.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await desk.goto(`/provider/${provider.id}`);
    const answers = desk.getByTestId("answers");
    await expect(answers).toContainText("It does not answer. Nothing can be started.");
    await expect(answers).toContainText("2 sessions ended free of charge");
    // The figures stand while something else cannot be loaded, and what failed comes when it is asked again.
    await desk.route(/\/analytics/, (route) => route.fulfill({ status: 503, json: {} }));
    await desk.reload();
    await expect(desk.getByText("The figures could not be loaded.")).toBeVisible();
    await desk.unroute(/\/analytics/);
    await desk.getByRole("button", { name: "Try again" }).click();
    await expect(desk.getByRole("heading", { name: "Who comes back" })).toBeVisible();
    // Once for each of the two visits: the frame of these pages once asked for the app without end.
    expect(asked.filter((path) => path === `/v1/provider/apps/${provider.id}`)).toHaveLength(2);
  });
});

test("a person connects their account at an app, finds it among their connections, and takes it back", async ({
  page,
  origins,
  market,
  newPerson,
}) => {
  const owner = await newPerson();
  const [port, name] = [20_000 + Math.floor(Math.random() * 20_000), `Harbour Log ${Date.now()}`];
  const { provider } = await market.must<{ provider: { id: string } }>("POST", "/v1/provider/register", {
    bearer: owner.token,
    body: {
      name,
      description: "Keeps the log of a harbour.",
      category: "other",
      useCases: ["log a boat"],
      appUrl: `http://localhost:${port}/`,
      logoUrl: `http://localhost:${port}/logo.svg`,
      tokenRatePerHour: 60,
    },
  });
  // The app's own accounts, at an OpenID provider we did not write.
  const server = await startPeer([`${origins.web}/connect/${provider.id}/callback`]);
  try {
    await market.must("PUT", `/v1/provider/apps/${provider.id}/connections`, {
      bearer: owner.token,
      body: { protocol: "oidc", issuer: server.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, scopes: [] },
    });

    // They go there, are signed in and say yes, and come back; nothing of what came back stays in the address.
    await signIn(page, await newPerson(), `/connect/${provider.id}`);
    await page.getByRole("button", { name: `Go on to ${new URL(server.issuer).host}` }).click();
    await expect(page.getByRole("heading", { name: `${name} is connected` })).toBeVisible();
    await expect(page.getByText("Your account there is ana-at-the-app.")).toBeVisible();
    expect(page.url()).toBe(`${origins.web}/connect/${provider.id}/callback`);

    await page.getByRole("link", { name: "Look at connected apps" }).click();
    const connections = page.getByTestId("connections");
    await expect(connections.getByRole("listitem")).toContainText([`${name} Your account there: ana-at-the-app`]);

    await connections.getByRole("button", { name: `Disconnect ${name}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect", exact: true }).click();
    await expect(connections.getByRole("status")).toHaveText(`${name} is disconnected, here and there.`);
    await expect(connections.getByText("No app is connected.")).toBeVisible();
    await page.goto(`/connect/${provider.id}`);
    await expect(page.getByRole("button", { name: "Go on to" })).toBeVisible();
  } finally {
    await server.stop();
  }
});
