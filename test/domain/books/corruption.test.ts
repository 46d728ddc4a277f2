// Every kind of damage to the books, planted with the guards taken away, is found by the promise it breaks and named.

import { env } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { CLEARING_BY_DAY, CLEARING_IN_ALL } from "../../../domain/books/compare-stripe.ts";
import { LEDGER_CHECKS } from "../../../domain/books/ledger-checks-store.ts";
import { examineBooks } from "../../../domain/books/prove-books.ts";
import { SESSION_CHECKS } from "../../../domain/books/session-checks-store.ts";
import { keepMovements } from "../../../domain/books/stripe-store.ts";
import { reverseStatement } from "../../../domain/ledger/store.ts";
import { aSession, aWallet, settle, start } from "../../support/bare-books.ts";

const { DB } = env;
const DAY = 24 * 60 * 60 * 1000;
const now = start + 10 * DAY;
let [walletId, gift, bought, settled, open, disputed] = ["", "", "", "", "", ""];

/** A gift, a purchase, a settled session with a reversal, an open one, one with a disputed slice, and Stripe's side of it. */
beforeAll(async () => {
  const wallet = await aWallet([{ tokens: 100 }, { kind: "paid", tokens: 1_000, paidCents: 900, paymentId: "pi_1" }]);
  [walletId, gift, bought] = [wallet.walletId, ...wallet.lots] as [string, string, string];
  settled = await aSession(walletId, 300, start);
  await DB.prepare("INSERT INTO session_meters VALUES (?, 'scene', 1000, 7, NULL, 0)").bind(settled).run();
  await DB.prepare("UPDATE session_meters SET used_micro = 0 WHERE session_id = ?").bind(settled).run();
  await settle(settled, 200, start);
  await reverseStatement(DB, { id: "r1", sessionId: settled, tokens: 50, reason: "slow", at: start }).run();
  open = await aSession(walletId, 80, start);
  disputed = await aSession(walletId, 60, start);
  await settle(disputed, 30, start, { tokens: 20, dueAt: start + 1, meters: [] });
  await keepMovements(
    DB,
    [
      {
        id: "txn_1",
        type: "charge",
        source: "ch_1",
        paymentId: "pi_1",
        amountCents: 900,
        feeCents: 56,
        netCents: 844,
        currency: "usd",
        createdAt: start,
      },
    ],
    { through: now, now },
  );
  const { findings } = await examineBooks(DB, now);
  if (findings.length > 0) throw new Error(`broken before any damage: ${JSON.stringify(findings)}`);
  const { results } = await DB.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all<{ name: string }>();
  await DB.batch(results.map(({ name }) => DB.prepare(`DROP TRIGGER ${name}`)));
});

/** By promise: the damage, how it is undone, and what of the finding names it. */
const damages: Record<string, () => [damage: string, repair: string, row: string]> = {
  "trial balance TOK": () => [
    "UPDATE accounts SET credits = credits + 1 WHERE id = 'expired'",
    "UPDATE accounts SET credits = credits - 1 WHERE id = 'expired'",
    "TOK",
  ],
  "trial balance USD": () => [
    "UPDATE accounts SET debits = debits + 1 WHERE id = 'bank'",
    "UPDATE accounts SET debits = debits - 1 WHERE id = 'bank'",
    "USD",
  ],
  "account debits rebuilt": () => [
    "UPDATE accounts SET debits = debits + 1 WHERE id = 'issued_paid'",
    "UPDATE accounts SET debits = debits - 1 WHERE id = 'issued_paid'",
    "issued_paid",
  ],
  "account credits rebuilt": () => [
    "UPDATE accounts SET credits = credits + 1 WHERE id = 'spent'",
    "UPDATE accounts SET credits = credits - 1 WHERE id = 'spent'",
    "spent",
  ],
  "transfers stay in their unit": () => [
    "UPDATE transfers SET cr = 'token_liability' WHERE tx = 'reversal:r1' AND seq = 1",
    "UPDATE transfers SET cr = 'lot:r1' WHERE tx = 'reversal:r1' AND seq = 1",
    "reversal:r1 1",
  ],
  "transactions are sealed": () => [
    "INSERT INTO ledger_tx VALUES ('nothing', 'x', 'x', 1)",
    "DELETE FROM ledger_tx WHERE id = 'nothing'",
    "nothing",
  ],
  "documents are posted": () => [
    `INSERT INTO withdrawals VALUES ('expire:ghost', '${gift}', 'expiry', 1, NULL, 1)`,
    "DELETE FROM withdrawals WHERE id = 'expire:ghost'",
    "expire:ghost",
  ],
  "purchases are posted as bought": () => [
    `UPDATE issuances SET tokens = tokens + 1 WHERE lot_id = '${bought}'`,
    `UPDATE issuances SET tokens = tokens - 1 WHERE lot_id = '${bought}'`,
    `test:${bought}`,
  ],
  "wallet is its history": () => [
    `UPDATE wallets SET available = available + 1 WHERE id = '${walletId}'`,
    `UPDATE wallets SET available = available - 1 WHERE id = '${walletId}'`,
    walletId,
  ],
  "history is a chain": () => [
    `UPDATE wallet_entries SET balance_after = balance_after + 1 WHERE wallet_id = '${walletId}' AND seq = 2`,
    `UPDATE wallet_entries SET balance_after = balance_after - 1 WHERE wallet_id = '${walletId}' AND seq = 2`,
    `${walletId} 2`,
  ],
  "wallet stands at its last row": () => [
    `UPDATE wallets SET entry_seq = entry_seq + 1 WHERE id = '${walletId}'`,
    `UPDATE wallets SET entry_seq = entry_seq - 1 WHERE id = '${walletId}'`,
    walletId,
  ],
  "history is what the books moved": () => [
    `UPDATE wallet_entries SET amount = amount + 1 WHERE tx = 'settle:${settled}' AND type = 'release'`,
    `UPDATE wallet_entries SET amount = amount - 1 WHERE tx = 'settle:${settled}' AND type = 'release'`,
    `settle:${settled}`,
  ],
  "wallet is its lots": () => [
    `UPDATE lots SET remaining = remaining - 1 WHERE id = '${bought}'`,
    `UPDATE lots SET remaining = remaining + 1 WHERE id = '${bought}'`,
    walletId,
  ],
  "lot is its account": () => [
    `UPDATE accounts SET credits = credits + 1 WHERE id = 'lot:${bought}'`,
    `UPDATE accounts SET credits = credits - 1 WHERE id = 'lot:${bought}'`,
    bought,
  ],
  "lots are what was issued": () => [
    `UPDATE lots SET issued = issued + 1 WHERE id = '${gift}'`,
    `UPDATE lots SET issued = issued - 1 WHERE id = '${gift}'`,
    "all lots",
  ],
  "every token is somewhere": () => [
    `UPDATE accounts SET credits = credits + 1 WHERE id = 'hold:${open}:${bought}'`,
    `UPDATE accounts SET credits = credits - 1 WHERE id = 'hold:${open}:${bought}'`,
    "all lots",
  ],
  "spent tokens are posted": () => [
    `UPDATE lots SET spent = spent + 1 WHERE id = '${bought}'`,
    `UPDATE lots SET spent = spent - 1 WHERE id = '${bought}'`,
    "all lots",
  ],
  "liability is what paid lots still owe": () => [
    `UPDATE lots SET basis_cents = basis_cents + 5 WHERE id = '${bought}'`,
    `UPDATE lots SET basis_cents = basis_cents - 5 WHERE id = '${bought}'`,
    "token_liability",
  ],
  "held is open sessions": () => [
    `UPDATE wallets SET held = held + 1 WHERE id = '${walletId}'`,
    `UPDATE wallets SET held = held - 1 WHERE id = '${walletId}'`,
    walletId,
  ],
  "hold accounts are open sessions": () => [
    `UPDATE sessions SET held_tokens = held_tokens + 1 WHERE id = '${open}'`,
    `UPDATE sessions SET held_tokens = held_tokens - 1 WHERE id = '${open}'`,
    open,
  ],
  "hold accounts of settled sessions are empty": () => [
    `UPDATE accounts SET credits = credits + 1 WHERE id = 'hold:${settled}:${bought}'`,
    `UPDATE accounts SET credits = credits - 1 WHERE id = 'hold:${settled}:${bought}'`,
    settled,
  ],
  "what was held was charged, returned or is disputed": () => [
    `UPDATE slices SET tokens = tokens - 1 WHERE session_id = '${disputed}'`,
    `UPDATE slices SET tokens = tokens + 1 WHERE session_id = '${disputed}'`,
    disputed,
  ],
  "slices are settled once decided": () => [
    `UPDATE slices SET status = 'closed', closed_at = 1, outcome = 'no_evidence' WHERE session_id = '${disputed}'`,
    `UPDATE slices SET status = 'open', closed_at = NULL, outcome = NULL WHERE session_id = '${disputed}'`,
    disputed,
  ],
  "settled sessions are settled in the books": () => [
    `UPDATE sessions SET consumed_tokens = consumed_tokens + 1 WHERE id = '${settled}'`,
    `UPDATE sessions SET consumed_tokens = consumed_tokens - 1 WHERE id = '${settled}'`,
    settled,
  ],
  "settlement is its draws": () => [
    `UPDATE settlement_draws SET used = used - 1 WHERE session_id = '${settled}' AND position = 2`,
    `UPDATE settlement_draws SET used = used + 1 WHERE session_id = '${settled}' AND position = 2`,
    `settle:${settled}`,
  ],
  "providers are owed their shares": () => [
    `UPDATE settlements SET share_cents = share_cents + 1 WHERE session_id = '${settled}'`,
    `UPDATE settlements SET share_cents = share_cents - 1 WHERE session_id = '${settled}'`,
    "provider:app",
  ],
  "Stripe's fees are posted": () => [
    "UPDATE stripe_movements SET fee_cents = fee_cents + 1, net_cents = net_cents - 1 WHERE id = 'txn_1'",
    "UPDATE stripe_movements SET fee_cents = fee_cents - 1, net_cents = net_cents + 1 WHERE id = 'txn_1'",
    "txn_1",
  ],
  "usage is its reports": () => [
    `UPDATE session_meters SET used_micro = 3 WHERE session_id = '${settled}'`,
    `UPDATE session_meters SET used_micro = 0 WHERE session_id = '${settled}'`,
    `${settled} scene`,
  ],
  [CLEARING_BY_DAY]: () => [
    "UPDATE stripe_movements SET amount_cents = amount_cents - 100, net_cents = net_cents - 100 WHERE id = 'txn_1'",
    "UPDATE stripe_movements SET amount_cents = amount_cents + 100, net_cents = net_cents + 100 WHERE id = 'txn_1'",
    "2030-01-01 pi_1",
  ],
  [CLEARING_IN_ALL]: () => [
    `INSERT INTO stripe_movements VALUES ('txn_old', 'charge', 'ch_old', NULL, 9, 0, 9, 'usd', ${start - 400 * DAY}, 1)`,
    "DELETE FROM stripe_movements WHERE id = 'txn_old'",
    "before the days compared",
  ],
};

describe("damage to the books", () => {
  it.each(Object.keys(damages))("is found: %s", async (check) => {
    const [damage, repair, row] = damages[check]!();
    await DB.prepare(damage).run();
    const { findings } = await examineBooks(DB, now);
    await DB.prepare(repair).run();
    expect(findings).toContainEqual(expect.objectContaining({ check, row }));
    expect((await examineBooks(DB, now)).findings).toEqual([]);
  });

  it("is planted for every promise", () => {
    const promises = [...LEDGER_CHECKS, ...SESSION_CHECKS].map(({ name }) => name);
    expect(Object.keys(damages).toSorted()).toEqual([...promises, CLEARING_BY_DAY, CLEARING_IN_ALL].toSorted());
  });
});
