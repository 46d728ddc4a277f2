// Automatic top-up at work: look at who has run low, ask the fuse, charge the saved card, and follow what became of it.
// Run every minute and whenever somebody runs low while their page is open. Every step can be repeated: an attempt is
// written before Stripe is asked, and Stripe is asked under the attempt's own key.

import type { Millis } from "../clock.ts";
import { stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import { StripeRefused, StripeUnavailable } from "../gateways/stripe-errors.ts";
import { listCards, type SavedCard } from "../gateways/stripe-cards.ts";
import { cancelPayment, chargeSavedCard, type ChargeResult } from "../gateways/stripe-off-session.ts";
import { newId } from "../ids.ts";
import { CURRENCY } from "../money.ts";
import { notify } from "../notifications/store.ts";
import type { CaughtUp } from "../payments/notice.ts";
import { pricePurchase } from "../payments/price-purchase.ts";
import { newOrder, openCheckout, termsOf } from "../payments/purchase.ts";
import { reconcile } from "../payments/reconcile.ts";
import { closeUnpaid, emailOf, findOrder, insertOrder, recordCheckout } from "../payments/store.ts";
import { readSettings } from "../settings/read-settings.ts";
import { periodAround } from "../spending/periods.ts";
import { findBlock } from "../trust/block-store.ts";
import { decide } from "./fuse.ts";
import { endAttempt } from "./outcome.ts";
import * as store from "./store.ts";
import type { FiringOrder, Rule } from "./store.ts";

export type TopUpEnv = StripeEnv & { DB: D1Database; WEB_ORIGIN: string };
export interface TopUpPorts {
  /** When the page of a running session was last heard of; asked of the session's own clock. */
  lastBeatAt: (sessionId: string, userId: string) => Promise<Millis | null>;
}

const RULES_MAX = 50;
const FIRINGS_MAX = 50;
/** Longer than one charge takes, tries and pauses included. */
const LEASE_MS = 60_000;
/** Stripe keeps a key for 24 h; asking after that could charge twice. */
const GIVE_UP_MS = 20 * 60 * 60 * 1000;

/** Finish what was begun, then look at who has run low. One person's trouble does not stop the others. */
export async function runTopUps(env: TopUpEnv, ports: TopUpPorts, now: Millis): Promise<CaughtUp> {
  const outcome: CaughtUp = { notices: [], failures: [] };
  for (const firing of await store.firingsToFinish(env.DB, now, FIRINGS_MAX))
    await attempt(outcome, firing.orderId, () => finish(env, firing, now));
  // What was begun is finished in any case; an operator can stop what would begin.
  if (!(await readSettings(env.DB, now)).automaticTopUp) return outcome;
  for (const rule of await store.dueRules(env.DB, now, RULES_MAX))
    await attempt(outcome, rule.userId, () => look(env, ports, rule, now));
  return outcome;
}

async function attempt(outcome: CaughtUp, id: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    // Out of reach: the next run asks again, under the same key.
    if (!(error instanceof StripeUnavailable)) outcome.failures.push({ id, error: String(error) });
  }
}

async function look(env: TopUpEnv, ports: TopUpPorts, rule: Rule, now: Millis): Promise<void> {
  // Who may not buy by hand is charged nothing behind their back either.
  if (await findBlock(env.DB, rule.walletId)) return void (await store.setDue(env.DB, rule.userId, null).run());
  const facts = await store.readFacts(env.DB, rule, now);
  const beats = await Promise.all(facts.runningSessionIds.map((id) => ports.lastBeatAt(id, rule.userId)));
  const uses = [facts.lastRanAt, ...beats].filter((at) => at !== null);
  const lastUseAt = uses.length > 0 ? Math.max(...uses) : null;
  const asked = { ...facts, lastUseAt };
  // Stripe is asked for the card only when nothing else is in the way.
  const first = decide(rule, { ...asked, hasCard: true }, now);
  const [card] =
    first.kind === "fire" && facts.customerId ? await listCards(await stripeClient(env), facts.customerId) : [];
  const decision = decide(rule, { ...asked, hasCard: card !== undefined }, now);
  switch (decision.kind) {
    case "later":
      await store.setDue(env.DB, rule.userId, decision.at).run();
      return;
    case "rest":
      await env.DB.batch([
        store.setDue(env.DB, rule.userId, null),
        ...(decision.because === "day_cap" || decision.because === "month_cap"
          ? tellOfCap(env.DB, rule, decision.because, now)
          : []),
      ]);
      return;
    case "trip":
      await env.DB.batch([
        store.trip(env.DB, rule.userId, now),
        notify(env.DB, { userId: rule.userId, kind: "top_up_stopped", data: { reason: decision.because }, at: now }),
      ]);
      return;
    case "fire":
      await fire(env, rule, { card: card!, customerId: facts.customerId! }, now);
  }
}

/** Once a day or month, by which cap it is. */
function tellOfCap(db: D1Database, rule: Rule, cap: "day_cap" | "month_cap", now: Millis): D1PreparedStatement[] {
  const { from, until } = periodAround(cap === "day_cap" ? "day" : "month", now);
  if (rule.toldCapAt !== null && rule.toldCapAt >= from) return [];
  const maxTokens = cap === "day_cap" ? rule.dayMaxTokens : rule.monthMaxTokens;
  return [
    store.setToldCap(db, rule.userId, now),
    notify(db, {
      userId: rule.userId,
      kind: "top_up_stopped",
      data: { reason: cap, maxTokens, resetsAt: until },
      at: now,
    }),
  ];
}

/** Write the attempt and its order, then charge. Who comes second finds the first one open and does nothing. */
async function fire(
  env: TopUpEnv,
  rule: Rule,
  pay: { card: SavedCard; customerId: string },
  now: Millis,
): Promise<void> {
  const settings = await readSettings(env.DB, now);
  const price = pricePurchase(rule.topUpTokens, null, settings);
  const person = { userId: rule.userId, walletId: rule.walletId, saveCard: false };
  const order = { ...newOrder(person, price, settings, now), source: "top_up" as const };
  const { tokens, amountCents } = order;
  const firing = { id: newId(now), userId: rule.userId, orderId: order.id, tokens, amountCents, at: now };
  const paymentMethodId = pay.card.id;
  try {
    await env.DB.batch([
      insertOrder(env.DB, order),
      store.insertFiring(env.DB, { ...firing, customerId: pay.customerId, paymentMethodId }, now + LEASE_MS),
      store.setDue(env.DB, rule.userId, null),
    ]);
  } catch (error) {
    if (store.isAlreadyOpen(error)) return;
    throw error;
  }
  await charge(env, { ...firing, customerId: pay.customerId, paymentMethodId }, now);
}

type Charged = Pick<
  FiringOrder,
  "id" | "userId" | "orderId" | "tokens" | "amountCents" | "customerId" | "paymentMethodId" | "at"
>;

/** Ask Stripe, under the attempt's key, and carry its answer into the books. */
async function charge(env: TopUpEnv, firing: Charged, now: Millis): Promise<void> {
  const result = await askForCharge(env, firing, now);
  if (result.kind === "made") {
    await env.DB.batch([recordCheckout(env.DB, firing.orderId, { id: result.paymentIntentId, url: null })]);
    const order = await findOrder(env.DB, firing.orderId);
    const { order: after } = await reconcile(env, order!, now);
    if (after.paidAt !== null) await endAttempt(env.DB, { ...firing, state: "in_flight" }, "paid", null, now);
    return;
  }
  if (result.needsPerson) return askPerson(env, firing, result, now);
  await decline(env, firing, result.code, now);
}

async function decline(env: TopUpEnv, firing: Charged, code: string, now: Millis): Promise<void> {
  await env.DB.batch([closeUnpaid(env.DB, firing.orderId, "failed", null)]);
  await endAttempt(env.DB, { ...firing, state: "in_flight" }, "declined", code, now);
}

async function askForCharge(env: TopUpEnv, firing: Charged, now: Millis): Promise<ChargeResult> {
  const nothing = { kind: "declined", paymentIntentId: null, needsPerson: false } as const;
  if (now - firing.at > GIVE_UP_MS) return { ...nothing, code: "no_answer" };
  // With tax on top the price is worked out on Stripe's page, where the person sees it.
  if ((await readSettings(env.DB, now)).taxEnabled) return { ...nothing, code: "tax_on_page", needsPerson: true };
  try {
    return await chargeSavedCard(await stripeClient(env), { ...firing, firingId: firing.id, currency: CURRENCY });
  } catch (error) {
    if (error instanceof StripeUnavailable) await store.postponeFiring(env.DB, firing.id, now + LEASE_MS).run();
    // The card or the customer is gone at Stripe: as good as declined.
    if (error instanceof StripeRefused) return { ...nothing, code: error.code };
    throw error;
  }
}

/** The bank wants to hear from the owner: a page for the same order, and a note that it is there. */
async function askPerson(
  env: TopUpEnv,
  firing: Charged,
  refusal: ChargeResult & { kind: "declined" },
  now: Millis,
): Promise<void> {
  // What the bank refused must never be charged later beside the page.
  if (refusal.paymentIntentId) await cancelPayment(await stripeClient(env), refusal.paymentIntentId);
  const order = await findOrder(env.DB, firing.orderId);
  const terms = termsOf(await readSettings(env.DB, now));
  // For Stripe's page, should Stripe have forgotten the customer. Who has left is asked nothing.
  const email = await emailOf(env.DB, firing.userId);
  if (email === null) return decline(env, firing, refusal.code, now);
  const { checkout } = await openCheckout(env, { ...order!, ...terms }, { email, stripeCustomerId: firing.customerId });
  await env.DB.batch([recordCheckout(env.DB, firing.orderId, checkout)]);
  await endAttempt(env.DB, { ...firing, state: "in_flight" }, "needs_person", refusal.code, now);
}

/** An attempt whose order came to an end elsewhere (webhook, cron), or whose charge was never heard of. */
async function finish(env: TopUpEnv, firing: FiringOrder, now: Millis): Promise<void> {
  if (firing.orderStatus === "open") return charge(env, firing, now);
  const isPaid = firing.orderStatus === "paid" || firing.orderStatus === "refunded";
  if (isPaid) return endAttempt(env.DB, firing, "paid", null, now);
  await endAttempt(env.DB, firing, firing.state === "asked" ? "lapsed" : "declined", firing.orderStatus, now);
}
