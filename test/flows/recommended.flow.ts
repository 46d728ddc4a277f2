// What a person is recommended: with the figures it follows from, at home and after a session, and gone once they say so.

import { expect, test } from "./support/flow.ts";
import { signIn } from "./support/steps.ts";

test("a plan that would cost less is recommended after the session and at home, until the person says no", async ({
  page,
  market,
  newPerson,
}) => {
  const owner = await newPerson();
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const name = `Choir Parts ${port}`;
  const { provider, apiKey } = await market.must<{ provider: { id: string }; apiKey: string }>(
    "POST",
    "/v1/provider/register",
    {
      bearer: owner.token,
      body: {
        name,
        description: "Engraves the parts of a choir.",
        category: "other",
        useCases: ["print parts for my choir"],
        appUrl: `http://localhost:${port}/`,
        logoUrl: `http://localhost:${port}/logo.svg`,
        pricing: [{ meter: "page", price: { model: "per_unit", unit: "100" }, holdPerHour: 40 }],
      },
    },
  );
  await market.must("POST", `/v1/provider/apps/${provider.id}/plans`, {
    bearer: owner.token,
    body: { name: "Choir monthly", monthCents: 1_000, includedTokens: 4_000 },
  });
  const person = await newPerson(5_000);
  const session = await market.createSession(person, provider.id, 60);
  const { sessionToken } = await market.redeem(session.launchToken);
  // Over within a second: the receipt's times begin alike, and it must stand all the same.
  await market.sync(sessionToken, { action: "pause" });
  await market.sync(sessionToken, { action: "resume" });
  await market.must("POST", "/v1/provider/tokens/report", {
    bearer: apiKey,
    body: { sessionId: session.id, meter: "page", units: 30, idempotencyKey: "pages" },
  });
  await market.must("POST", "/v1/provider/sessions/sync", {
    bearer: apiKey,
    body: { action: "complete", sessionId: session.id, final: true },
  });

  await signIn(page, person, `/session/complete?session_id=${session.id}`);
  await expect(page.getByTestId("used")).toContainText("3,000");
  const shown = page.getByTestId("recommendations");
  await expect(shown.getByRole("heading", { name: "After this session" })).toBeVisible();
  const reason = `You paid 3,000 tokens ($30.00) in ${name} in 30 days. With its plan “Choir monthly” it would have been 1,000 tokens ($10.00).`;
  await expect(shown).toContainText(reason);

  await page.goto("/");
  await expect(shown.getByRole("heading", { name: "For what you use" })).toBeVisible();
  await expect(shown).toContainText(reason);
  const dismissed = page.waitForResponse((answer) => answer.url().endsWith("/dismiss"));
  await shown.getByRole("button", { name: `Not for me: ${name}` }).click();
  await expect(shown).toBeHidden();
  expect((await dismissed).status()).toBe(200);
  const asked = page.waitForResponse((answer) => answer.url().includes("/v1/recommendations"));
  await page.reload();
  expect(await (await asked).json()).toEqual({ recommendations: [] });
  await expect(shown).toBeHidden();
});
