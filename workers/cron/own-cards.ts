// With live payments cards and bank accounts are people's own, so who shares one is looked at (setting `cardSharingRules`). In
// test mode, and on a developer's machine, everybody pays with the same few test cards: there it stays off. An operator who
// switches it off has the last word.

import type { Millis } from "../../domain/clock.ts";
import { cardsAreOwn } from "../../domain/trust/store.ts";
import type { Env } from "../env.ts";

const LIVE_KEY = /^(sk|rk)_live_/;

export async function ownCards(env: Pick<Env, "DB" | "ENVIRONMENT" | "STRIPE_SECRET_KEY">, now: Millis): Promise<void> {
  if (env.ENVIRONMENT !== "production" || !LIVE_KEY.test(env.STRIPE_SECRET_KEY ?? "")) return;
  await cardsAreOwn(env.DB, now).run();
}
