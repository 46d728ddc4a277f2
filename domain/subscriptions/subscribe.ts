// The person's and the owner's side of plans: offer one, take one, let it end with its term, or go on after all.

import type { Millis } from "../clock.ts";
import { ownedApp } from "../catalogue/change-app.ts";
import { feeOf } from "../catalogue/plans.ts";

import { DomainError } from "../errors.ts";
import { createCustomer, stripeClient } from "../gateways/stripe.ts";
import { expireCheckout } from "../gateways/stripe-checkout.ts";
import { createSubscriptionCheckout, setCancelAtPeriodEnd } from "../gateways/stripe-subscriptions.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { CURRENCY } from "../money.ts";
import { customerOf, emailOf, recordCustomer } from "../payments/store.ts";
import { accountBlocked, findBlock } from "../trust/block-store.ts";
import { FIRST_LOOK_MS, reconcileSubscription, type SubscriptionsEnv } from "./reconcile.ts";
import * as store from "./store.ts";
import type { Plan, Subscription } from "./store.ts";

export type SubscribeEnv = SubscriptionsEnv & { WEB_ORIGIN: string };

const NO_PLAN = "There is no such plan, or it is not offered any more.";

/**
 * A plan for an app of the caller's, at the fee the owner has now; it keeps it.
 * @throws DomainError `provider_not_found` when the app is not theirs.
 */
export async function offerPlan(
  db: D1Database,
  it: { userId: string; providerId: string; name: string; monthCents: number; includedTokens: number },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<Plan> {
  const { userId, ...offer } = it;
  await ownedApp(db, userId, it.providerId);
  const feeBasisPoints = await feeOf(db, userId, now);
  const plan = { ...offer, feeBasisPoints, id: newId(now), createdAt: now, retiredAt: null };
  await db.batch([store.insertPlan(db, plan), ...(await recordAnswer(db, claim, { status: 201, body: plan }, now))]);
  return plan;
}

/** Nobody new can take it; who has it keeps it. */
export async function retire(
  db: D1Database,
  it: { userId: string; planId: string },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ retired: true }> {
  const plan = await store.readPlan(db, it.planId);
  if (!plan || plan.ownerUserId !== it.userId) throw new DomainError("plan_not_found", NO_PLAN);
  const answer = { retired: true as const };
  await db.batch([
    store.retirePlan(db, plan.id, now),
    ...(await recordAnswer(db, claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}

/**
 * Begin a subscription: a row of ours, then Stripe's page. Who begins twice is led to the same page.
 * @throws DomainError `plan_not_found`; `already_subscribed`; `account_blocked`; `payment_provider_unavailable`; `unauthenticated`
 *   for an account that was deleted meanwhile.
 */
export async function subscribe(
  env: SubscribeEnv,
  it: { userId: string; walletId: string; planId: string; claim: IdempotencyClaim | null },
  now: Millis,
): Promise<{ subscriptionId: string; checkoutUrl: string }> {
  const plan = await store.readPlan(env.DB, it.planId);
  if (!plan || plan.retiredAt !== null) throw new DomainError("plan_not_found", NO_PLAN);
  const [block, known, email] = await Promise.all([
    findBlock(env.DB, it.walletId),
    customerOf(env.DB, it.userId),
    emailOf(env.DB, it.userId),
  ]);
  // Signed in still, but deleted meanwhile.
  if (email === null) throw new DomainError("unauthenticated", "This account does not exist any more.");
  if (block) throw accountBlocked(block.reason);
  const subscriptionId = await openRow(env, it, plan, now);
  const stripe = await stripeClient(env);
  const request = {
    subscriptionId,
    planName: plan.name,
    monthCents: plan.monthCents,
    currency: CURRENCY,
    providerId: plan.providerId,
    webOrigin: env.WEB_ORIGIN,
  };
  const make = (suffix: string) =>
    createCustomer(stripe, { userId: it.userId, email }, `customer:${subscriptionId}${suffix}`);
  let customerId = known ?? (await make(""));
  let page = await createSubscriptionCheckout(stripe, { ...request, customerId });
  // The customer we had is gone at Stripe.
  if (!page) {
    customerId = await make(":again");
    page = await createSubscriptionCheckout(stripe, { ...request, customerId });
  }
  if (!page) throw new Error(`Stripe does not know the customer it has just made for ${subscriptionId}`);
  const answer = { subscriptionId, checkoutUrl: page.url };
  await env.DB.batch([
    store.recordPage(env.DB, subscriptionId, page),
    ...(customerId === known ? [] : [recordCustomer(env.DB, it.userId, customerId)]),
    ...(await recordAnswer(env.DB, it.claim, { status: 200, body: answer }, now)),
  ]);
  return answer;
}

/** A new row; or the one that waits for its page to be paid, if it is for the same plan. */
async function openRow(
  env: SubscribeEnv,
  it: { userId: string; walletId: string },
  plan: Plan & { ownerUserId: string },
  now: Millis,
): Promise<string> {
  const { userId, walletId } = it;
  const id = newId(now);
  const row = { id, userId, walletId, plan, payable: plan.ownerUserId !== userId, nextCheckAt: now + FIRST_LOOK_MS };
  try {
    await store.insertSubscription(env.DB, row, now).run();
    return id;
  } catch (error) {
    if (!store.isAlreadySubscribed(error)) throw error;
  }
  const living = await store.livingSubscription(env.DB, userId, plan.providerId, now);
  if (living?.status === "open" && living.planId === plan.id) return living.id;
  throw new DomainError(
    "already_subscribed",
    "You have a plan for this app already. Let it end first, or pay the page that is open.",
    { subscriptionId: living?.id ?? null },
  );
}

/** @throws DomainError `subscription_not_found` when it is not there or somebody else's. */
export async function readOwn(db: D1Database, id: string, userId: string, now: Millis): Promise<Subscription> {
  const subscription = await store.readSubscription(db, id, now);
  if (subscription?.userId !== userId)
    throw new DomainError("subscription_not_found", "There is no such subscription in your account.");
  return subscription;
}

/** End it with the term that is paid (`ends`), or go on. Harmless to repeat. */
export async function setEnd(
  env: SubscribeEnv,
  subscription: Subscription,
  ends: boolean,
  now: Millis,
): Promise<Subscription> {
  if (!subscription.stripeId || subscription.status === "ended") return subscription;
  await setCancelAtPeriodEnd(await stripeClient(env), subscription.stripeId, ends);
  return reconcileSubscription(env, subscription, now);
}

/**
 * The person leaves: nothing is charged for any plan of theirs any more. A page that is still open is closed, so that nobody
 * pays it afterwards. Harmless to repeat.
 * @throws DomainError `payment_provider_unavailable`
 */
export async function endAll(env: SubscriptionsEnv, userId: string, now: Millis): Promise<void> {
  const living = await store.livingOfPerson(env.DB, userId, now);
  if (living.length === 0) return;
  const stripe = await stripeClient(env);
  for (const subscription of living) {
    if (!subscription.stripeId && subscription.checkoutId) await expireCheckout(stripe, subscription.checkoutId);
    const { stripeId, status } = await reconcileSubscription(env, subscription, now);
    if (stripeId && status !== "ended") await setCancelAtPeriodEnd(stripe, stripeId, true);
  }
}
