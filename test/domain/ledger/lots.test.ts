// Lots: in which order they are spent, and what becomes of promotional ones whose time is over. Straight on the books: the
// triggers are what is tested.

import { env } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { expireDueLots, GRACE_MS } from "../../../domain/ledger/lots.ts";
import { walletBalance, walletLots, walletTransactions } from "../../../domain/wallets/read-wallet.ts";
import { aSession, aWallet, drawsOf, historyOf, settle, start } from "../../support/bare-books.ts";
import { booksAreSound } from "../../support/market.ts";

const { DB } = env;
const DAY = 24 * 60 * 60 * 1000;

afterEach(booksAreSound);

describe("the order of spending", () => {
  const lot = fc.record({
    kind: fc.constantFrom("paid" as const, "promo" as const),
    tokens: fc.integer({ min: 1, max: 40 }),
    priority: fc.constantFrom(10, 30, 50),
    days: fc.option(fc.integer({ min: -2, max: 3 })),
    age: fc.integer({ min: 0, max: 3 }),
  });

  it("is priority, then expiry, then promotional before paid, then age, as a slow reference says", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(lot, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 150 }),
        async (given, wanted) => {
          const { walletId, lots } = await aWallet(
            given.map(({ kind, tokens, priority, days, age }) => ({
              kind,
              tokens,
              priority,
              paidCents: kind === "paid" ? tokens : 0,
              expiresAt: kind === "promo" && days !== null ? start + days * DAY : null,
              at: start - age,
            })),
          );
          // One at a time, always the best that is left: by comparing each with each.
          const left = given
            .map((it, index) => ({ ...it, id: lots[index]!, days: it.kind === "promo" ? it.days : null }))
            .filter((it) => it.days === null || it.days > 0);
          const isBefore = (a: (typeof left)[number], b: (typeof left)[number]): boolean => {
            if (a.priority !== b.priority) return a.priority < b.priority;
            if (a.days !== b.days) return b.days === null || (a.days !== null && a.days < b.days);
            if (a.kind !== b.kind) return a.kind === "promo";
            return a.age === b.age ? a.id < b.id : a.age > b.age;
          };
          const expected: { lot: string; tokens: number }[] = [];
          for (let rest = wanted; rest > 0 && left.length > 0;) {
            const best = left.find((it) => left.every((other) => other === it || isBefore(it, other)))!;
            left.splice(left.indexOf(best), 1);
            expected.push({ lot: best.id, tokens: Math.min(rest, best.tokens) });
            rest -= Math.min(rest, best.tokens);
          }
          const spendable = expected.reduce((sum, { tokens }) => sum + tokens, 0);
          const shown = await walletLots(DB, walletId, start);
          const session = await aSession(walletId, wanted, start);
          expect(await drawsOf(session)).toEqual(spendable === wanted ? expected : []);
          // What a person is shown is in the order it goes.
          expect(shown.map(({ id }) => id).slice(0, expected.length)).toEqual(expected.map((it) => it.lot));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("puts what an organisation gave between a gift and what was bought, and a gift that ends first before all", async () => {
    const { walletId, lots } = await aWallet([
      { kind: "paid", source: "bundle", tokens: 100, paidCents: 90 },
      { kind: "paid", source: "organisation" },
      { source: "referral" },
      { source: "trial", expiresAt: start + DAY },
    ]);
    expect((await walletLots(DB, walletId, start)).map(({ id, source, kind }) => [id, source, kind])).toEqual([
      [lots[3], "trial", "promotional"],
      [lots[2], "referral", "promotional"],
      [lots[1], "organisation", "paid"],
      [lots[0], "bundle", "paid"],
    ]);
  });

  it("knows only the sources it was told of", async () => {
    await expect(aWallet([{ source: "purchase" }])).rejects.toThrow("lot_source_unknown");
    await expect(aWallet([{ kind: "paid", source: "trial" }])).rejects.toThrow("lot_source_unknown");
  });

  it("posts tax on its own, and a bundle at what was paid for it", async () => {
    const { walletId, lots } = await aWallet([
      { kind: "paid", source: "bundle", tokens: 1_000, paidCents: 900, taxCents: 171 },
    ]);
    const posted = await DB.prepare("SELECT dr, cr, amount FROM transfers WHERE tx = ? ORDER BY seq")
      .bind(`test:${lots[0]}`)
      .all();
    expect(posted.results).toEqual([
      { dr: "issued_paid", cr: `lot:${lots[0]}`, amount: 1_000 },
      { dr: "stripe_clearing", cr: "token_liability", amount: 900 },
      { dr: "stripe_clearing", cr: "tax_payable", amount: 171 },
    ]);
    // Three sessions of it: the parts of what was paid add up, and the discount is the rest of the list price.
    for (const used of [333, 333, 334]) await settle(await aSession(walletId, used, start), used, start);
    const account = (id: string) =>
      DB.prepare(
        `SELECT coalesce(sum(CASE WHEN t.dr = ?1 THEN amount ELSE -amount END), 0) AS cents FROM transfers t
         JOIN settlements s ON s.id = t.tx WHERE s.wallet_id = ?2 AND (t.dr = ?1 OR t.cr = ?1)`,
      )
        .bind(id, walletId)
        .first<{ cents: number }>();
    expect(await account("token_liability")).toEqual({ cents: 900 });
    expect(await account("discounts")).toEqual({ cents: 100 });
  });
});

describe("the end of a promotion", () => {
  it("is a row of the history, whoever comes first: the cron or somebody who looks", async () => {
    const [looked, left] = [await aWallet([{ expiresAt: start + DAY }]), await aWallet([{ expiresAt: start + DAY }])];
    const at = start + DAY;
    expect(await walletBalance(DB, looked.walletId, at - 1)).toMatchObject({
      balance: 100,
      lots: { paid: 0, promotional: 100 },
      nextExpiry: { tokens: 100, at: new Date(at).toISOString() },
    });
    const page = { limit: 10, offset: 0, cursor: null };
    expect((await walletTransactions(DB, looked.walletId, page, at)).transactions).toMatchObject([
      { type: "expiry", amount: -100, balanceAfter: 0 },
      { type: "promo", amount: 100, balanceAfter: 100 },
    ]);
    expect(await walletBalance(DB, looked.walletId, at)).toMatchObject({ balance: 0, nextExpiry: null });
    expect(await expireDueLots(DB, at)).toBeGreaterThan(0);
    expect(await expireDueLots(DB, at)).toBe(0);
    expect(await historyOf(left.walletId)).toEqual([
      ["promo", 100],
      ["expiry", -100],
    ]);
  });

  it("happens before a hold, which counts nothing that is gone", async () => {
    const { walletId } = await aWallet([{ expiresAt: start + DAY }, { kind: "paid" }]);
    await aSession(walletId, 150, start + DAY);
    expect(await historyOf(walletId)).toEqual([
      ["promo", 100],
      ["purchase", 100],
    ]);
    await aSession(walletId, 60, start + DAY);
    expect((await historyOf(walletId)).slice(2)).toEqual([
      ["expiry", -100],
      ["hold", -60],
    ]);
  });

  it("does not reach into an open session, and what comes back has a week, once", async () => {
    const { walletId } = await aWallet([{ expiresAt: start + DAY }]);
    const session = await aSession(walletId, 70, start + DAY - 1);
    const over = start + DAY + 1000;
    // The cron takes what is not held; the session spends from what is.
    await expireDueLots(DB, over);
    await settle(session, 20, over);
    expect((await historyOf(walletId)).slice(1)).toEqual([
      ["hold", -70],
      ["expiry", -30],
      ["release", 70],
      ["consumption", -20],
    ]);
    const graceEnd = over + GRACE_MS;
    expect(await walletBalance(DB, walletId, graceEnd - 1)).toMatchObject({
      balance: 50,
      nextExpiry: { tokens: 50, at: new Date(graceEnd).toISOString() },
    });
    // Held over the end of its grace it ends when it comes back, or a session a week would keep it for ever.
    const again = await aSession(walletId, 40, graceEnd - 1);
    await settle(again, 0, graceEnd + 5);
    expect((await historyOf(walletId)).slice(5)).toEqual([
      ["hold", -40],
      ["expiry", -10],
      ["release", 40],
      ["expiry", -40],
    ]);
    expect(await walletBalance(DB, walletId, graceEnd + 5)).toMatchObject({ balance: 0, held: 0 });
  });

  it("gives no grace to what was not held when the session comes back before the cron", async () => {
    const { walletId } = await aWallet([{ expiresAt: start + DAY }]);
    const session = await aSession(walletId, 70, start);
    await settle(session, 20, start + DAY);
    expect(await walletBalance(DB, walletId, start + DAY)).toMatchObject({ balance: 50 });
    expect((await historyOf(walletId)).slice(2)).toEqual([
      ["expiry", -30],
      ["release", 70],
      ["consumption", -20],
    ]);
  });

  it("never comes for paid tokens", async () => {
    const { walletId } = await aWallet([{ kind: "paid" }]);
    await expireDueLots(DB, start + 10_000 * DAY);
    expect(await walletBalance(DB, walletId, start + 10_000 * DAY)).toMatchObject({ balance: 100, nextExpiry: null });
  });
});
