// The cards a person let us charge: seen and forgotten by them. Nothing of a card is stored here; the list is Stripe's.

import { DomainError } from "../errors.ts";
import { stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { detachCard, listCards, type SavedCard } from "../gateways/stripe-cards.ts";
import { customerOf } from "./store.ts";

export type CardsEnv = StripeEnv & { DB: D1Database };

/** @throws DomainError `payment_provider_unavailable` */
export async function savedCards(env: CardsEnv, userId: string): Promise<SavedCard[]> {
  const customerId = await customerOf(env.DB, userId);
  return customerId ? listCards(await stripeClient(env), customerId) : [];
}

/**
 * Forget a card, and every other copy of it: a card saved twice is two payment methods at Stripe, and who removes it
 * means the card. Repeating it changes nothing.
 * @throws DomainError `card_not_found` when it is not theirs or not kept any more; `payment_provider_unavailable`.
 */
export async function removeCard(env: CardsEnv, userId: string, cardId: string): Promise<{ cards: SavedCard[] }> {
  const cards = await savedCards(env, userId);
  const card = cards.find(({ id }) => id === cardId);
  if (!card) throw new DomainError("card_not_found", "There is no such card in your account.");
  const isSame = (other: SavedCard) =>
    other.id === card.id || (card.fingerprint !== null && other.fingerprint === card.fingerprint);
  const stripe = await stripeClient(env);
  for (const copy of cards.filter(isSame)) await detachCard(stripe, copy.id);
  return { cards: cards.filter((other) => !isSame(other)) };
}
