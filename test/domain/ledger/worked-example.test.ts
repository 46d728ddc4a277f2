// The examples of docs/accounting.md, posted: its tables are read, and the books must say exactly what they say.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { newId } from "../../../domain/ids.ts";
import accounting from "../../../docs/accounting.md?raw";
import { keepMovements } from "../../../domain/books/stripe-store.ts";
import { issueStatement, reverseStatement } from "../../../domain/ledger/store.ts";
import { aSession, aWallet, historyOf, settle, start } from "../../support/bare-books.ts";
import {
  aPerson,
  anApp,
  booksAreSound,
  call,
  freshToken,
  started,
  useVirtualClock,
  work,
} from "../../support/market.ts";

beforeEach(() => useVirtualClock());
afterEach(async () => {
  await booksAreSound();
  vi.useRealTimers();
});

interface Posting {
  tx: string;
  dr: string;
  cr: string;
  amount: number;
}
/** The postings of every table under a heading: the transaction's id, debit, credit and amount with its unit. */
function documented(heading: string): Posting[] {
  const section = accounting.split(/^## /m).find((part) => part.startsWith(heading))!;
  let tx = "";
  return [...section.matchAll(/^\| (.*?) ?\| `([^`]+)`[^|]*\| `([^`]+)`[^|]*\| ([\d,]+) (?:TOK|USD) \|$/gm)].map(
    ([, event, dr, cr, amount]) => {
      tx = /`([^`]+)`/.exec(event!)?.[1] ?? tx;
      return { tx, dr: dr!, cr: cr!, amount: Number(amount!.replaceAll(",", "")) };
    },
  );
}
const sorted = (postings: Posting[]) => postings.map(({ tx, dr, cr, amount }) => `${tx} ${dr} ${cr} ${amount}`).sort();

it("posts what docs/accounting.md says", async () => {
  const person = await aPerson();
  const now = Date.now();
  const lot = { gift: newId(now), purchase: newId(now) };
  const issue = (kind: "promo" | "paid", id: string, lotId: string, tokens: number, at: number) =>
    issueStatement(env.DB, {
      id,
      lotId,
      walletId: person.walletId,
      kind,
      tokens,
      paidCents: kind === "paid" ? tokens : 0,
      at,
    });
  await env.DB.batch([
    issue("promo", "promo:g1", lot.gift, 300, now - 2),
    issue("paid", "purchase:cs_1", lot.purchase, 1_000, now - 1),
  ]);
  const app = await anApp(500);
  const session = await started(person, app);
  await work(session, 42 * 60);
  await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person));
  const named = (text: string) =>
    text.replaceAll(session.id, "s1").replaceAll(lot.gift, "g").replaceAll(lot.purchase, "p").replaceAll(app.id, "a1");
  const posted = async (...ids: string[]): Promise<Posting[]> => {
    const { results } = await env.DB.prepare(
      "SELECT tx, dr, cr, amount FROM transfers WHERE tx IN (SELECT value FROM json_each(?))",
    )
      .bind(JSON.stringify(ids))
      .all<Posting>();
    return results.map(({ tx, dr, cr, amount }) => ({ tx: named(tx), dr: named(dr), cr: named(cr), amount }));
  };
  const example = documented("A worked example");
  expect(example).toHaveLength(11);
  expect(sorted(await posted("promo:g1", "purchase:cs_1", `hold:${session.id}:000`, `settle:${session.id}`))).toEqual(
    sorted(example),
  );
  const history = await env.DB.prepare("SELECT type, amount FROM wallet_entries WHERE wallet_id = ? ORDER BY seq")
    .bind(person.walletId)
    .all();
  expect(history.results).toEqual([
    { type: "promo", amount: 300 },
    { type: "purchase", amount: 1_000 },
    { type: "hold", amount: -500 },
    { type: "release", amount: 500 },
    { type: "consumption", amount: -350 },
  ]);

  const reversal = documented("Reversals");
  expect(reversal).toHaveLength(5);
  await reverseStatement(env.DB, {
    id: "r1",
    sessionId: session.id,
    tokens: 100,
    reason: "slow",
    at: Date.now(),
  }).run();
  expect(sorted(await posted("reversal:r1"))).toEqual(sorted(reversal));

  const slice = documented("Disputed slices");
  expect(slice).toHaveLength(11);
  const books = await aWallet([{ tokens: 50 }, { kind: "paid", tokens: 1_000, paidCents: 1_000 }]);
  const disputed = await aSession(books.walletId, 200, start);
  await settle(disputed, 60, start, { tokens: 40, dueAt: start + 1, meters: [] });
  await env.DB.prepare(
    "UPDATE slices SET status = 'closed', outcome = 'uncontested', charged_tokens = 20, charged_fee = 4, closed_at = ? WHERE session_id = ?",
  )
    .bind(start + 1, disputed)
    .run();
  const inBooks = (text: string) =>
    text
      .replaceAll(disputed, "s2")
      .replaceAll(books.lots[0]!, "g")
      .replaceAll(books.lots[1]!, "p")
      .replaceAll("provider:app", "provider:a1");
  const both = await posted(`settle:${disputed}`, `settle:${disputed}:slice`);
  expect(sorted(both.map((it) => ({ ...it, tx: inBooks(it.tx), dr: inBooks(it.dr), cr: inBooks(it.cr) })))).toEqual(
    sorted(slice),
  );
  expect(await historyOf(books.walletId)).toEqual([
    ["promo", 50],
    ["purchase", 1_000],
    ["hold", -200],
    ["release", 160],
    ["consumption", -60],
    ["release", 40],
    ["consumption", -20],
  ]);

  const stripe = documented("Stripe");
  expect(stripe).toHaveLength(2);
  const movement = { source: null, paymentId: null, currency: "usd", createdAt: Date.now() };
  await keepMovements(
    env.DB,
    [
      { ...movement, id: "txn_1", type: "charge", amountCents: 1_000, feeCents: 59, netCents: 941 },
      { ...movement, id: "txn_2", type: "payout", amountCents: -900, feeCents: 0, netCents: -900 },
    ],
    { through: Date.now(), now: Date.now() },
  );
  expect(sorted(await posted("stripe:txn_1", "stripe:txn_2"))).toEqual(sorted(stripe));
});
