// Stripe Connect: the accounts providers are paid to, and the transfers that pay them. Accounts are v1 with `controller`
// properties: Stripe hosts onboarding and the dashboard, the platform bears fees and losses (docs/payouts.md).

import type Stripe from "stripe";
import { assert } from "../errors.ts";
import { PAGE_MAX } from "./stripe.ts";
import { asking, isMissing } from "./stripe-errors.ts";

export interface AccountFacts {
  id: string;
  /** The person has filled in what Stripe asks of everybody. */
  hasSubmittedDetails: boolean;
  /** We may send money to it. */
  canReceive: boolean;
  /** It may send money on to a bank. */
  canPayOut: boolean;
  /** Why Stripe keeps it from one of both, in Stripe's words. */
  disabledReason: string | null;
  /** Stripe's fingerprints of the bank accounts and cards it is paid out to; the same account is the same anywhere. */
  destinations: string[];
}

/**
 * Make the account a person is paid to. Repeating it with the same `key` makes one.
 * @param country Two letters (ISO 3166); null takes the platform's own, and the person may change it while onboarding.
 */
export async function createAccount(
  stripe: Stripe,
  owner: { userId: string; country: string | null },
  key: string,
): Promise<AccountFacts> {
  const account = await asking(() =>
    stripe.accounts.create(
      {
        controller: {
          stripe_dashboard: { type: "express" },
          fees: { payer: "application" },
          losses: { payments: "application" },
        },
        capabilities: { transfers: { requested: true } },
        metadata: { user_id: owner.userId },
        ...(owner.country && { country: owner.country }),
      },
      { idempotencyKey: key },
    ),
  );
  assert(account, "an account is made or an error thrown");
  return factsOf(account);
}

/** The account as it is now; null when Stripe does not know it (any more), or it took itself out of our reach. */
export async function findAccount(stripe: Stripe, id: string): Promise<AccountFacts | null> {
  const account = await asking(() => stripe.accounts.retrieve(id), isGone);
  return account && factsOf(account);
}

/** A page at Stripe on which the person fills in what is missing. Works once, for some minutes. Null: no such account. */
export async function createOnboardingLink(
  stripe: Stripe,
  it: { accountId: string; returnUrl: string; refreshUrl: string },
): Promise<{ url: string; expiresAtSeconds: number } | null> {
  const link = await asking(
    () =>
      stripe.accountLinks.create({
        account: it.accountId,
        type: "account_onboarding",
        return_url: it.returnUrl,
        refresh_url: it.refreshUrl,
      }),
    isGone,
  );
  return link && { url: link.url, expiresAtSeconds: link.expires_at };
}

/** Stripe answers `account_invalid` for an account that revoked our access or belongs to another platform. */
const isGone = (error: unknown): boolean =>
  isMissing()(error) || (error as { code?: string } | null)?.code === "account_invalid";

const factsOf = (account: Stripe.Account): AccountFacts => ({
  id: account.id,
  hasSubmittedDetails: account.details_submitted,
  canReceive: account.capabilities?.transfers === "active",
  canPayOut: account.payouts_enabled,
  disabledReason: account.requirements?.disabled_reason ?? null,
  destinations: (account.external_accounts?.data ?? []).flatMap(({ fingerprint }) => fingerprint ?? []),
});

// Transfers ----------------------------------------------------------------------------------------------------------

export interface TransferFacts {
  id: string;
  amountCents: number;
  accountId: string | null;
  /** Our payout id. */
  payoutId: string | null;
  /** What came back of it, the oldest first. */
  reversals: { id: string; amountCents: number }[];
}

/**
 * Move money from our balance to a connected account. Repeating it with the same `key` moves it once.
 * @throws `StripeUnavailable`; `StripeRefused` (`balance_insufficient`: ours is too small; else something with the account).
 */
export async function createTransfer(
  stripe: Stripe,
  it: { payoutId: string; accountId: string; amountCents: number; currency: string },
  key: string,
): Promise<TransferFacts> {
  const transfer = await asking(() =>
    stripe.transfers.create(
      {
        amount: it.amountCents,
        currency: it.currency,
        destination: it.accountId,
        transfer_group: groupOf(it.payoutId),
        metadata: { payout_id: it.payoutId },
      },
      { idempotencyKey: key },
    ),
  );
  assert(transfer, "a transfer is made or an error thrown");
  return transferFacts(transfer, transfer.reversals.data);
}

/** The transfer of a payout, if Stripe has made it: what to ask where its answer was lost longer ago than keys are kept. */
export async function findTransferOfPayout(stripe: Stripe, payoutId: string): Promise<TransferFacts | null> {
  const list = await asking(() => stripe.transfers.list({ transfer_group: groupOf(payoutId), limit: 1 }));
  const transfer = list?.data[0];
  return transfer ? transferFacts(transfer, transfer.reversals.data) : null;
}

/** Nobody reverses one transfer in more parts than these. */
const REVERSALS_MAX = 1_000;

/** A transfer with every reversal, as Stripe has them now. Null when it does not know it. */
export async function findTransfer(stripe: Stripe, id: string): Promise<TransferFacts | null> {
  const transfer = await asking(() => stripe.transfers.retrieve(id), isMissing());
  if (!transfer) return null;
  // The object itself carries the newest ten only.
  const reversals = transfer.reversals.has_more
    ? await asking(() =>
        stripe.transfers.listReversals(id, { limit: PAGE_MAX }).autoPagingToArray({ limit: REVERSALS_MAX }),
      )
    : transfer.reversals.data;
  return transferFacts(transfer, reversals ?? []);
}

/** Also what Stripe shows in its dashboard beside the transfer. */
const groupOf = (payoutId: string): string => `payout:${payoutId}`;

const transferFacts = (transfer: Stripe.Transfer, reversals: Stripe.TransferReversal[]): TransferFacts => ({
  id: transfer.id,
  amountCents: transfer.amount,
  accountId: typeof transfer.destination === "string" ? transfer.destination : (transfer.destination?.id ?? null),
  payoutId: transfer.metadata.payout_id ?? null,
  // Stripe lists the newest first.
  reversals: reversals.map(({ id, amount }) => ({ id, amountCents: amount })).reverse(),
});
