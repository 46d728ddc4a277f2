// A provider is paid: says where at Stripe, takes out what a session earned, and keeps the statement.

import { readFile } from "node:fs/promises";
import { expect, SEEDED, test } from "./support/flow.ts";
import { signIn } from "./support/steps.ts";
import { holdAnswers } from "./support/still.ts";

const OPERATOR = { email: "operator@marketplace.com", password: SEEDED.password };

const aNewApp = (name: string, port: number) => ({
  name,
  description: "Engraves what you hum.",
  category: "other",
  useCases: ["engrave a melody"],
  appUrl: `http://localhost:${port}/`,
  logoUrl: `http://localhost:${port}/logo.svg`,
  pricing: [{ meter: "page", price: { model: "per_unit", unit: "100" }, holdPerHour: 40 }],
});

test("sets up payouts at Stripe, pays out what a session earned, and saves the statement", async ({
  page,
  market,
  newPerson,
  origins,
}) => {
  // Before it: no hold days, and a session of somebody else that came to 3,000 tokens.
  const operator = await market.signIn(OPERATOR);
  const changed = await fetch(`${origins.api}/v1/operator/settings`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${operator.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ settings: { payoutHoldDays: 0 } }),
  });
  expect(changed.status).toBe(200);
  const owner = await newPerson();
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const { provider, apiKey } = await market.must<{ provider: { id: string }; apiKey: string }>(
    "POST",
    "/v1/provider/register",
    {
      bearer: owner.token,
      body: aNewApp(`Sheet Music ${port}`, port),
    },
  );
  const buyer = await newPerson(5_000);
  const session = await market.createSession(buyer, provider.id, 60);
  await market.redeem(session.launchToken);
  await market.must("POST", "/v1/provider/tokens/report", {
    bearer: apiKey,
    body: { sessionId: session.id, meter: "page", units: 30, idempotencyKey: "pages" },
  });
  await market.must("POST", "/v1/provider/sessions/sync", {
    bearer: apiKey,
    body: { action: "complete", sessionId: session.id, final: true },
  });

  await signIn(page, owner, "/provider");
  await page.getByRole("link", { name: "Earnings" }).click();
  await expect(page.getByTestId("earned-today")).toContainText("2,400");
  await expect(page.getByTestId("earned-sessions").getByRole("row")).toHaveCount(1);
  await expect(page.getByTestId("payable")).toHaveText("$24.00");

  await page.getByRole("button", { name: "Set up payouts" }).click();
  await page.waitForURL(`${origins.stripe}/c/onboard/**`);
  await page.getByRole("button", { name: "Agree and finish" }).click();
  await page.waitForURL("**/provider/earnings?onboarding=done");
  await expect(page.getByTestId("account")).toContainText("Stripe pays you.");

  await page.getByRole("button", { name: "Pay out $24.00 now" }).click();
  await expect(page.getByTestId("paid")).toHaveText("$24.00");
  await expect(page.getByTestId("payable")).toHaveText("$0.00");
  const payout = page.getByTestId("payouts").getByRole("listitem");
  await expect(payout).toContainText("Paid");
  await payout.locator("summary").click();
  await expect(payout).toContainText("3,000 tokens charged, 600 fee");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    payout.getByRole("button", { name: "Statement as CSV" }).click(),
  ]);
  const rows = (await readFile(await file.path(), "utf8")).split("\r\n");
  expect(rows[0]).toMatch(/^\ufeffdate,type,reference,session,gross_tokens,fee_tokens,net_tokens,amount_cents/);
  expect(rows.slice(1, -1)).toEqual([
    expect.stringContaining(`,settle:${session.id},${session.id},3000,600,2400,2400,usd`),
    expect.stringMatching(/,payout paid,tr_\w+,,,,,2400,usd$/),
  ]);

  // Another app of the same owner has none of it, not even while its own are on their way.
  await market.must("POST", "/v1/provider/register", {
    bearer: owner.token,
    body: aNewApp(`Chord Charts ${port}`, port + 1),
  });
  await page.reload();
  await expect(page.getByTestId("payouts").getByRole("listitem")).toHaveCount(1);
  const letGo = await holdAnswers(page, ["payouts"]);
  await page.getByRole("combobox", { name: /^App/ }).selectOption(`Chord Charts ${port}`);
  await expect(page.getByTestId("earned-today")).toContainText("0");
  await expect(page.getByTestId("payouts")).toBeHidden();
  await letGo("payouts");
  await expect(page.getByText("No payout yet.")).toBeVisible();
});
