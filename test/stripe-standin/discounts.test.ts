// What Stripe's coupons and codes take off, and when they are refused.

import Stripe from "stripe";
import { beforeEach, describe, expect, it } from "vitest";
import { createStandin, type Standin } from "./app.ts";

let now: number;
let standin: Standin;
let stripe: Stripe;
let customer: string;

beforeEach(async () => {
  now = Date.UTC(2030, 0, 31);
  standin = createStandin({
    origin: "http://localhost:12111",
    webhookUrl: "http://localhost:3000/hook",
    webhookSecret: "whsec_test",
    subscribed: [],
    now: () => now,
  });
  const origin = "http://localhost:12111";
  stripe = new Stripe("sk_test_discounts", {
    httpClient: Stripe.createFetchHttpClient((url, init) =>
      standin.fetch(new Request(String(url).replace("https://api.stripe.com", origin), init)),
    ),
  });
  customer = (await stripe.customers.create({ email: "ada@example.com" })).id;
});

const page = (more: Partial<Stripe.Checkout.SessionCreateParams> = {}, cents = 1_000) =>
  stripe.checkout.sessions.create({
    mode: "payment",
    customer,
    allow_promotion_codes: true,
    line_items: [{ price_data: { currency: "usd", unit_amount: cents, product_data: { name: "Tokens" } } }],
    success_url: "http://localhost:5173/done",
    cancel_url: "http://localhost:5173/back",
    ...more,
  });
const post = (url: string, fields: Record<string, string>) =>
  standin.fetch(new Request(url, { method: "POST", body: new URLSearchParams(fields) }));
const apply = async (session: Stripe.Checkout.Session, promotionCode: string) => {
  const answer = await post(session.url!, { action: "apply", promotionCode });
  return { status: answer.status, text: await answer.text() };
};
const CARD = { number: "4242424242424242", expiry: "12 / 34", cvc: "123", name: "Ada" };
const codeFor = async (
  coupon: Stripe.CouponCreateParams,
  code: string,
  more: Partial<Stripe.PromotionCodeCreateParams> = {},
) => {
  const { id } = await stripe.coupons.create(coupon);
  return stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: id }, code, ...more });
};

describe("a code on the hosted page", () => {
  it("is taken off, whatever its case, charged so, and counted once it is paid", async () => {
    const code = await codeFor({ percent_off: 12.5 }, "SPRING");
    const session = await page();
    expect((await apply(session, "spring")).status).toBe(303);
    const shown = await (await standin.fetch(new Request(session.url!))).text();
    expect(shown).toContain("$10.00 less $1.25");
    expect(shown).toContain("Pay $8.75");
    expect((await stripe.promotionCodes.retrieve(code.id)).times_redeemed).toBe(0);
    expect((await post(session.url!, CARD)).status).toBe(303);
    expect(await stripe.checkout.sessions.retrieve(session.id, { expand: ["payment_intent"] })).toMatchObject({
      amount_subtotal: 1_000,
      amount_total: 875,
      total_details: { amount_discount: 125 },
      discounts: [{ coupon: null, promotion_code: code.id }],
      payment_intent: { amount_received: 875 },
    });
    expect((await stripe.promotionCodes.retrieve(code.id)).times_redeemed).toBe(1);
  });

  it("can be removed again, and tax is worked out on what is left", async () => {
    await codeFor({ amount_off: 200, currency: "usd" }, "TWO");
    const taxed = {
      automatic_tax: { enabled: true },
      customer_update: { address: "auto" },
      line_items: [
        {
          price_data: {
            currency: "usd",
            unit_amount: 1_000,
            tax_behavior: "exclusive",
            product_data: { name: "Tokens" },
          },
        },
      ],
    } satisfies Partial<Stripe.Checkout.SessionCreateParams>;
    const session = await page(taxed);
    await apply(session, "TWO");
    expect((await post(session.url!, { action: "remove" })).status).toBe(303);
    expect((await stripe.checkout.sessions.retrieve(session.id)).amount_total).toBe(1_000);
    await apply(session, "TWO");
    await post(session.url!, { ...CARD, country: "DE" });
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      amount_total: 952,
      total_details: { amount_discount: 200, amount_tax: 152 },
      payment_status: "paid",
    });
  });

  it.each([
    ["nobody made", "NONE", {}, {}],
    ["over", "OLD", { percent_off: 10 }, { expires_at: Date.UTC(2030, 0, 31) / 1000 - 1 }],
    ["whose coupon is over", "OLD", { percent_off: 10, redeem_by: Date.UTC(2030, 0, 31) / 1000 - 1 }, {}],
    [
      "for larger purchases",
      "BIG",
      { percent_off: 10 },
      { restrictions: { minimum_amount: 1_001, minimum_amount_currency: "usd" } },
    ],
    ["in another currency", "EURO", { amount_off: 100, currency: "eur" }, {}],
    ["that was stopped", "STOPPED", { percent_off: 10 }, { active: false }],
  ])("that is %s is refused on the page, which stays as it is", async (_, word, coupon, terms) => {
    if (word !== "NONE") await codeFor(coupon, word, terms);
    const session = await page();
    const refused = await apply(session, word);
    expect(refused.status).toBe(402);
    expect(refused.text).toContain("This code is invalid.");
    expect(refused.text).toContain(`value="${word}"`);
    expect((await stripe.checkout.sessions.retrieve(session.id)).amount_total).toBe(1_000);
  });

  it("is refused when it would leave less than can be charged, and to who paid before where it is for new people", async () => {
    await codeFor({ amount_off: 960, currency: "usd" }, "NEARLY");
    expect((await apply(await page(), "NEARLY")).text).toContain("less to pay than can be charged");
    await codeFor({ percent_off: 10 }, "FIRST", { restrictions: { first_time_transaction: true } });
    const first = await page();
    expect((await apply(first, "FIRST")).status).toBe(303);
    await post(first.url!, CARD);
    expect((await apply(await page(), "FIRST")).status).toBe(402);
  });

  it("is taken so often and no more, also while two pages hold it", async () => {
    const code = await codeFor({ percent_off: 10 }, "ONCE", { max_redemptions: 1 });
    const session = await page();
    await apply(session, "ONCE");
    await post(session.url!, CARD);
    expect((await stripe.promotionCodes.retrieve(code.id)).active).toBe(false);
    expect((await apply(await page(), "ONCE")).status).toBe(402);
  });

  it("that takes everything off asks for no card and charges nothing", async () => {
    await codeFor({ percent_off: 100 }, "GIFT");
    const session = await page();
    await apply(session, "GIFT");
    expect(await (await standin.fetch(new Request(session.url!))).text()).not.toContain("Card number");
    expect((await post(session.url!, {})).status).toBe(303);
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      amount_total: 0,
      payment_intent: null,
      payment_status: "no_payment_required",
      status: "complete",
    });
  });

  it("has no field on a page that takes none", async () => {
    const closed = await page({ allow_promotion_codes: false });
    expect(await (await standin.fetch(new Request(closed.url!))).text()).not.toContain("Promotion code");
    await codeFor({ percent_off: 10 }, "SPRING");
    expect((await apply(closed, "SPRING")).status).toBe(402);
  });
});

describe("what is asked wrongly", () => {
  it("is refused in Stripe's words", async () => {
    const refusal = (call: Promise<unknown>) => call.catch((error: Stripe.errors.StripeError) => error.param);
    const { id } = await stripe.coupons.create({ percent_off: 10, id: "TEN" });
    expect(await refusal(stripe.coupons.create({ percent_off: 10, amount_off: 5, currency: "usd" }))).toBe(
      "percent_off",
    );
    expect(await refusal(stripe.coupons.create({ percent_off: 101 }))).toBe("percent_off");
    expect(await refusal(stripe.coupons.create({ percent_off: 10, duration: "repeating" }))).toBe("duration_in_months");
    expect(await refusal(stripe.coupons.create({ percent_off: 10, id }))).toBe("id");
    expect(await refusal(page({ discounts: [{ coupon: id }] }))).toBe("allow_promotion_codes");
    await stripe.coupons.del(id);
    expect(await refusal(stripe.coupons.retrieve(id))).toBe("id");
    const promotion = { type: "coupon", coupon: id } as const;
    expect(await refusal(stripe.promotionCodes.create({ promotion }))).toBe("promotion[coupon]");
  });
});

describe("a subscription with a coupon", () => {
  const begin = async (coupon: Stripe.CouponCreateParams) => {
    const { id } = await stripe.coupons.create(coupon);
    const recurring = { interval: "month" } as const;
    const session = await stripe.checkout.sessions.create({
      mode: "subscription",
      customer,
      discounts: [{ coupon: id }],
      line_items: [{ price_data: { currency: "usd", unit_amount: 900, recurring, product_data: { name: "Plan" } } }],
      success_url: "http://localhost:5173/done",
    });
    await post(session.url!, CARD);
    return (await stripe.checkout.sessions.retrieve(session.id)).subscription as string;
  };
  const months = async (subscription: string, count: number) => {
    for (let i = 1; i < count; i += 1)
      await standin.fetch(new Request(`http://localhost:12111/_dev/renew/${subscription}`, { method: "POST" }));
    const { data } = await stripe.invoices.list({ subscription });
    return data.map(({ amount_paid }) => amount_paid).reverse();
  };

  it.each([
    [{ percent_off: 50, duration: "once" }, [450, 900, 900]],
    [{ percent_off: 50, duration: "repeating", duration_in_months: 2 }, [450, 450, 900]],
    [{ amount_off: 100, currency: "usd", duration: "forever" }, [800, 800, 800]],
    [{ percent_off: 100, duration: "once" }, [0, 900, 900]],
  ] satisfies [Stripe.CouponCreateParams, number[]][])("%o pays %o", async (coupon, paid) => {
    expect(await months(await begin(coupon), 3)).toEqual(paid);
  });
});
