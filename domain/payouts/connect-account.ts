// Where a provider is paid: one connected account a person, for all of their apps. Stripe asks for everything it must know
// on its own pages; we keep only whether it is satisfied.

import { iso, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { createAccount, createOnboardingLink, findAccount } from "../gateways/stripe-connect.ts";
import { stripeClient, type StripeEnv } from "../gateways/stripe.ts";
import {
  findAccountOfProvider,
  forgetAccount,
  noteDestinations,
  openAccount,
  recordAccount,
  refreshAccount,
  type PayoutAccount,
} from "./account-store.ts";

export type AccountStatus =
  /** Nothing was begun. */
  | "none"
  /** Begun, and Stripe still needs something. */
  | "onboarding"
  /** Can be paid. */
  | "ready"
  /** Everything was given, and Stripe keeps it from being paid: `disabledReason`. */
  | "restricted";

export const statusOf = (account: PayoutAccount | null): AccountStatus => {
  if (!account?.stripeAccountId) return "none";
  if (account.transfersActive && account.payoutsEnabled) return "ready";
  return account.detailsSubmitted ? "restricted" : "onboarding";
};

export const accountView = (account: PayoutAccount | null) => ({
  status: statusOf(account),
  stripeAccountId: account?.stripeAccountId ?? null,
  disabledReason: account?.disabledReason ?? null,
});

export interface OnboardingLink {
  /** A page at Stripe; works once. */
  url: string;
  expiresAt: string;
}

/**
 * A page at Stripe on which a person says where to be paid, or gives what is still missing. Makes their account first
 * where there is none, and a new one where Stripe does not know ours (it was another Stripe, such as the stand-in).
 * @throws DomainError `payment_provider_unavailable`
 */
export async function beginOnboarding(
  env: StripeEnv & { DB: D1Database; WEB_ORIGIN: string },
  owner: { userId: string; country: string | null },
  now: Millis,
): Promise<OnboardingLink> {
  const link = (await linkFor(env, owner, now)) ?? (await linkFor(env, owner, now));
  if (!link) throw new Error(`Stripe does not know the account it has just made for ${owner.userId}`);
  return { url: link.url, expiresAt: iso(link.expiresAtSeconds * 1000) };
}

/** Null when Stripe did not know the account, which is forgotten then. */
async function linkFor(
  env: StripeEnv & { DB: D1Database; WEB_ORIGIN: string },
  owner: { userId: string; country: string | null },
  now: Millis,
): Promise<{ url: string; expiresAtSeconds: number } | null> {
  const stripe = await stripeClient(env);
  const account = await openAccount(env.DB, owner.userId, now);
  let accountId = account.stripeAccountId;
  if (!accountId) {
    // The country is part of the key, because a key with other parameters is an error at Stripe.
    const key = `account:${owner.userId}:${account.generation}:${owner.country ?? ""}`;
    const facts = await createAccount(stripe, owner, key);
    await env.DB.batch([recordAccount(env.DB, account, facts, now), noteDestinations(env.DB, facts, now)]);
    accountId = facts.id;
  }
  const page = `${env.WEB_ORIGIN}/provider/earnings`;
  const link = await createOnboardingLink(stripe, {
    accountId,
    returnUrl: `${page}?onboarding=done`,
    refreshUrl: `${page}?onboarding=again`,
  });
  if (!link) await forgetAccount(env.DB, accountId, now).run();
  return link;
}

/** Ask Stripe how an account stands, and write it down with what `alongside` brings. Safe in any order, any number of times. */
export async function refreshFromStripe(
  env: StripeEnv & { DB: D1Database },
  stripeAccountId: string,
  now: Millis,
  alongside: D1PreparedStatement[] = [],
): Promise<void> {
  const facts = await findAccount(await stripeClient(env), stripeAccountId);
  await env.DB.batch([
    ...(facts
      ? [refreshAccount(env.DB, facts, now), noteDestinations(env.DB, facts, now)]
      : [forgetAccount(env.DB, stripeAccountId, now)]),
    ...alongside,
  ]);
}

/**
 * The account the owner of an app is paid to. One that is not ready yet is asked for at Stripe, so that a person who comes
 * back from onboarding need not wait for an event.
 * @throws DomainError `payment_provider_unavailable`
 */
export async function accountOf(
  env: StripeEnv & { DB: D1Database },
  providerId: string,
  now: Millis,
): Promise<PayoutAccount | null> {
  const account = await findAccountOfProvider(env.DB, providerId);
  if (!account?.stripeAccountId || statusOf(account) === "ready") return account;
  await refreshFromStripe(env, account.stripeAccountId, now);
  return findAccountOfProvider(env.DB, providerId);
}

/** @throws DomainError `payouts_not_ready` */
export function requireReady(account: PayoutAccount | null): string {
  if (account?.stripeAccountId && statusOf(account) === "ready") return account.stripeAccountId;
  throw new DomainError(
    "payouts_not_ready",
    statusOf(account) === "restricted"
      ? "Stripe does not let your account be paid at the moment. Open the page at Stripe to see what it needs."
      : "Say first where to be paid: open the onboarding page at Stripe and finish it.",
    { accountStatus: statusOf(account) },
  );
}
