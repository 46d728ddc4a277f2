// A customer on a test clock: a page that expires, a subscription that renews, is refused and ends, and the clock's end.

import type Stripe from "stripe";

export async function clocks(
  stripe: Stripe,
  dev: <Body>(path: string, body?: unknown) => Promise<Body>,
): Promise<void> {
  const start = Date.UTC(2031, 0, 15) / 1000;
  const { testClocks } = stripe.testHelpers;
  const clock = await testClocks.create({ frozen_time: start, name: "A year" });
  const customer = await stripe.customers.create({ email: "on-a-clock@example.com", test_clock: clock.id });
  await stripe.customers.list({ test_clock: clock.id });
  const open = (more: Partial<Stripe.Checkout.SessionCreateParams>) =>
    stripe.checkout.sessions.create({
      customer: customer.id,
      mode: "payment",
      line_items: [{ price_data: { currency: "usd", unit_amount: 900, product_data: { name: "Tokens" } } }],
      success_url: "http://localhost:5173/done",
      ...more,
    });
  const left = await open({});
  const recurring = { interval: "month" } as const;
  const plan = await open({
    mode: "subscription",
    line_items: [{ price_data: { currency: "usd", unit_amount: 900, recurring, product_data: { name: "Plan" } } }],
  });
  await dev(`/checkout/${plan.id}/pay`, { card: "4242424242424242" });
  const { subscription } = await stripe.checkout.sessions.retrieve(plan.id);
  const known = await stripe.subscriptions.retrieve(String(subscription));
  await testClocks.advance(clock.id, { frozen_time: start + 32 * 24 * 60 * 60 });
  await stripe.checkout.sessions.retrieve(left.id);
  await dev(`/bank/${String(known.default_payment_method)}`, { answer: "declines" });
  await testClocks.advance(clock.id, { frozen_time: start + 90 * 24 * 60 * 60 });
  await stripe.subscriptions.retrieve(String(subscription));
  await stripe.invoices.list({ subscription: String(subscription) });
  await testClocks.retrieve(clock.id);
  await testClocks.list({ limit: 2 });
  await testClocks.del(clock.id);
  await stripe.customers.retrieve(customer.id);
  await testClocks.create({ frozen_time: start, customer: (await stripe.customers.create({})).id });
}
