// Buying at a bundle price, with a code, with tax, with a card that is kept and by a method that pays later: through the
// Worker, with Stripe in this isolate. And the promise behind all discounts, as properties.

import { env } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { bundleRanges, losingBundle, marginCents, readBundles } from "../../../domain/payments/bundles.ts";
import { pricePurchase } from "../../../domain/payments/price-purchase.ts";
import { codeCouldLose } from "../../../domain/payments/promotions.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../domain/settings/definitions.ts";
import { forgetSettings } from "../../../domain/settings/read-settings.ts";
import { balanceOf, booksAreSound, call } from "../../support/market.ts";
import { newPerson, type TestPerson } from "../../support/people.ts";
import { checkoutIdOf, installStripe, VISA } from "../../support/stripe.ts";

const stripe = installStripe();
const DAY = 24 * 60 * 60 * 1000;

interface Bought {
  checkoutUrl: string;
  orderId: string;
  code: string;
  detail: string;
}
interface OrderBody {
  orderId: string;
  status: string;
  processing: boolean;
  price: { amount: number };
  tax: { amount: number };
  bonusTokens: number;
  checkoutUrl: string | null;
  invoice: {
    number: string;
    lines: { kind: string; amount: number }[];
    net: number;
    tax: number;
    total: number;
  } | null;
}
const buy = (person: TestPerson, body: object, headers = {}) =>
  call<Bought>("POST", "/v1/tokens/purchase", person.token, body, headers);
const orderOf = async (person: TestPerson, id: string) =>
  (await call<OrderBody>("GET", `/v1/tokens/orders/${id}`, person.token)).body;
const available = async (person: TestPerson) => (await balanceOf(person)).available;
const pay = async (bought: Bought, how: object = { card: VISA }) => {
  const paid = await stripe.dev(`/checkout/${checkoutIdOf(bought.checkoutUrl)}/pay`, how);
  expect(paid.status).toBe(200);
  await stripe.deliver();
};
const account = async (id: string) =>
  (await env.DB.prepare("SELECT abs(debits - credits) AS n FROM accounts WHERE id = ?")
    .bind(id)
    .first<{ n: number }>())!.n;

let operator: TestPerson;
async function turn(settings: Partial<Settings>): Promise<void> {
  operator ??= await newPerson({ role: "operator" });
  const answer = await call("PUT", "/v1/operator/settings", operator.token, { settings });
  expect(answer.status).toBe(200);
}
async function makeCode(given: object): Promise<string> {
  operator ??= await newPerson({ role: "operator" });
  const code = `C${crypto.randomUUID().slice(0, 8).toUpperCase()}`;
  const endsAt = new Date(Date.now() + 30 * DAY).toISOString();
  const body = { code, usesMax: 100, endsAt, ...given };
  const answer = await call("POST", "/v1/operator/promotions", operator.token, body);
  expect(answer).toMatchObject({ status: 201, body: { promotion: { code, uses: 0 } } });
  return code;
}

beforeEach(() => forgetSettings());

describe("a bundle", () => {
  it("is offered, sold, posted and invoiced at one price", async () => {
    const person = await newPerson();
    const { body: offers } = await call<{ offer: { price: { amount: number }; discountOf: string } }>(
      "GET",
      "/v1/tokens/offers?tokenAmount=30000",
      person.token,
    );
    expect(offers.offer).toMatchObject({ price: { amount: 29_100 }, discountOf: "bundle" });
    const [clearing, liability] = [await account("stripe_clearing"), await account("token_liability")];
    const { body } = await buy(person, { tokenAmount: 30_000 });
    await pay(body);
    expect(await available(person)).toBe(30_000);
    expect((await account("stripe_clearing")) - clearing).toBe(29_100);
    expect((await account("token_liability")) - liability).toBe(29_100);
    const order = await orderOf(person, body.orderId);
    expect(order).toMatchObject({ status: "paid", price: { amount: 29_100 }, tax: { amount: 0 } });
    expect(order.invoice).toMatchObject({ net: 29_100, total: 29_100 });
    expect(order.invoice!.lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(29_100);
    await booksAreSound();
  });

  it("keeps its price for an order that is open when the table changes", async () => {
    const person = await newPerson();
    const { body } = await buy(person, { tokenAmount: 25_000 });
    await turn({ bundles: [{ tokens: 25_000, discountBasisPoints: 0 }] });
    await pay(body);
    expect(await orderOf(person, body.orderId)).toMatchObject({ status: "paid", price: { amount: 24_250 } });
    expect((await orderOf(person, (await buy(person, { tokenAmount: 25_000 })).body.orderId)).price.amount).toBe(
      25_000,
    );
    await turn({ bundles: DEFAULT_SETTINGS.bundles });
  });

  it("numbers invoices without gaps, in the order of payment, and lists them newest first", async () => {
    const person = await newPerson();
    const [first, left, second] = [
      (await buy(person, { tokenAmount: 300 })).body,
      (await buy(person, { tokenAmount: 200 })).body,
      (await buy(person, { tokenAmount: 100 })).body,
    ];
    await pay(second);
    await stripe.dev(`/checkout/${checkoutIdOf(left.checkoutUrl)}/expire`);
    await pay(first);
    const { body } = await call<{ orders: OrderBody[]; nextCursor: string | null }>(
      "GET",
      "/v1/tokens/orders?limit=1",
      person.token,
    );
    const rest = await call<{ orders: OrderBody[]; nextCursor: string | null }>(
      "GET",
      `/v1/tokens/orders?cursor=${body.nextCursor}`,
      person.token,
    );
    expect([...body.orders, ...rest.body.orders].map(({ orderId }) => orderId)).toEqual([
      second.orderId,
      first.orderId,
    ]);
    const number = (order: OrderBody) => Number(order.invoice!.number.replace("MP-", ""));
    expect(number(rest.body.orders[0]!) - number(body.orders[0]!)).toBe(1);
    expect((await call("GET", `/v1/tokens/orders/${first.orderId}`, (await newPerson()).token)).status).toBe(404);
  });
});

describe("a promotion code", () => {
  it("takes its percentage off where that is more than the bundle's, however it is typed", async () => {
    const code = await makeCode({ discountBasisPoints: 800 });
    const person = await newPerson();
    const { body } = await buy(person, { tokenAmount: 25_000, promotionCode: ` ${code.toLowerCase()} ` });
    await pay(body);
    expect(await orderOf(person, body.orderId)).toMatchObject({ price: { amount: 23_000 }, promotionCode: code });
    expect(await available(person)).toBe(25_000);
    await booksAreSound();
  });

  it("adds promotional tokens when the order is paid, and a refund takes them back in proportion", async () => {
    const code = await makeCode({ bonusTokens: 120, tokensMin: 2_000 });
    const person = await newPerson();
    const { body } = await buy(person, { tokenAmount: 2_000, promotionCode: code });
    expect(await available(person)).toBe(0);
    await pay(body);
    expect(await available(person)).toBe(2_120);
    const checkout = checkoutIdOf(body.checkoutUrl);
    await stripe.dev("/refund", { checkout, amount: 501 });
    await stripe.deliver();
    // floor(2,000 x 501 / 2,000) paid and floor(120 x 501 / 2,000) promotional.
    expect(await available(person)).toBe(2_120 - 501 - 30);
    const { body: rest } = await stripe.dev<{ id: string }>("/refund", { checkout, amount: 1_499 });
    await stripe.deliver();
    expect(await available(person)).toBe(0);
    await booksAreSound();
    await stripe.dev(`/refund/${rest.id}/fail`);
    await stripe.deliver();
    expect(await available(person)).toBe(1_499 + 90);
    await booksAreSound();
  });

  it("holds its limits, and a use left on an unpaid page comes back", async () => {
    const code = await makeCode({ discountBasisPoints: 300, usesMax: 2 });
    const [ada, ben, eve] = [await newPerson(), await newPerson(), await newPerson()];
    const order = { tokenAmount: 1_000, promotionCode: code };
    const left = (await buy(ada, order)).body;
    // Ada starts again: the page she left is closed, so that her one use is not used up, nor paid for twice.
    const again = await buy(ada, order);
    expect(again.status).toBe(200);
    expect(await orderOf(ada, left.orderId)).toMatchObject({ status: "expired", checkoutUrl: null });
    await pay(again.body);
    expect(await buy(ada, order)).toMatchObject({ status: 422, body: { code: "promotion_not_valid" } });
    expect((await buy(ben, order)).status).toBe(200);
    expect(await buy(eve, order)).toMatchObject({ status: 422, body: { code: "promotion_not_valid" } });
    expect((await buy(ben, order)).status).toBe(200);
    const { body } = await call<{ promotions: { code: string; uses: number }[] }>(
      "GET",
      "/v1/operator/promotions",
      operator.token,
    );
    expect(body.promotions.find((one) => one.code === code)!.uses).toBe(2);
  });

  it("answers a repeated purchase with the first page instead of calling the code used", async () => {
    const code = await makeCode({ discountBasisPoints: 300 });
    const person = await newPerson();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const order = { tokenAmount: 1_000, promotionCode: code };
    const first = await buy(person, order, key);
    const second = await buy(person, order, key);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get("Idempotency-Replayed")).toBe("true");
    // The same after a lost answer: the order that was begun goes on, at its price.
    const lostKey = { "Idempotency-Key": crypto.randomUUID() };
    const other = await newPerson();
    await stripe.dev("/fail-next", { kind: "rate_limit", path: "/v1/checkout/sessions" });
    expect((await buy(other, order, lostKey)).status).toBe(502);
    const found = await buy(other, order, lostKey);
    expect(found.status).toBe(200);
    await pay(found.body);
    expect(await orderOf(other, found.body.orderId)).toMatchObject({ price: { amount: 970 }, promotionCode: code });
  }, 15_000);

  it("is refused when it is unknown, stopped, over or for larger purchases, with nothing left behind", async () => {
    const person = await newPerson();
    const stopped = await makeCode({ discountBasisPoints: 300 });
    await call("POST", `/v1/operator/promotions/${stopped}/stop`, operator.token);
    const large = await makeCode({ discountBasisPoints: 300, tokensMin: 5_000 });
    for (const promotionCode of ["NOSUCH", stopped, large]) {
      const answer = await buy(person, { tokenAmount: 1_000, promotionCode });
      expect(answer).toMatchObject({ status: 422, body: { code: "promotion_not_valid" } });
    }
    const left = await env.DB.prepare("SELECT count(*) AS n FROM orders WHERE user_id = ?")
      .bind(person.userId)
      .first<{ n: number }>();
    expect(left!.n).toBe(0);
  });

  it.each([
    ["loses by its percentage", { discountBasisPoints: 1_500 }],
    ["loses by its bonus", { bonusTokens: 200 }],
    ["loses by its bonus on a bundle", { bonusTokens: 8_000, tokensMin: 50_000 }],
  ])("cannot be made when it %s", async (_, given) => {
    operator ??= await newPerson({ role: "operator" });
    const endsAt = new Date(Date.now() + DAY).toISOString();
    const body = { code: "LOSS", usesMax: 1, endsAt, ...given };
    const answer = await call("POST", "/v1/operator/promotions", operator.token, body);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });
});

describe("no discount makes the platform lose", () => {
  const bundle = fc.record({
    tokens: fc.integer({ min: 1_000, max: 100_000 }),
    discountBasisPoints: fc.integer({ min: 0, max: 1_500 }),
  });
  /** Any table an operator could get in, under any card fee. */
  const settings = fc
    .record({
      bundles: fc.array(bundle, { maxLength: 6 }),
      cardFeeBasisPoints: fc.integer({ min: 0, max: 600 }),
      cardFeeFixedCents: fc.integer({ min: 0, max: 100 }),
      taxEnabled: fc.boolean(),
    })
    .map((it) => ({ ...DEFAULT_SETTINGS, ...it, bundles: asTable(it.bundles) }))
    .filter((it) => losingBundle(it.bundles, it) === null);
  const asTable = (rows: { tokens: number; discountBasisPoints: number }[]) => {
    const discounts = rows.map((row) => row.discountBasisPoints).toSorted((a, b) => a - b);
    const sizes = [...new Set(rows.map((row) => row.tokens))].toSorted((a, b) => a - b);
    return readBundles(sizes.map((tokens, i) => ({ tokens, discountBasisPoints: discounts[i]! })));
  };
  const margin = (price: ReturnType<typeof pricePurchase>, it: Settings) =>
    marginCents({ ...price, isTaxed: it.taxEnabled }, it);

  it("for every size of every table that is accepted", () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 100, max: 100_000 }), (it, size) => {
        const edges = bundleRanges(it.bundles).flatMap(({ from, to }) => [from, from + 1, to]);
        for (const tokens of [size, ...edges]) {
          const price = pricePurchase(tokens, null, it);
          if (price.discountBasisPoints > 0) expect(margin(price, it)).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("for every purchase of every code that is accepted, and such a code is never refused for its size", () => {
    const codes = fc.record({
      discountBasisPoints: fc.integer({ min: 1, max: 1_500 }),
      bonusTokens: fc.integer({ min: 1, max: 3_000 }),
      isBonus: fc.boolean(),
      tokensMin: fc.integer({ min: 1_000, max: 100_000 }),
      above: fc.integer({ min: 0, max: 99_000 }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(settings, codes, (it, { isBonus, above, ...given }) => {
        const code = {
          code: "X",
          bonusDays: 30,
          tokensMin: given.tokensMin,
          discountBasisPoints: isBonus ? 0 : given.discountBasisPoints,
          bonusTokens: isBonus ? given.bonusTokens : 0,
        };
        if (codeCouldLose(code, it)) return;
        accepted += 1;
        const edges = bundleRanges(it.bundles).flatMap(({ from, to }) => [from, to]);
        for (const tokens of [code.tokensMin, Math.min(100_000, code.tokensMin + above), ...edges])
          if (tokens >= code.tokensMin) expect(margin(pricePurchase(tokens, code, it), it)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe("a saved card", () => {
  it("is kept only with consent, listed, and forgotten for good, every copy of it", async () => {
    const person = await newPerson();
    const cards = async () =>
      (await call<{ cards: { id: string; last4: string }[] }>("GET", "/v1/tokens/cards", person.token)).body.cards;
    expect(await cards()).toEqual([]);
    await pay((await buy(person, { tokenAmount: 100 })).body);
    expect(await cards()).toEqual([]);
    await pay((await buy(person, { tokenAmount: 100, saveCard: true })).body);
    await pay((await buy(person, { tokenAmount: 100, saveCard: true })).body, { card: "5555555555554444" });
    await pay((await buy(person, { tokenAmount: 100, saveCard: true })).body);
    const saved = await cards();
    expect(saved).toMatchObject([{ last4: "4242" }, { last4: "4444" }, { last4: "4242" }]);
    const theirs = await newPerson();
    expect((await call("DELETE", `/v1/tokens/cards/${saved[0]!.id}`, theirs.token)).status).toBe(404);
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const remove = () => call("DELETE", `/v1/tokens/cards/${saved[0]!.id}`, person.token, undefined, key);
    expect(await remove()).toMatchObject({ status: 200, body: { cards: [{ last4: "4444" }] } });
    expect(await remove()).toMatchObject({ status: 200, body: { cards: [{ last4: "4444" }] } });
    expect(await cards()).toMatchObject([{ last4: "4444" }]);
  });
});

describe("tax", () => {
  it("comes on top where it is switched on, in its own posting, and stands on the invoice", async () => {
    await turn({ taxEnabled: true });
    const person = await newPerson();
    const { body } = await buy(person, { tokenAmount: 1_000 });
    const [clearing, liability] = [await account("stripe_clearing"), await account("token_liability")];
    await pay(body, { card: VISA, country: "DE" });
    expect(await available(person)).toBe(1_000);
    expect((await account("stripe_clearing")) - clearing).toBe(1_190);
    expect((await account("token_liability")) - liability).toBe(1_000);
    expect(await account("tax_payable")).toBe(190);
    expect((await orderOf(person, body.orderId)).invoice).toMatchObject({
      net: 1_000,
      tax: 190,
      total: 1_190,
      buyer: { country: "DE" },
    });
    await booksAreSound();
    // Half of the money is half of the tokens and half of the tax.
    await stripe.dev("/refund", { checkout: checkoutIdOf(body.checkoutUrl), amount: 595 });
    await stripe.deliver();
    expect(await available(person)).toBe(500);
    expect(await account("tax_payable")).toBe(95);
    await booksAreSound();
    await turn({ taxEnabled: false });
  });

  it("is not believed on an order that was sold without it", async () => {
    const person = await newPerson();
    const { body } = await buy(person, { tokenAmount: 1_000 });
    const session = stripe.world.state.find("checkout.session", checkoutIdOf(body.checkoutUrl))!;
    stripe.world.state.put("checkout.session", {
      ...session,
      automatic_tax: { ...session.automatic_tax, enabled: true },
    });
    await pay(body, { card: VISA, country: "DE" });
    expect(await available(person)).toBe(0);
    expect(await orderOf(person, body.orderId)).toMatchObject({ status: "failed" });
  });
});

describe("a method that pays later", () => {
  it("credits nothing until the bank has paid, and says that it is on its way", async () => {
    const person = await newPerson();
    const { body } = await buy(person, { tokenAmount: 600 });
    await pay(body, { method: "us_bank_account" });
    expect(await available(person)).toBe(0);
    expect(await orderOf(person, body.orderId)).toMatchObject({
      status: "open",
      processing: true,
      checkoutUrl: null,
      invoice: null,
    });
    await stripe.dev(`/checkout/${checkoutIdOf(body.checkoutUrl)}/settle`, { outcome: "succeeded" });
    await stripe.deliver();
    expect(await available(person)).toBe(600);
    expect(await orderOf(person, body.orderId)).toMatchObject({ status: "paid", processing: false });
    await booksAreSound();
  });

  it("credits nothing when the bank refuses, and gives the code back", async () => {
    const code = await makeCode({ discountBasisPoints: 300, usesMax: 1 });
    const person = await newPerson();
    const order = { tokenAmount: 1_000, promotionCode: code };
    const { body } = await buy(person, order);
    await pay(body, { method: "us_bank_account" });
    // While the money is on its way the use is taken: the page cannot be closed any more.
    expect((await buy(person, order)).status).toBe(422);
    await stripe.dev(`/checkout/${checkoutIdOf(body.checkoutUrl)}/settle`, { outcome: "failed" });
    await stripe.deliver();
    expect(await available(person)).toBe(0);
    expect(await orderOf(person, body.orderId)).toMatchObject({ status: "failed", processing: false });
    expect((await buy(person, order)).status).toBe(200);
  });
});
