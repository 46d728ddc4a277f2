// Buying tokens through the Worker, with Stripe in this isolate (test/support/stripe.ts).

import { env } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { issueStatement } from "../../domain/ledger/store.ts";
import { booksAreSound, call } from "../support/market.ts";
import { newPerson, type TestPerson } from "../support/people.ts";
import { CHALLENGED, checkoutIdOf, DECLINED, installStripe } from "../support/stripe.ts";

const stripe = installStripe();

interface Bought {
  checkoutUrl: string;
  orderId: string;
}
interface OrderBody {
  orderId: string;
  status: string;
  balance: number;
  checkoutUrl: string | null;
  refunded: { amount: number };
}
const buy = (person: TestPerson, tokenAmount: unknown, headers: Record<string, string> = {}) =>
  call<Bought>("POST", "/v1/tokens/purchase", person.token, { tokenAmount }, headers);
const bought = async (person: TestPerson, tokenAmount = 600): Promise<Bought> => (await buy(person, tokenAmount)).body;
const balance = async (person: TestPerson): Promise<number> =>
  (await call<{ balance: number }>("GET", "/v1/tokens/balance", person.token)).body.balance;
const order = (person: TestPerson, id: string) => call<OrderBody>("GET", `/v1/tokens/orders/${id}`, person.token);

describe("POST /v1/tokens/purchase", () => {
  it.each([99, 100_001, 0, -5, 150.5, "5000", null, 1e21])("refuses %j with the contract's words", async (amount) => {
    const answer = await buy(await newPerson(), amount);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      code: "invalid_token_amount",
      detail: "Token amount must be between 100 and 100,000",
    });
  });

  it.each([100, 100_000])("takes the limit itself: %d", async (amount) => {
    const answer = await buy(await newPerson(), amount);
    expect(answer.status).toBe(200);
    expect(answer.body.checkoutUrl).toMatch(/\/c\/pay\/cs_test_/);
  });

  it("needs a sign-in", async () => {
    expect((await call("POST", "/v1/tokens/purchase", null, { tokenAmount: 500 })).status).toBe(401);
  });

  it("credits nothing before the payment and everything after it", async () => {
    const person = await newPerson();
    const { checkoutUrl, orderId } = await bought(person, 5000);
    expect(await balance(person)).toBe(0);
    await stripe.pay(checkoutUrl);
    expect(await balance(person)).toBe(5000);
    expect((await order(person, orderId)).body).toMatchObject({ orderId, status: "paid", balance: 5000 });
    await booksAreSound();
  });

  it("asks the price in cents, names the order and comes back to our pages", async () => {
    const person = await newPerson();
    const { checkoutUrl, orderId } = await bought(person, 1234);
    const session = stripe.world.state.find("checkout.session", checkoutIdOf(checkoutUrl))!;
    expect(session).toMatchObject({
      amount_total: 1234,
      currency: "usd",
      client_reference_id: orderId,
      success_url: `${env.WEB_ORIGIN}/tokens/success?session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: `${env.WEB_ORIGIN}/wallet?canceled=1`,
    });
  });

  it("uses one Stripe customer for all purchases of a person", async () => {
    const person = await newPerson();
    const sessions = [await bought(person), await bought(person)].map(({ checkoutUrl }) =>
      stripe.world.state.find("checkout.session", checkoutIdOf(checkoutUrl))!,
    );
    expect(sessions[0]!.customer).toMatch(/^cus_/);
    expect(sessions[1]!.customer).toBe(sessions[0]!.customer);
    const row = await env.DB.prepare("SELECT stripe_customer_id AS id FROM users WHERE id = ?")
      .bind(person.userId)
      .first();
    expect(row).toEqual({ id: sessions[0]!.customer });
  });

  it("makes a new customer when Stripe has forgotten the old one", async () => {
    const person = await newPerson();
    await env.DB.prepare("UPDATE users SET stripe_customer_id = ?2 WHERE id = ?1")
      .bind(person.userId, `cus_gone_${person.userId}`)
      .run();
    const { checkoutUrl } = await bought(person, 700);
    await stripe.pay(checkoutUrl);
    expect(await balance(person)).toBe(700);
  });
});

describe("paying", () => {
  it("credits after a declined card was tried first", async () => {
    const person = await newPerson();
    const { checkoutUrl } = await bought(person);
    const declined = await stripe.dev(`/checkout/${checkoutIdOf(checkoutUrl)}/pay`, { card: DECLINED });
    expect(declined).toMatchObject({ status: 402, body: { error: { code: "card_declined" } } });
    await stripe.deliver();
    expect(await balance(person)).toBe(0);
    await stripe.pay(checkoutUrl);
    expect(await balance(person)).toBe(600);
  });

  it("credits a 3-D Secure card when its challenge is passed, and not when it fails", async () => {
    const person = await newPerson();
    const { checkoutUrl } = await bought(person);
    const path = `/checkout/${checkoutIdOf(checkoutUrl)}/pay`;
    expect((await stripe.dev(path, { card: CHALLENGED })).body).toMatchObject({ status: "requires_action" });
    expect((await stripe.dev(path, { card: CHALLENGED, authenticate: false })).status).toBe(402);
    await stripe.deliver();
    expect(await balance(person)).toBe(0);
    await stripe.pay(checkoutUrl, CHALLENGED);
    expect(await balance(person)).toBe(600);
  });

  it("credits a delayed method only when the money is there", async () => {
    const person = await newPerson();
    const { checkoutUrl, orderId } = await bought(person);
    const id = checkoutIdOf(checkoutUrl);
    await stripe.dev(`/checkout/${id}/pay`, { method: "us_bank_account" });
    await stripe.deliver();
    expect((await order(person, orderId)).body).toMatchObject({ status: "open", balance: 0 });
    await stripe.dev(`/checkout/${id}/settle`, { outcome: "succeeded" });
    await stripe.deliver();
    expect((await order(person, orderId)).body).toMatchObject({ status: "paid", balance: 600 });
  });

  it("closes the order when a delayed method is refused in the end", async () => {
    const person = await newPerson();
    const { checkoutUrl, orderId } = await bought(person);
    const id = checkoutIdOf(checkoutUrl);
    await stripe.dev(`/checkout/${id}/pay`, { method: "us_bank_account" });
    await stripe.dev(`/checkout/${id}/settle`, { outcome: "failed" });
    await stripe.deliver();
    expect((await order(person, orderId)).body).toMatchObject({ status: "failed", balance: 0 });
  });

  it("closes the order when its page expires", async () => {
    const person = await newPerson();
    const { checkoutUrl, orderId } = await bought(person);
    await stripe.dev(`/checkout/${checkoutIdOf(checkoutUrl)}/expire`);
    await stripe.deliver();
    expect((await order(person, orderId)).body).toMatchObject({ status: "expired", checkoutUrl: null });
  });
});

describe("GET /v1/tokens/orders/:id", () => {
  it("credits on the buyer's return, before any event has come", async () => {
    const person = await newPerson();
    const { checkoutUrl } = await bought(person);
    stripe.deliveries.hold();
    await stripe.dev(`/checkout/${checkoutIdOf(checkoutUrl)}/pay`, { card: "4242424242424242" });
    const returned = await order(person, checkoutIdOf(checkoutUrl));
    expect(returned.body).toMatchObject({ status: "paid", balance: 600 });
    await stripe.deliveries.release("created");
    expect(await balance(person)).toBe(600);
  });

  it("shows an order to nobody but its owner", async () => {
    const { checkoutUrl, orderId } = await bought(await newPerson());
    const stranger = await newPerson();
    for (const id of [orderId, checkoutIdOf(checkoutUrl), "cs_test_unknown"])
      expect(await order(stranger, id)).toMatchObject({ status: 404, body: { code: "order_not_found" } });
  });
});

describe("the Idempotency-Key of a purchase", () => {
  const key = () => ({ "Idempotency-Key": crypto.randomUUID() });

  it("gives the first answer again and opens one page", async () => {
    const person = await newPerson();
    const headers = key();
    const first = await buy(person, 600, headers);
    const again = await buy(person, 600, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await orderCount(person)).toBe(1);
  });

  it("refuses another amount under the same key", async () => {
    const person = await newPerson();
    const headers = key();
    await buy(person, 600, headers);
    expect(await buy(person, 700, headers)).toMatchObject({ status: 409, body: { code: "idempotency_key_reused" } });
  });

  it("tells a second request to wait while the first is at Stripe", async () => {
    const person = await newPerson();
    const headers = key();
    const answers = await Promise.all([
      buy(person, 600, headers),
      buy(person, 600, headers),
      buy(person, 600, headers),
    ]);
    const good = answers.filter(({ status }) => status === 200);
    expect(good.length).toBeGreaterThanOrEqual(1);
    expect(new Set(good.map(({ body }) => body.orderId)).size).toBe(1);
    for (const refused of answers.filter(({ status }) => status !== 200)) {
      expect(refused).toMatchObject({ status: 409, body: { code: "idempotency_in_progress" } });
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    }
    expect(await orderCount(person)).toBe(1);
  });

  it("goes on with the same order and the same page when the answer of Stripe was lost for good", async () => {
    const person = await newPerson();
    const headers = key();
    // The page is opened, and neither the answer nor its repeats arrive.
    await stripe.dev("/fail-next", { kind: "lost_answer", count: 3, path: "/v1/checkout/sessions" });
    const lost = await buy(person, 600, headers);
    expect(lost).toMatchObject({ status: 502, body: { code: "payment_provider_unavailable" } });
    expect(lost.headers.get("Retry-After")).toBe("5");
    const found = await buy(person, 600, headers);
    expect(found.status).toBe(200);
    expect(await orderCount(person)).toBe(1);
    expect(pagesOf(found.body.orderId)).toBe(1);
    await stripe.pay(found.body.checkoutUrl);
    expect(await balance(person)).toBe(600);
  }, 15_000);

  it("survives one broken connection without anybody noticing", async () => {
    const person = await newPerson();
    await stripe.dev("/fail-next", { kind: "lost_answer", path: "/v1/checkout/sessions" });
    const answer = await buy(person, 600);
    expect(answer.status).toBe(200);
    expect(pagesOf(answer.body.orderId)).toBe(1);
  });

  it("frees the key when Stripe is too busy", async () => {
    const person = await newPerson();
    const headers = key();
    await stripe.dev("/fail-next", { kind: "rate_limit", path: "/v1/checkout/sessions" });
    expect((await buy(person, 600, headers)).status).toBe(502);
    expect((await buy(person, 600, headers)).status).toBe(200);
    expect(await orderCount(person)).toBe(1);
  });

  const orderCount = async (person: TestPerson) =>
    (await env.DB.prepare("SELECT count(*) AS n FROM orders WHERE user_id = ?")
      .bind(person.userId)
      .first<{ n: number }>())!.n;
  const pagesOf = (orderId: string) =>
    stripe.world.state.all("checkout.session").filter((session) => session.client_reference_id === orderId).length;
});

describe("GET /v1/tokens/balance", () => {
  it("says what is spendable, held and worth", async () => {
    const person = await newPerson({ tokens: 1240 });
    expect((await call("GET", "/v1/tokens/balance", person.token)).body).toEqual({
      balance: 1240,
      held: 0,
      total: 1240,
      value: { amount: 1240, currency: "usd" },
      lots: { paid: 1240, promotional: 0 },
      nextExpiry: null,
    });
  });

  it("says how many promotional tokens go next, and when", async () => {
    const person = await newPerson({ tokens: 100 });
    const soon = Date.now() + 60_000;
    await env.DB.batch(
      [soon, soon, soon + 60_000].map((expiresAt, i) =>
        issueStatement(env.DB, {
          id: `promo:${person.userId}:${i}`,
          lotId: crypto.randomUUID(),
          walletId: person.walletId,
          kind: "promo",
          tokens: 10,
          paidCents: 0,
          expiresAt,
          at: Date.now(),
        }),
      ),
    );
    expect((await call("GET", "/v1/tokens/balance", person.token)).body).toMatchObject({
      balance: 130,
      lots: { paid: 100, promotional: 30 },
      nextExpiry: { tokens: 20, at: new Date(soon).toISOString() },
    });
    const { body } = await call<{ lots: { kind: string; source: string; tokens: number; expiresAt: string | null }[] }>(
      "GET",
      "/v1/tokens/lots",
      person.token,
    );
    expect(body.lots.map(({ kind, source, tokens, expiresAt }) => [kind, source, tokens, expiresAt])).toEqual([
      ["promotional", "promotion", 10, new Date(soon).toISOString()],
      ["promotional", "promotion", 10, new Date(soon).toISOString()],
      ["promotional", "promotion", 10, new Date(soon + 60_000).toISOString()],
      ["paid", "purchase", 100, null],
    ]);
  });

  it("reads the database once", async () => {
    const person = await newPerson({ tokens: 100 });
    const prepared = vi.spyOn(env.DB, "prepare");
    await call("GET", "/v1/tokens/balance", person.token);
    expect(prepared.mock.calls.length).toBe(1);
    prepared.mockRestore();
  });
});

describe("GET /v1/tokens/transactions", () => {
  interface Page {
    transactions: { id: string; type: string; amount: number; balanceAfter: number; paymentIntentId?: string }[];
    nextCursor: string | null;
    total: number;
  }
  const page = async (person: TestPerson, query: string) =>
    (await call<Page>("GET", `/v1/tokens/transactions?${query}`, person.token)).body;

  it("pages newest first by offset and by cursor, and the rows sum to the balance", async () => {
    const person = await newPerson();
    for (const amount of [100, 200, 300, 400, 500]) await stripe.pay((await bought(person, amount)).checkoutUrl);
    const all = await page(person, "limit=200");
    expect(all.total).toBe(5);
    expect(all.nextCursor).toBeNull();
    expect(all.transactions.map(({ amount }) => amount)).toEqual([500, 400, 300, 200, 100]);
    expect(all.transactions.reduce((sum, { amount }) => sum + amount, 0)).toBe(await balance(person));
    expect(all.transactions[0]).toMatchObject({
      type: "purchase",
      balanceAfter: 1500,
      paymentIntentId: expect.stringMatching(/^pi_/),
    });
    expect(new Set(all.transactions.map(({ id }) => id)).size).toBe(5);
    expect(all.transactions[0]!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);

    expect((await page(person, "limit=2&offset=1")).transactions.map(({ amount }) => amount)).toEqual([400, 300]);
    const first = await page(person, "limit=2");
    const second = await page(person, `limit=2&cursor=${first.nextCursor}`);
    const third = await page(person, `limit=2&cursor=${second.nextCursor}`);
    expect([first, second, third].flatMap((one) => one.transactions)).toEqual(all.transactions);
    expect(third.nextCursor).toBeNull();
    expect(await page(person, "offset=50")).toEqual({ transactions: [], nextCursor: null, total: 5 });
  });

  it("is empty for a new person", async () => {
    expect(await page(await newPerson(), "")).toEqual({ transactions: [], nextCursor: null, total: 0 });
  });

  it.each(["limit=0", "limit=201", "limit=x", "offset=-1"])("refuses %s", async (query) => {
    const answer = await call("GET", `/v1/tokens/transactions?${query}`, (await newPerson()).token);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  it.each(["0", "abc", "-1", "1e3"])("refuses the cursor %s", async (cursor) => {
    const answer = await call("GET", `/v1/tokens/transactions?cursor=${cursor}`, (await newPerson()).token);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_cursor" } });
  });
});
