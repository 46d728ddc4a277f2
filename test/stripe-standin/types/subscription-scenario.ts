// A subscription from its page to its end: begun, renewed, refused by the bank, paid after all, ended with its term.

import type Stripe from "stripe";
import * as gateway from "../../../domain/gateways/stripe-subscriptions.ts";

export async function subscriptions(
  stripe: Stripe,
  customerId: string,
  dev: <Body>(path: string, body?: unknown) => Promise<Body>,
): Promise<void> {
  const page = (await gateway.createSubscriptionCheckout(stripe, {
    subscriptionId: "ours-1",
    customerId,
    planName: "Writer monthly",
    monthCents: 900,
    currency: "usd",
    providerId: "app",
    webOrigin: "http://localhost:5173",
  }))!;
  await dev(`/checkout/${page.id}/pay`, { card: "4242424242424242" });
  const { stripeId } = (await gateway.findSubscriptionCheckout(stripe, page.id))!;
  const { default_payment_method: card } = await stripe.subscriptions.retrieve(stripeId!);
  for (const answer of ["succeeds", "declines", "succeeds"]) {
    await dev(`/bank/${String(card)}`, { answer });
    await dev(`/renew/${stripeId}`);
    await gateway.findSubscription(stripe, stripeId!);
  }
  await gateway.setCancelAtPeriodEnd(stripe, stripeId!, true);
  await dev(`/renew/${stripeId}`);
}
