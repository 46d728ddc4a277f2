// The hosted page without a browser: what it shows, takes and refuses. Flows with a browser are in test/flows.

import { beforeEach, describe, expect, it } from "vitest";
import { createStandin } from "./app.ts";

const standin = createStandin({
  origin: "http://localhost:12111",
  webhookUrl: "http://localhost:3000/v1/stripe/webhook",
  webhookSecret: "whsec_test",
  subscribed: [],
  now: () => Date.UTC(2030, 5, 15),
});
let url: string;
let id: string;

beforeEach(async () => {
  const answer = await standin.fetch(
    new Request("http://localhost:12111/v1/checkout/sessions", {
      method: "POST",
      headers: { Authorization: "Bearer sk_test_page" },
      body: new URLSearchParams({
        mode: "payment",
        success_url: "http://localhost:5173/tokens/success?session_id={CHECKOUT_SESSION_ID}",
        cancel_url: "http://localhost:5173/wallet?canceled=1",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "123456",
        "line_items[0][price_data][product_data][name]": "<b>Tokens</b>",
      }),
    }),
  );
  ({ url, id } = (await answer.json()) as { url: string; id: string });
});

const get = (address = url) => standin.fetch(new Request(address));
const send = (fields: Record<string, string>, address = url) =>
  standin.fetch(new Request(address, { method: "POST", body: new URLSearchParams(fields) }));
const CARD = { number: "4242 4242 4242 4242", expiry: "12 / 34", cvc: "123", name: "Ada" };
const success = () => `http://localhost:5173/tokens/success?session_id=${id}`;

describe("the page", () => {
  it("says that no money moves, what is bought and for how much, with labelled fields and a way back", async () => {
    const answer = await get();
    const text = await answer.text();
    expect(text).toContain("Local test payment page. No money moves.");
    expect(text).toContain("$1,234.56");
    expect(text).toContain("&lt;b&gt;Tokens&lt;/b&gt;");
    for (const label of ["Card number", "Expiry date", "Security code", "Name on card"])
      expect(text).toContain(`>${label}</label>`);
    expect(text).toContain('href="http://localhost:5173/wallet?canceled=1"');
  });

  it("loads nothing, runs nothing and sends its form only here and back to the shop", async () => {
    const policy = (await get()).headers.get("Content-Security-Policy")!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://localhost:5173;");
    expect(policy).not.toContain("script-src");
  });

  it("takes a good card and goes to the success page with the session filled in", async () => {
    const answer = await send(CARD);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("Location")).toBe(success());
    expect(await (await get()).text()).toContain("This payment is complete");
    expect((await send(CARD)).status).toBe(200);
    expect(
      standin.world.state.all("charge").filter(({ amount, status }) => amount === 123456 && status === "succeeded"),
    ).toHaveLength(1);
  });

  it.each([
    ["a declined card", { number: "4000000000000002" }, "Your card was declined."],
    ["a mistyped number", { number: "4242424242424243" }, "Your card number is incorrect."],
    ["a card that is no test card", { number: "4111111111111111" }, "only Stripe's test cards"],
    ["no number", { number: "" }, "Your card number is incorrect."],
    ["last month", { expiry: "05/30" }, "Your card has expired."],
    ["a thirteenth month", { expiry: "13/34" }, "as month and year"],
    ["a short security code", { cvc: "12" }, "has 3 digits"],
  ])("shows what is wrong with %s and lets you try again", async (_, change, message) => {
    const refused = await send({ ...CARD, ...change });
    expect(refused.status).toBe(402);
    const text = (await refused.text()).replaceAll("&#39;", "'");
    expect(text).toContain('role="alert"');
    expect(text).toContain(message);
    expect(text).toContain('aria-invalid="true"');
    expect(text).toContain('value="Ada"');
    expect((await send(CARD)).status).toBe(303);
  });

  it("takes this month", async () => {
    expect((await send({ ...CARD, expiry: "06/30" })).status).toBe(303);
  });

  it.each(["4000002500003155", "4000002760003184"])(
    "asks 3-D Secure for %s: failed lets you retry, complete pays",
    async (number) => {
      const asked = await send({ ...CARD, number });
      const challenge = asked.headers.get("Location")!;
      expect(challenge).toBe(`${url}/challenge`);
      expect(await (await get(challenge)).text()).toContain("Complete authentication");
      const failed = await send({ result: "fail" }, challenge);
      expect(failed.status).toBe(402);
      expect(await failed.text()).toContain("unable to authenticate");
      expect((await send({ result: "complete" }, challenge)).status).toBe(200);
      await send({ ...CARD, number });
      const passed = await send({ result: "complete" }, challenge);
      expect(passed.headers.get("Location")).toBe(success());
    },
  );

  it("is gone when the session has expired", async () => {
    await standin.fetch(new Request(`http://localhost:12111/_dev/checkout/${id}/expire`, { method: "POST" }));
    const answer = await get();
    expect(answer.status).toBe(410);
    expect(await answer.text()).toContain("This payment page has expired");
  });
});
