// What the bank says to a charge of a saved card while its owner is away: set by a test for one card (`/_dev/bank/:method`).

import type Stripe from "stripe";
import { Hono } from "hono";
import { invalidRequest } from "./errors.ts";
import type { World } from "./world.ts";

export const BANK_ANSWERS = ["succeeds", "declines", "wants_person"] as const;
export type BankAnswer = (typeof BANK_ANSWERS)[number];

/** `{"answer": "succeeds" | "declines" | "wants_person"}`: what the bank says to the next off-session charges of a card. */
export function bankControls(world: World): Hono {
  const dev = new Hono();
  dev.post("/:method", async (c) => {
    const { answer } = await c.req.json<{ answer?: unknown }>();
    const known = BANK_ANSWERS.find((one) => one === answer);
    if (!known) throw invalidRequest(`answer must be one of ${BANK_ANSWERS.join(", ")}`, { param: "answer" });
    return c.json(world.state.put("note.bank", { id: c.req.param("method"), answer: known }));
  });
  return dev;
}

/** What the bank says to a charge of this card; unless set, only a card that always asks for its owner is not charged. */
export function bankAnswer(world: World, method: Stripe.PaymentMethod): BankAnswer {
  return (
    world.state.find("note.bank", method.id)?.answer ?? (method.card?.last4 === "3184" ? "wants_person" : "succeeds")
  );
}
