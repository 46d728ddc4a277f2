// The example of docs/accounting.md, posted.

import { env } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { newId } from "../../../domain/ids.ts";
import { issueStatement } from "../../../domain/ledger/store.ts";
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

it("posts what docs/accounting.md says", async () => {
  const person = await aPerson();
  const now = Date.now();
  const lot = { gift: newId(now), purchase: newId(now) };
  const issue = (kind: "promo" | "paid", lotId: string, tokens: number, at: number) =>
    issueStatement(env.DB, {
      id: `${kind}:${lotId}`,
      lotId,
      walletId: person.walletId,
      kind,
      tokens,
      paidCents: kind === "paid" ? tokens : 0,
      at,
    });
  await env.DB.batch([issue("promo", lot.gift, 300, now - 2), issue("paid", lot.purchase, 1_000, now - 1)]);
  const app = await anApp(500);
  const session = await started(person, app);
  await work(session, 42 * 60);
  await call("POST", `/v1/sessions/${session.id}/complete`, await freshToken(person));
  const { results } = await env.DB.prepare(
    "SELECT tx, dr, cr, amount FROM transfers WHERE tx IN (?, ?) ORDER BY tx, seq",
  )
    .bind(`hold:${session.id}:000`, `settle:${session.id}`)
    .all<{ tx: string; dr: string; cr: string; amount: number }>();
  const named = (text: string) =>
    text.replaceAll(session.id, "s1").replaceAll(lot.gift, "g").replaceAll(lot.purchase, "p").replaceAll(app.id, "a1");
  expect(results.map(({ tx, dr, cr, amount }) => [named(tx), named(dr), named(cr), amount]).sort()).toEqual(
    [
      ["hold:s1:000", "lot:g", "hold:s1:g", 300],
      ["hold:s1:000", "lot:p", "hold:s1:p", 200],
      ["settle:s1", "hold:s1:g", "spent", 300],
      ["settle:s1", "hold:s1:p", "spent", 50],
      ["settle:s1", "hold:s1:p", "lot:p", 150],
      ["settle:s1", "promo_expense", "revenue_fee", 300],
      ["settle:s1", "token_liability", "revenue_fee", 50],
      ["settle:s1", "revenue_fee", "provider:a1", 280],
    ].sort(),
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
});
