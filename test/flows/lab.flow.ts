// A provider runs the lab on an app, mends what it found, passes, and the badge stands on the listing.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./support/flow.ts";
import { signIn } from "./support/steps.ts";

test("an app is looked at, mended, and earns its badge", async ({ page, origins, market, newPerson }) => {
  // An app of the story's own: at first it lets itself be sent anywhere.
  let isMended = false;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const back = new URL(request.url ?? "/", "http://localhost").searchParams.get("return_url") ?? "";
    const link = isMended ? "" : `<a href="${back.replaceAll('"', "")}">Back</a>`;
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>Lab story</title><script async src="${origins.api}/sdk.js"></script>${link}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const appOrigin = `http://localhost:${(server.address() as AddressInfo).port}`;
  try {
    const owner = await newPerson();
    const name = `Lab story ${Date.now()}`;
    const app = await market.must<{ provider: { id: string } }>("POST", "/v1/provider/register", {
      bearer: owner.token,
      body: {
        name,
        description: "An app of a story.",
        category: "other",
        useCases: ["be looked at"],
        appUrl: `${appOrigin}/start`,
        logoUrl: `${appOrigin}/logo.svg`,
        tokenRatePerHour: 60,
      },
    });
    const { id } = app.provider;
    await signIn(page, owner, "/provider");
    await page.goto(`/provider/${id}/lab`);
    await page.getByRole("button", { name: "Run the lab" }).click();
    await expect(page.getByTestId("lab-verdict")).toContainText("1 check failed");
    await expect(page.getByTestId("check-foreign_return")).toContainText("Mend it");

    isMended = true;
    // The lab looks at an app once in two seconds; it says so, and how long to wait.
    await expect(async () => {
      await page.getByRole("button", { name: "Run again" }).click();
      await expect(page.getByTestId("lab-verdict")).toContainText("Passed", { timeout: 3_000 });
    }).toPass({ timeout: 30_000, intervals: [2_000] });
    await page.goto(`/apps/${id}`);
    await expect(page.getByTestId("badge")).toContainText("Passed the conformance lab");
  } finally {
    server.close();
  }
});
