// The beat a page sends while it goes. It outlives its page, so no interception sees it: two real servers do.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import { buildScript } from "../../sdk/build.ts";
import { FakeMarketplace, launchToken, PROVIDER_ID, SESSION_TOKEN } from "./support/fake-marketplace.ts";

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
};

test("a tab that is closed says so with a last beat, so that the bill ends there", async ({ page }) => {
  const heard: { bearer: string; action: string; active?: boolean; actedSecondsAgo?: number; observed?: unknown }[] =
    [];
  const api = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "Authorization, Content-Type");
    response.setHeader("Access-Control-Max-Age", "7200");
    // No socket here: the module for one is not found, and beats are requests.
    if (request.method === "GET") return void response.writeHead(404).end();
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      heard.push({ bearer: request.headers.authorization!.slice(7), ...JSON.parse(body) });
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ session: new FakeMarketplace().state, sessionToken: SESSION_TOKEN }));
    });
  });
  const apiOrigin = await listen(api);
  const script = await buildScript("sdk.js");
  const app = createServer((request, response) => {
    const isScript = request.url === "/sdk.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    const start = `MarketplaceSDK.create({ providerId: "${PROVIDER_ID}", api: "${apiOrigin}", observed: { image: 3 } })`;
    response.end(isScript ? `${script}${start}` : `<!doctype html><title>App</title><script src="/sdk.js"></script>`);
  });
  const appOrigin = await listen(app);
  try {
    await page.goto(`${appOrigin}/tool?marketplace_session=${launchToken()}`);
    await expect(page.getByRole("timer")).toBeVisible();
    await page.mouse.move(5, 5);
    await page.close({ runBeforeUnload: false });
    await expect.poll(() => heard.length).toBe(2);
    expect(heard[1]).toMatchObject({ bearer: SESSION_TOKEN, action: "heartbeat", active: true });
    expect(heard[1]!.actedSecondsAgo).toBeLessThan(30);
    // What the page saw goes along, so that it is compared up to its very end.
    expect(heard[1]!.observed).toEqual({ image: 3 });
  } finally {
    api.close();
    app.close();
  }
});
