// The end of the booked time, in real seconds at the end of a session whose hour was used up while the stack stood still:
// a warning with a countdown, then the way back, and a receipt over exactly the booked time. A stack of its own, because
// the others must not stand still.

import { expect, test } from "@playwright/test";
import { Marketplace } from "../support/marketplace.ts";
import { startStack } from "../support/stack.ts";
import { useUpTime } from "./support/ahead.ts";
import { openApp, signIn, startSession } from "./support/steps.ts";

const BOOKED_SECONDS = 5 * 60;
/** Inside the warning (a fifth of five minutes), and long enough for the page's next beat, which comes every 30 s. */
const LEFT_SECONDS = 50;

test("warns with a countdown, ends on time, and leads back to a receipt over the booked time", async ({ browser }) => {
  test.setTimeout(400_000);
  let running = startStack();
  try {
    const stack = await running;
    const page = await (await browser.newContext({ baseURL: stack.origins.web, locale: "en-US" })).newPage();
    const market = new Marketplace(stack.origins, { patientMs: 20_000 });
    const person = await market.register();
    await market.buyTokens(person, 500);
    await signIn(page, person);
    await openApp(page, "AI Writer Pro", BOOKED_SECONDS / 60);
    const id = await startSession(page);

    await stack.stop();
    useUpTime(stack.stateDir, (BOOKED_SECONDS - LEFT_SECONDS) * 1000);
    running = stack.restart();

    // The app's page finds its way back by itself, as soon as it is heard again, and its bar warns.
    const bar = page.getByRole("region", { name: "Session meter" });
    await expect(bar).toContainText("until your session ends", { timeout: 150_000 });
    const first = await bar.getByRole("timer").innerText();
    await expect(bar.getByRole("timer")).not.toHaveText(first);
    await running;

    await page.waitForURL(new RegExp(`/session/complete\\?session_id=${id}`), { timeout: 90_000 });
    await expect(page.getByText("The time you booked was over.")).toBeVisible();
    await expect(page.getByTestId("duration")).toHaveText(/^5 min/);
    await expect(page.getByTestId("returned")).toContainText("0 tokens");
    const { session } = await market.session(person, id);
    expect(session).toMatchObject({ status: "completed", endReason: "time_expired", activeSeconds: BOOKED_SECONDS });
    // 500 tokens an hour for five minutes, rounded up.
    expect(session.tokensConsumed).toBe(42);
  } finally {
    const last = await running;
    await last.stop();
    last.forget();
  }
});
