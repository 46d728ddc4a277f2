// Connect's objects as the wire carries them: accounts with `controller` properties, transfers and their reversals.

import type Stripe from "stripe";
import type { ApiList } from "./lists.ts";

type Made = { id: string; created: number };

/** What Stripe asks of everybody before it pays them; the hosted page asks for all of it at once. */
export const REQUIREMENTS = [
  "business_profile.url",
  "business_type",
  "external_account",
  "individual.dob.day",
  "individual.first_name",
  "individual.last_name",
  "tos_acceptance.date",
];

const requirements = (due: string[], disabledReason: string | null): Stripe.Account.Requirements => ({
  alternatives: [],
  current_deadline: null,
  currently_due: due,
  disabled_reason: disabledReason as Stripe.Account.Requirements.DisabledReason | null,
  errors: [],
  eventually_due: due,
  past_due: due,
  pending_verification: [],
});

/** How far an account is: just made, everything given, or kept from being paid by Stripe. */
export type AccountStage = "new" | "complete" | "restricted";

/** Where an account is paid out to. The same number has the same fingerprint everywhere; each account has its own unless told. */
const bankAccount = (accountId: string, number: string): Stripe.BankAccount => ({
  id: `ba_${accountId.slice(5)}`,
  object: "bank_account",
  account: accountId,
  account_holder_name: null,
  account_holder_type: null,
  account_type: null,
  available_payout_methods: ["standard"],
  bank_name: "STRIPE TEST BANK",
  country: "US",
  currency: "usd",
  default_for_currency: true,
  fingerprint: `fp_${number}`,
  future_requirements: null,
  last4: number.slice(-4),
  metadata: {},
  requirements: null,
  routing_number: "110000000",
  status: "new",
});

export function accountAt(account: Stripe.Account, stage: AccountStage, bankNumber?: string): Stripe.Account {
  const isComplete = stage === "complete";
  const due = stage === "new" ? REQUIREMENTS : [];
  const reason = { new: "requirements.past_due", complete: null, restricted: "rejected.other" }[stage];
  const external = account.external_accounts!;
  const isPaidOut = stage !== "new" && (bankNumber !== undefined || external.data.length === 0);
  return {
    ...account,
    external_accounts: isPaidOut
      ? { ...external, data: [bankAccount(account.id, bankNumber ?? account.id.slice(5))] }
      : external,
    capabilities: { transfers: isComplete ? "active" : "inactive" },
    details_submitted: stage !== "new",
    payouts_enabled: isComplete,
    requirements: requirements(due, reason),
  };
}

export const account = (made: Made, given: Partial<Stripe.Account>): Stripe.Account =>
  accountAt(
    {
      object: "account",
      business_profile: {
        annual_revenue: null,
        estimated_worker_count: null,
        mcc: null,
        minority_owned_business_designation: null,
        name: null,
        product_description: null,
        specified_commercial_transactions_act_url: null,
        support_address: null,
        support_email: null,
        support_phone: null,
        support_url: null,
        url: null,
      },
      business_type: null,
      charges_enabled: false,
      controller: {
        fees: { payer: "application_express" },
        is_controller: true,
        losses: { payments: "application" },
        requirement_collection: "stripe",
        stripe_dashboard: { type: "express" },
        type: "application",
      },
      country: "US",
      default_currency: "usd",
      details_submitted: false,
      email: null,
      external_accounts: {
        object: "list",
        data: [],
        has_more: false,
        url: `/v1/accounts/${made.id}/external_accounts`,
      },
      future_requirements: requirements([], null),
      metadata: {},
      payouts_enabled: false,
      tos_acceptance: { date: null, ip: null, user_agent: null },
      type: "express",
      ...given,
      ...made,
    },
    "new",
  );

export const transfer = (
  made: Made,
  given: Partial<Stripe.Transfer> & {
    amount: number;
    currency: string;
    destination: string;
    balance_transaction: string;
    destination_payment: string;
  },
): Stripe.Transfer => ({
  object: "transfer",
  amount_reversed: 0,
  description: null,
  livemode: false,
  metadata: {},
  reversals: reversalsOf(made.id, []),
  reversed: false,
  source_transaction: null,
  source_type: "card",
  transfer_group: null,
  ...given,
  ...made,
});

/** The object itself carries the newest ten. */
const REVERSALS_SHOWN = 10;
export const reversalsOf = (
  transferId: string,
  newestFirst: Stripe.TransferReversal[],
): ApiList<Stripe.TransferReversal> => ({
  object: "list",
  data: newestFirst.slice(0, REVERSALS_SHOWN),
  has_more: newestFirst.length > REVERSALS_SHOWN,
  url: `/v1/transfers/${transferId}/reversals`,
});

export const transferReversal = (
  made: Made,
  of: Stripe.Transfer,
  given: { amount: number; balance_transaction: string; metadata: Record<string, string> },
): Stripe.TransferReversal => ({
  object: "transfer_reversal",
  currency: of.currency,
  destination_payment_refund: null,
  source_refund: null,
  transfer: of.id,
  ...given,
  ...made,
});

/** Movements of our own balance: a transfer leaves it at once, and what is reversed is back at once. */
export const transferMovement = (
  made: Made,
  type: "transfer" | "transfer_refund",
  source: { id: string; currency: string },
  amount: number,
): Stripe.BalanceTransaction => ({
  object: "balance_transaction",
  amount,
  available_on: made.created,
  balance_type: "payments",
  currency: source.currency,
  description: null,
  exchange_rate: null,
  fee: 0,
  fee_details: [],
  net: amount,
  reporting_category: type === "transfer" ? "transfer" : "transfer_reversal",
  source: source.id,
  status: "available",
  type,
  ...made,
});
