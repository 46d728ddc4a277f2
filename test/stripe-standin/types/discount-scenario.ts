// Coupons and codes from making to use: on a page opened with one, typed on a page, on a subscription, and for nothing.

import type Stripe from "stripe";

export async function discounts(
  stripe: Stripe,
  customerId: string,
  dev: <Body>(path: string, body?: unknown) => Promise<Body>,
): Promise<void> {
  const tenth = await stripe.coupons.create({ percent_off: 12.5, name: "An eighth", max_redemptions: 10 });
  const dollar = await stripe.coupons.create({ amount_off: 100, currency: "usd", duration: "forever" });
  const months = await stripe.coupons.create({ percent_off: 50, duration: "repeating", duration_in_months: 2 });
  const all = await stripe.coupons.create({ id: "ALL", percent_off: 100, duration: "once" });
  await stripe.coupons.list({ limit: 3 });
  await stripe.coupons.retrieve(tenth.id);
  const code = await stripe.promotionCodes.create({
    promotion: { type: "coupon", coupon: tenth.id },
    code: "SPRING",
    max_redemptions: 5,
    expires_at: Math.floor(Date.now() / 1000) + 3_600,
    restrictions: { minimum_amount: 100, minimum_amount_currency: "usd" },
  });
  const whole = await stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: all.id }, code: "NOTHING" });
  await stripe.promotionCodes.list({ code: "spring", active: true });
  await stripe.promotionCodes.retrieve(code.id, { expand: ["promotion.coupon"] });

  const open = (more: Partial<Stripe.Checkout.SessionCreateParams>) =>
    stripe.checkout.sessions.create({
      mode: "payment",
      customer: customerId,
      line_items: [
        { quantity: 1, price_data: { currency: "usd", unit_amount: 999, product_data: { name: "Tokens" } } },
        { quantity: 3, price_data: { currency: "usd", unit_amount: 50, product_data: { name: "Extras" } } },
      ],
      success_url: "http://localhost:5173/done",
      ...more,
    });
  for (const promotionCode of ["SPRING", "NOTHING"]) {
    const typed = await open({ allow_promotion_codes: true });
    await dev(`/checkout/${typed.id}/pay`, {
      promotionCode,
      ...(promotionCode === "SPRING" && { card: "4242424242424242" }),
    });
    await stripe.checkout.sessions.retrieve(typed.id, { expand: ["line_items", "payment_intent"] });
  }
  const given = await open({ discounts: [{ coupon: dollar.id }] });
  await dev(`/checkout/${given.id}/pay`, { card: "4242424242424242" });
  await stripe.promotionCodes.update(whole.id, { active: false, metadata: { why: "over" } });
  await stripe.coupons.del(all.id);

  for (const coupon of [months, tenth]) {
    const page = await open({
      mode: "subscription",
      line_items: [
        {
          quantity: 1,
          price_data: {
            currency: "usd",
            unit_amount: 900,
            recurring: { interval: "month" },
            product_data: { name: "Plan" },
          },
        },
      ],
      discounts: [{ coupon: coupon.id }],
    });
    await dev(`/checkout/${page.id}/pay`, { card: "4242424242424242" });
    const { subscription } = await stripe.checkout.sessions.retrieve(page.id);
    for (let month = 0; month < 2; month += 1) await dev(`/renew/${String(subscription)}`);
    await stripe.subscriptions.retrieve(String(subscription), { expand: ["discounts"] });
    await stripe.invoices.list({ subscription: String(subscription), expand: ["data.payments"] });
  }
}
