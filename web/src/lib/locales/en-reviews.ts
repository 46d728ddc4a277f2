// The words of the operators' page about held purchases, in English.

import type { ReviewStatus } from "../client/reviews.ts";

export const enReviews = {
  title: "Held purchases",
  lead: "Paid, and not spendable yet, because something speaks against them. Without a decision each is released by itself.",
  tabs: { held: "Held", released: "Released", refunded: "Given back" } as Record<ReviewStatus, string>,
  tabsLabel: "Which purchases",
  failed: "The purchases could not be loaded.",
  none: "None",
  noneBody:
    "A purchase is held when the person's cards were declined often, or a card belongs to somebody else or to a stopped account.",
  reasons: {
    many_declines: "many declined cards before it",
    shared_card: "a card that another account uses",
    stopped_card: "a card of a stopped account",
  } as Record<string, string>,
  releasedAt: (when: string) => `Released by itself ${when}`,
  decide: "Decide",
  decideTitle: (tokens: string) => `Decide on ${tokens}`,
  decideBody: "Release: the tokens can be spent now. Give back: the money returns to the card, the tokens go.",
  reason: "Reason",
  reasonHint: "It is kept with the purchase.",
  release: "Release the tokens",
  refund: (money: string) => `Give ${money} back`,
  keep: "Not now",
  more: "Show more",
};
