// A webhook that goes wrong and is put right: added with its secret, refused by the receiver, switched off by us, switched on
// again, and the lost event sent once more.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { expect, test } from "./support/flow.ts";
import { signIn } from "./support/steps.ts";

/** A receiver that answers as it is told, and keeps what it accepted. */
async function receiver() {
  const accepted: { body: string; headers: Record<string, string> }[] = [];
  const answers = { status: 410, text: "moved away" };
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      // The marketplace also looks now and then whether the app itself answers (docs/availability.md).
      const isWebhook = request.method === "POST";
      if (isWebhook && answers.status < 300)
        accepted.push({ body, headers: request.headers as Record<string, string> });
      response.writeHead(answers.status).end(answers.text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return { origin, accepted, answers, close: () => server.close() };
}

test("an owner sees what an endpoint answered, and sends what it missed again", async ({ page, newPerson, market }) => {
  const shop = await receiver();
  const owner = await newPerson();
  const { provider } = await market.must<{ provider: { id: string } }>("POST", "/v1/provider/register", {
    bearer: owner.token,
    body: {
      name: `Listener ${Date.now()}-${test.info().parallelIndex}`,
      description: "Hears everything.",
      category: "other",
      useCases: ["hear what happens"],
      appUrl: `${shop.origin}/app`,
      logoUrl: `${shop.origin}/logo.svg`,
      tokenRatePerHour: 60,
    },
  });
  await signIn(page, owner, `/provider/${provider.id}/webhooks`);
  await expect(page.getByText("No endpoint yet")).toBeVisible();
  await page.getByRole("button", { name: "Add endpoint" }).click();
  await page.getByLabel("Address of the endpoint").fill(`${shop.origin}/hooks`);
  await page.getByRole("button", { name: "Add it and show its secret" }).click();
  const secret = (await page.getByText(/^whsec_/).textContent())!;
  await page.getByRole("button", { name: "I have stored it" }).click();
  await expect(page.getByText(/^whsec_/)).toHaveCount(0);

  await page.getByRole("button", { name: "Send a test event" }).click();
  await expect(page.getByTestId("endpoints")).toContainText("Off: it answered 410 Gone");
  const lost = page.getByTestId("dead-letters");
  await lost.getByText("webhook.test", { exact: true }).click();
  await expect(lost).toContainText("Given up");
  await expect(lost).toContainText("answered 410");
  await expect(lost).toContainText("moved away");

  shop.answers.status = 200;
  shop.answers.text = "thank you";
  await page.getByRole("button", { name: "Switch on" }).click();
  await lost.getByRole("button", { name: "Send again" }).click();
  const log = page.getByTestId("deliveries");
  await expect(log).toContainText("Arrived");
  await log.getByText("webhook.test", { exact: true }).click();
  await expect(log).toContainText("thank you");
  await expect(log).toContainText('"message": "This endpoint can be reached."');
  await expect(lost).toContainText("Everything arrived.");
  // The receiver checks it with a library of somebody else, and the secret from the page.
  const [{ body, headers }] = shop.accepted as [{ body: string; headers: Record<string, string> }];
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: "webhook.test" });

  await log.getByRole("checkbox", { name: "Choose webhook.test" }).check();
  await page.getByRole("button", { name: "Send 1 chosen again" }).click();
  await expect.poll(() => shop.accepted.map((one) => one.headers["webhook-id"])).toHaveLength(2);
  expect(new Set(shop.accepted.map((one) => one.headers["webhook-id"])).size).toBe(1);
  shop.close();
});
