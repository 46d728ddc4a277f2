// Tokens of a settled session given back: what provider, platform, discounts and promotions have after it is what they
// would have had if the session had used that much less.

import { env } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { GRACE_MS } from "../../../domain/ledger/lots.ts";
import { isAlreadyPosted, reverseStatement } from "../../../domain/ledger/store.ts";
import { splitFee } from "../../../domain/money.ts";
import { walletBalance, walletLots } from "../../../domain/wallets/read-wallet.ts";
import { aSession, aWallet, historyOf, settle, start } from "../../support/bare-books.ts";
import { booksAreSound } from "../../support/market.ts";

const { DB } = env;
afterEach(booksAreSound);

let count = 0;
const reverse = async (sessionId: string, tokens: number, at = start + 1000): Promise<string> => {
  const id = `rev-${++count}`;
  await reverseStatement(DB, { id, sessionId, tokens, reason: "the app was slow", at }).run();
  return id;
};
/** What the session's settlement and reversals together did to a USD account, on its own side. */
const moved = async (sessionId: string, account: string, side: "dr" | "cr"): Promise<number> =>
  (await DB.prepare(
    `SELECT coalesce(sum(CASE WHEN t.${side} = ?1 THEN amount ELSE -amount END), 0) AS cents
     FROM transfers t JOIN ledger_tx x ON x.id = t.tx
     WHERE x.ref = ?2 AND x.kind IN ('settle', 'reversal') AND (t.dr = ?1 OR t.cr = ?1)`,
  )
    .bind(account, sessionId)
    .first<{ cents: number }>())!.cents;

it("leaves everybody with the split of what is left, however it is reversed, and nothing of a whole one", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        gift: fc.integer({ min: 1, max: 60 }),
        bundle: fc.integer({ min: 1, max: 200 }),
        percentOff: fc.integer({ min: 0, max: 15 }),
        usedPart: fc.double({ min: 0.01, max: 1, noNaN: true }),
        parts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 }),
      }),
      async ({ gift, bundle, percentOff, usedPart, parts }) => {
        const paidCents = Math.max(1, Math.floor((bundle * (100 - percentOff)) / 100));
        const { walletId } = await aWallet([
          { tokens: gift },
          { kind: "paid", source: "bundle", tokens: bundle, paidCents },
        ]);
        const held = gift + bundle;
        const used = Math.max(1, Math.floor(held * usedPart));
        const session = await aSession(walletId, held, start);
        await settle(session, used, start);
        let left = used;
        for (const part of parts) {
          const tokens = Math.floor(left * part);
          if (tokens === 0) continue;
          await reverse(session, tokens);
          left -= tokens;
          const { feeTokens, shareTokens } = splitFee(left, 2_000);
          expect(await moved(session, "provider:app", "cr")).toBe(shareTokens);
          expect(await moved(session, "revenue_fee", "cr")).toBe(feeTokens);
          // Paid tokens came back first.
          expect(await moved(session, "promo_expense", "dr")).toBe(Math.min(left, gift));
          expect((await walletBalance(DB, walletId, start)).balance).toBe(held - left);
        }
        await expect(reverse(session, left + 1)).rejects.toThrow("reversal_exceeds_use");
        if (left > 0) await reverse(session, left);
        for (const [account, side] of [
          ["provider:app", "cr"],
          ["revenue_fee", "cr"],
          ["promo_expense", "dr"],
          ["discounts", "dr"],
          ["token_liability", "dr"],
        ] as const)
          expect([account, await moved(session, account, side)]).toEqual([account, 0]);
      },
    ),
    { numRuns: 25 },
  );
});

it("gives a gift back with the rest of its time and a week at least, in the open, once", async () => {
  const end = start + 1000;
  const { walletId } = await aWallet([{ tokens: 30, expiresAt: end }, { kind: "paid" }]);
  const session = await aSession(walletId, 50, start);
  await settle(session, 50, start);
  const later = end + 5000;
  const id = await reverse(session, 40, later);
  expect(
    (await walletLots(DB, walletId, later)).map(({ source, kind, tokens, expiresAt }) => [
      source,
      kind,
      tokens,
      expiresAt,
    ]),
  ).toEqual([
    ["reversal", "promotional", 20, new Date(later + GRACE_MS).toISOString()],
    ["purchase", "paid", 80, null],
    ["reversal", "paid", 20, null],
  ]);
  expect((await historyOf(walletId)).at(-1)).toEqual(["adjustment", 40]);
  const again = await reverseStatement(DB, { id, sessionId: session, tokens: 1, reason: "again", at: later })
    .run()
    .catch((error: unknown) => error);
  expect(isAlreadyPosted(again)).toBe(true);
  await expect(DB.prepare("UPDATE reversals SET tokens = 1 WHERE id = ?").bind(id).run()).rejects.toThrow(
    "ledger_immutable",
  );
});

it("waits for the settlement", async () => {
  const { walletId } = await aWallet([{ kind: "paid" }]);
  const session = await aSession(walletId, 50, start);
  await expect(reverse(session, 10)).rejects.toThrow("session_not_settled");
  await settle(session, 0, start);
  await expect(reverse(session, 1)).rejects.toThrow("reversal_exceeds_use");
});
