// A saved card charged while its owner is away: it passes, is declined, and is wanted in person.

import type Stripe from "stripe";
import * as gateway from "../../../domain/gateways/stripe-off-session.ts";
import { listCards } from "../../../domain/gateways/stripe-cards.ts";
import { BANK_ANSWERS } from "../bank.ts";

export async function offSession(
  stripe: Stripe,
  customerId: string,
  dev: <Body>(path: string, body?: unknown) => Promise<Body>,
): Promise<void> {
  const page = await stripe.checkout.sessions.create({
    mode: "payment",
    customer: customerId,
    line_items: [{ quantity: 1, price_data: { currency: "usd", unit_amount: 500, product_data: { name: "Tokens" } } }],
    payment_intent_data: { setup_future_usage: "off_session" },
    success_url: "http://localhost:5173/done",
  });
  await dev(`/checkout/${page.id}/pay`, { card: "4242424242424242" });
  const [card] = await listCards(stripe, customerId);
  if (!card) throw new Error("the card was not kept");
  for (const answer of BANK_ANSWERS) {
    await dev(`/bank/${card.id}`, { answer });
    const charge = {
      firingId: `firing-${answer}`,
      userId: "u",
      orderId: `order-${answer}`,
      customerId,
      paymentMethodId: card.id,
      tokens: 1_000,
      amountCents: 1_000,
      currency: "usd",
    };
    const result = await gateway.chargeSavedCard(stripe, charge);
    const again = await gateway.chargeSavedCard(stripe, charge);
    if (JSON.stringify(again) !== JSON.stringify(result))
      throw new Error(`a repeated key answered otherwise: ${answer}`);
    if (result.paymentIntentId) await gateway.findPayment(stripe, result.paymentIntentId);
    if (result.kind === "declined") await gateway.cancelPayment(stripe, result.paymentIntentId!);
  }
}
