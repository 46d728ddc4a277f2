// Providers with something to be paid: settlements put straight into the books, accounts made ready at the stand-in, and
// the ways a payout can be cut short.

import { env } from "cloudflare:test";
import { vi } from "vitest";
import { newId } from "../../domain/ids.ts";
import { reverseStatement } from "../../domain/ledger/store.ts";
import { splitFee } from "../../domain/money.ts";
import { findAccountOf } from "../../domain/payouts/account-store.ts";
import { beginOnboarding } from "../../domain/payouts/connect-account.ts";
import { aPerson, anApp, type Person, type TestApp } from "./market.ts";
import type { TestStripe } from "./stripe.ts";

export const DAY = 24 * 60 * 60 * 1000;
const FEE_BASIS_POINTS = 2_000;

/** A settled session of `tokens` at `at`: its row, which takes the hold, and its closing, which settles. @returns its id. */
export async function earn(app: Pick<TestApp, "id">, tokens: number, at: number, payable = true): Promise<string> {
  const { walletId, userId } = await spender();
  const id = newId(at);
  const { feeTokens } = splitFee(tokens, FEE_BASIS_POINTS);
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO sessions (id, mode, user_id, wallet_id, subject, provider_id, provider_name, app_url, price_version_id,
         components, fee_basis_points, payable, status, duration_seconds, held_tokens, caps, state, jti, launch_deadline,
         created_at, started_at)
       SELECT ?1, 'live', ?2, ?3, ?1, id, name, app_url, price_version_id, '[]', ${FEE_BASIS_POINTS}, ?5, 'active', 3600, ?6, '{}',
         ?1, ?1, ?7, ?7, ?7 FROM providers WHERE id = ?4`,
    ).bind(id, userId, walletId, app.id, payable ? 1 : 0, tokens, at),
    env.DB.prepare(
      `INSERT INTO closings (session_id, status, end_reason, ended_at, active_seconds, reports, used_tokens, fee_tokens,
         token_cents, lines, at) VALUES (?1, 'completed', 'user_ended', ?2, 3600, 0, ?3, ?4, 1, '[]', ?2)`,
    ).bind(id, at, tokens, feeTokens),
  ]);
  const settled = await env.DB.prepare("SELECT 1 FROM settlements WHERE session_id = ?").bind(id).first();
  if (!settled) throw new Error("the session was not settled");
  return id;
}

// Files share an isolate and not their storage, so the wallet of a file before is gone.
let known: Person | null = null;
async function spender(): Promise<Person> {
  const isThere = known && (await env.DB.prepare("SELECT 1 FROM wallets WHERE id = ?").bind(known.walletId).first());
  known = isThere ? known : await aPerson(1_000_000_000);
  return known!;
}

/** Give tokens of a settled session back, as a complaint does. */
export const takeBack = (sessionId: string, tokens: number, at: number): Promise<unknown> =>
  reverseStatement(env.DB, { id: newId(at), sessionId, tokens, reason: "a complaint", at }).run();

export interface PaidApp extends TestApp {
  accountId: string;
}

/** An app whose owner has been through onboarding. */
export async function aPaidApp(stripe: TestStripe): Promise<PaidApp> {
  const app = await anApp();
  await beginOnboarding(env, { userId: app.ownerUserId, country: "US" }, Date.now());
  const accountId = (await findAccountOf(env.DB, app.ownerUserId))!.stripeAccountId!;
  await stripe.dev(`/accounts/${accountId}/stage`, { stage: "complete" });
  await stripe.deliver();
  return { ...app, accountId };
}

/** What Stripe really moved to an account, less what came back. */
export const movedTo = (stripe: TestStripe, accountId: string): number =>
  stripe.world.state
    .all("transfer")
    .filter(({ destination }) => destination === accountId)
    .reduce((sum, { amount, amount_reversed }) => sum + amount - amount_reversed, 0);

/** How the next question for a transfer goes wrong. `lost` and `broken_after` move the money and answer otherwise. */
export type TransferFault = "lost" | "busy" | "broken" | "broken_after";

/** Plans one fault at a time, in front of the stand-in (`installStripe` comes first). Answers that stripe-node does not ask again for: no test waits. */
export function faultyTransfers(): { next: TransferFault | null } {
  const plan: { next: TransferFault | null } = { next: null };
  const spied = vi.mocked(globalThis.fetch);
  const standin = spied.getMockImplementation()!;
  spied.mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const fault = request.method === "POST" && new URL(request.url).pathname === "/v1/transfers" ? plan.next : null;
    if (!fault) return standin(request);
    plan.next = null;
    if (fault === "lost" || fault === "broken_after") await standin(request);
    const isBusy = fault === "lost" || fault === "busy";
    return Response.json(
      { error: { type: isBusy ? "invalid_request_error" : "api_error", message: "planned" } },
      { status: isBusy ? 429 : 500, headers: { "stripe-should-retry": "false" } },
    );
  });
  return plan;
}

/** Thrown where the Worker would have died. */
export class Crash extends Error {}

/** D1 that dies at its call number `at` (from 1), before or after doing it. */
export function dyingDb(db: D1Database, at: number, when: "before" | "after"): D1Database {
  let calls = 0;
  const originals = new WeakMap<object, D1PreparedStatement>();
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls === at && when === "before") throw new Crash();
    const answer = await call();
    if (calls === at) throw new Crash();
    return answer;
  };
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = {
      bind: (...values: unknown[]) => wrap(statement.bind(...values)),
      run: () => through(() => statement.run()),
      all: () => through(() => statement.all()),
      first: () => through(() => statement.first()),
    } as unknown as D1PreparedStatement;
    originals.set(wrapped, statement);
    return wrapped;
  };
  return {
    prepare: (sql: string) => wrap(db.prepare(sql)),
    batch: (statements: D1PreparedStatement[]) =>
      through(() => db.batch(statements.map((statement) => originals.get(statement) ?? statement))),
  } as unknown as D1Database;
}
