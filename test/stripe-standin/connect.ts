// Connect as a platform meets it: accounts that get ready on a hosted page, transfers to them out of our balance, and
// transfers that come back. Our balance is bottomless unless a test says what is in it.

import type Stripe from "stripe";
import { invalidRequest, missing } from "./errors.ts";
import * as objects from "./connect-objects.ts";
import { emit, make, randomId, secondsNow, type World } from "./world.ts";

export function findAccount(world: World, id: string): Stripe.Account {
  const account = world.state.find("account", id);
  // What Stripe says of an account that is not there, not ours, or took itself out of our reach; and 403, not 404.
  if (!account)
    throw invalidRequest(
      `The provided key does not have access to account '${id}' (or that account does not exist). Application access may have been revoked.`,
      { code: "account_invalid" },
      403,
    );
  return account;
}

export interface NewAccount {
  country?: string;
  email?: string;
  metadata?: Record<string, string>;
  capabilities?: { transfers?: { requested?: boolean } };
  controller?: {
    fees?: { payer?: string };
    losses?: { payments?: string };
    stripe_dashboard?: { type?: string };
  };
}

export function createAccount(world: World, { controller, capabilities, ...given }: NewAccount): Stripe.Account {
  const isEmulated =
    controller?.fees?.payer === "application" &&
    controller.losses?.payments === "application" &&
    controller.stripe_dashboard?.type === "express";
  if (!isEmulated)
    throw invalidRequest(
      "This stand-in emulates accounts with an Express dashboard whose fees and losses the application bears.",
      { param: "controller" },
    );
  if (!capabilities?.transfers?.requested)
    throw invalidRequest("This stand-in emulates accounts that request transfers.", { param: "capabilities" });
  if (given.country !== undefined && !/^[A-Z]{2}$/.test(given.country))
    throw invalidRequest(`Country '${given.country}' is unknown.`, { code: "country_unsupported", param: "country" });
  return world.state.put("account", objects.account(make(world, "acct_1", 15), given));
}

/** Bring an account to a stage, and tell the platform. */
export function moveAccount(
  world: World,
  id: string,
  stage: objects.AccountStage,
  bankNumber?: string,
): Stripe.Account {
  const account = findAccount(world, id);
  const moved = world.state.put("account", objects.accountAt(account, stage, bankNumber));
  emit(world, "account.updated", moved, { payouts_enabled: account.payouts_enabled });
  return moved;
}

const LINK_LASTS_SECONDS = 5 * 60;

export function createAccountLink(
  world: World,
  it: { account: string; type: string; return_url: string; refresh_url: string },
): Stripe.AccountLink {
  findAccount(world, it.account);
  if (it.type !== "account_onboarding")
    throw invalidRequest("This stand-in emulates account links for onboarding only.", { param: "type" });
  for (const param of ["return_url", "refresh_url"] as const)
    if (!URL.canParse(it[param])) throw invalidRequest("Not a valid URL", { code: "url_invalid", param });
  const note = world.state.put("note.onboarding", {
    id: randomId("", 24),
    accountId: it.account,
    returnUrl: it.return_url,
    refreshUrl: it.refresh_url,
    expiresAt: secondsNow(world) + LINK_LASTS_SECONDS,
    isUsed: false,
  });
  return {
    object: "account_link",
    created: secondsNow(world),
    expires_at: note.expiresAt,
    url: `${world.origin}/c/onboard/${note.id}`,
  };
}

// Transfers ----------------------------------------------------------------------------------------------------------

export interface NewTransfer {
  amount: number;
  currency: string;
  destination: string;
  transfer_group?: string;
  description?: string;
  metadata?: Record<string, string>;
}

/** @throws StripeRefusal 400 `balance_insufficient`, `insufficient_capabilities_for_transfer`, `resource_missing`. */
export function createTransfer(world: World, it: NewTransfer): Stripe.Transfer {
  if (it.amount < 1)
    throw invalidRequest("Invalid positive integer", { code: "parameter_invalid_integer", param: "amount" });
  const account = world.state.find("account", it.destination);
  if (!account) throw missing("destination", it.destination, "destination");
  if (account.capabilities?.transfers !== "active")
    throw invalidRequest(
      "Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, legacy_payments",
      { code: "insufficient_capabilities_for_transfer" },
    );
  const balance = world.state.find("note.balance", "available");
  if (balance && balance.cents < it.amount)
    throw invalidRequest(
      "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance by creating Charges using the 4000000000000077 test card.",
      { code: "balance_insufficient" },
    );
  moveBalance(world, -it.amount);
  const made = make(world, "tr_1");
  const movement = objects.transferMovement(make(world, "txn_1"), "transfer", { ...it, id: made.id }, -it.amount);
  world.state.put("balance_transaction", movement);
  const transfer = world.state.put(
    "transfer",
    objects.transfer(made, { ...it, balance_transaction: movement.id, destination_payment: randomId("py_1") }),
  );
  emit(world, "transfer.created", transfer);
  return transfer;
}

export function findTransfer(world: World, id: string): Stripe.Transfer {
  const transfer = world.state.find("transfer", id);
  if (!transfer) throw missing("transfer", id);
  return transfer;
}

/** @throws StripeRefusal 400 when more is asked back than is left. */
export function reverseTransfer(
  world: World,
  id: string,
  it: { amount?: number; metadata?: Record<string, string> } = {},
): Stripe.TransferReversal {
  const transfer = findTransfer(world, id);
  const left = transfer.amount - transfer.amount_reversed;
  const amount = it.amount ?? left;
  if (left === 0) throw invalidRequest(`Transfer ${id} is already fully reversed.`);
  if (amount < 1 || amount > left)
    throw invalidRequest(`Reversal amount must be from 1 to ${left}.`, { param: "amount" });
  moveBalance(world, amount);
  const made = make(world, "trr_1");
  const movement = objects.transferMovement(
    make(world, "txn_1"),
    "transfer_refund",
    { id: made.id, currency: transfer.currency },
    amount,
  );
  world.state.put("balance_transaction", movement);
  const reversal = world.state.put(
    "transfer_reversal",
    objects.transferReversal(made, transfer, {
      amount,
      balance_transaction: movement.id,
      metadata: it.metadata ?? {},
    }),
  );
  const reversed = world.state.put("transfer", {
    ...transfer,
    amount_reversed: transfer.amount_reversed + amount,
    reversals: objects.reversalsOf(id, reversalsOf(world, id)),
    reversed: transfer.amount_reversed + amount === transfer.amount,
  });
  emit(world, "transfer.reversed", reversed, { amount_reversed: transfer.amount_reversed });
  return reversal;
}

/** Newest first. */
export const reversalsOf = (world: World, transferId: string): Stripe.TransferReversal[] =>
  world.state
    .all("transfer_reversal")
    .filter(({ transfer }) => transfer === transferId)
    .reverse();

function moveBalance(world: World, cents: number): void {
  const balance = world.state.find("note.balance", "available");
  if (balance) world.state.put("note.balance", { id: "available", cents: balance.cents + cents });
}

/** What is in our balance from now on; null: as much as anybody needs. */
export function setBalance(world: World, cents: number | null): void {
  if (cents === null) world.state.remove("note.balance", "available");
  else world.state.put("note.balance", { id: "available", cents });
}
