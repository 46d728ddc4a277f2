// The books as a hostile or careless writer meets them: every way around double entry must abort.

import { env } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { newId } from "../../../domain/ids.ts";
import {
  createWalletStatement,
  findDiscrepancies,
  isAlreadyPosted,
  issueStatement,
  withdrawStatement,
} from "../../../domain/ledger/store.ts";

const now = 1_800_000_000_000;
const { DB } = env;

async function aWallet(tokens: number, kind: "paid" | "promo" = "paid") {
  const [walletId, lotId] = [newId(now), newId(now)];
  await DB.batch([
    createWalletStatement(DB, walletId, now),
    issueStatement(DB, {
      id: `purchase:${lotId}`,
      lotId,
      walletId,
      kind,
      tokens,
      paidCents: kind === "paid" ? tokens : 0,
      at: now,
    }),
  ]);
  return { walletId, lotId, purchaseId: `purchase:${lotId}` };
}
const available = async (walletId: string) =>
  (await DB.prepare("SELECT available FROM wallets WHERE id = ?").bind(walletId).first<{ available: number }>())!
    .available;
const attempt = (sql: string, ...values: unknown[]) =>
  DB.prepare(sql)
    .bind(...values)
    .run();

describe("the ledger is sealed", () => {
  it("refuses another transfer into a posted transaction", async () => {
    const { purchaseId, lotId } = await aWallet(100);
    await expect(
      attempt("INSERT INTO transfers VALUES (?, 9, 'issued_paid', ?, 100)", purchaseId, `lot:${lotId}`),
    ).rejects.toThrow("transaction_sealed");
  });

  it("refuses to replace, change or delete what was posted", async () => {
    const { purchaseId, lotId } = await aWallet(100);
    await expect(
      attempt("INSERT OR REPLACE INTO transfers VALUES (?, 1, 'issued_paid', ?, 900)", purchaseId, `lot:${lotId}`),
    ).rejects.toThrow(/transaction_sealed|transfer_exists/);
    await expect(attempt("UPDATE transfers SET amount = 900 WHERE tx = ?", purchaseId)).rejects.toThrow(
      "ledger_immutable",
    );
    await expect(attempt("DELETE FROM transfers WHERE tx = ?", purchaseId)).rejects.toThrow("ledger_immutable");
    await expect(
      attempt("INSERT OR REPLACE INTO ledger_tx VALUES (?, 'purchase', 'x', 1)", purchaseId),
    ).rejects.toThrow("transaction_exists");
    await expect(attempt("DELETE FROM ledger_tx WHERE id = ?", purchaseId)).rejects.toThrow("ledger_immutable");
    await expect(attempt("UPDATE issuances SET tokens = 900 WHERE id = ?", purchaseId)).rejects.toThrow(
      "ledger_immutable",
    );
    await expect(attempt("UPDATE wallet_entries SET amount = 900 WHERE tx = ?", purchaseId)).rejects.toThrow(
      "ledger_immutable",
    );
    await expect(attempt("DELETE FROM wallet_entries WHERE tx = ?", purchaseId)).rejects.toThrow("ledger_immutable");
  });

  it("refuses transfers between units, of nothing, of fractions and of unknown accounts", async () => {
    const id = newId(now);
    await expect(
      attempt("INSERT INTO transfers VALUES (?, 1, 'issued_paid', 'token_liability', 5)", id),
    ).rejects.toThrow("unit_mismatch");
    await expect(attempt("INSERT INTO transfers VALUES (?, 1, 'issued_paid', 'nobody', 5)", id)).rejects.toThrow(
      "unit_mismatch",
    );
    await expect(attempt("INSERT INTO transfers VALUES (?, 1, 'issued_paid', 'spent', 0)", id)).rejects.toThrow(
      "CHECK",
    );
    await expect(attempt("INSERT INTO transfers VALUES (?, 1, 'issued_paid', 'spent', 1.5)", id)).rejects.toThrow(
      /REAL|INTEGER/,
    );
  });

  it("keeps no transfer without a transaction, and no transaction without a transfer", async () => {
    const id = newId(now);
    await expect(attempt("INSERT INTO transfers VALUES (?, 1, 'issued_paid', 'spent', 5)", id)).rejects.toThrow();
    expect(await DB.prepare("SELECT count(*) AS n FROM transfers WHERE tx = ?").bind(id).first()).toEqual({ n: 0 });
    await expect(attempt("INSERT INTO ledger_tx VALUES (?, 'x', 'x', 1)", id)).rejects.toThrow("transaction_empty");
  });

  it("refuses an overdraft of a lot and leaves the wallet as it was", async () => {
    const { walletId, lotId } = await aWallet(100);
    await expect(
      withdrawStatement(DB, { id: `refund:${newId(now)}`, lotId, kind: "refund", tokens: 101, at: now }).run(),
    ).rejects.toThrow(/CHECK/);
    expect(await available(walletId)).toBe(100);
  });

  it("takes the same purchase once", async () => {
    const { walletId, purchaseId } = await aWallet(100);
    const again = issueStatement(DB, {
      id: purchaseId,
      lotId: newId(now),
      walletId,
      kind: "paid",
      tokens: 100,
      paidCents: 100,
      at: now,
    });
    const error = await again.run().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(isAlreadyPosted(error)).toBe(true);
    expect(await available(walletId)).toBe(100);
  });

  it("lets paid tokens never expire", async () => {
    const walletId = newId(now);
    await createWalletStatement(DB, walletId, now).run();
    const expiring = issueStatement(DB, {
      id: `purchase:${newId(now)}`,
      lotId: newId(now),
      walletId,
      kind: "paid",
      tokens: 5,
      paidCents: 5,
      expiresAt: now + 1,
      at: now,
    });
    await expect(expiring.run()).rejects.toThrow("paid_never_expires");
  });

  it("fails a batch whole: nothing of it stays", async () => {
    const { walletId, lotId } = await aWallet(100);
    const refund = (tokens: number) =>
      withdrawStatement(DB, { id: `refund:${newId(now)}`, lotId, kind: "refund", tokens, at: now });
    await expect(DB.batch([refund(40), refund(70)])).rejects.toThrow();
    expect(await available(walletId)).toBe(100);
  });

  it("lets exactly as many of 50 racing withdrawals through as there is money for", async () => {
    const { walletId, lotId } = await aWallet(5);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        withdrawStatement(DB, { id: `refund:${newId(now)}`, lotId, kind: "refund", tokens: 1, at: now }).run(),
      ),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    expect(await available(walletId)).toBe(0);
  });

  it("is sound after all that, and the check finds a balance that was tampered with", async () => {
    expect(await findDiscrepancies(DB)).toEqual([]);
    const { walletId } = await aWallet(100);
    await attempt("UPDATE wallets SET available = available + 1 WHERE id = ?", walletId);
    expect(await findDiscrepancies(DB)).toMatchObject([
      { check: "wallet is its history", row: walletId, expected: 100, found: 101 },
      { check: "wallet is its lots" },
    ]);
    await attempt("UPDATE wallets SET available = available - 1 WHERE id = ?", walletId);
    await attempt("UPDATE accounts SET credits = credits + 1 WHERE id = 'spent'");
    expect((await findDiscrepancies(DB)).map(({ check }) => check)).toEqual([
      "trial balance TOK",
      "account credits rebuilt",
      "spent tokens are posted",
    ]);
  });
});
