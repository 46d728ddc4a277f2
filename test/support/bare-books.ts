// The books alone: wallets, and sessions as far as the books know them, without the Worker around. For tests of what the
// ledger's triggers do.

import { env } from "cloudflare:test";
import { newId } from "../../domain/ids.ts";
import { createWalletStatement, issueStatement, type Issuance } from "../../domain/ledger/store.ts";
import { splitFee } from "../../domain/money.ts";

const { DB } = env;
export const start = Date.UTC(2030, 0, 1);
const FEE_BASIS_POINTS = 2_000;

/** A wallet with these lots; promotional ones of 100 tokens where nothing is said. */
export async function aWallet(lots: Partial<Issuance>[]): Promise<{ walletId: string; lots: string[] }> {
  const walletId = newId(start);
  const ids = lots.map(() => newId(start));
  await DB.batch([
    createWalletStatement(DB, walletId, start),
    ...lots.map((lot, index) =>
      issueStatement(DB, {
        id: `test:${ids[index]}`,
        lotId: ids[index]!,
        walletId,
        kind: "promo",
        tokens: 100,
        paidCents: lot.kind === "paid" ? (lot.tokens ?? 100) : 0,
        at: start,
        ...lot,
      }),
    ),
  ]);
  return { walletId, lots: ids };
}

/** A session as far as the books know one: its row, whose trigger holds. */
export async function aSession(walletId: string, tokens: number, at: number): Promise<string> {
  const id = newId(at);
  await DB.batch([
    DB.prepare(
      `INSERT OR IGNORE INTO providers (id, owner_user_id, name, description, category, app_url, app_origin, logo_url, status,
         review, price_version_id, created_at, updated_at)
       VALUES ('app', 'owner', 'App', 'An app.', 'writing', 'https://app.example.com', 'https://app.example.com', '', 'active',
         'approved', 'price', 0, 0)`,
    ),
    DB.prepare(
      `INSERT OR IGNORE INTO price_versions (id, provider_id, components, fee_basis_points, created_at, effective_at)
       VALUES ('price', 'app', '[]', ${FEE_BASIS_POINTS}, 0, 0)`,
    ),
    DB.prepare(
      `INSERT INTO sessions (id, mode, user_id, wallet_id, subject, provider_id, provider_name, app_url, price_version_id,
         components, fee_basis_points, payable, status, duration_seconds, held_tokens, caps, state, jti, launch_deadline,
         created_at, started_at)
       VALUES (?1, 'live', 'user', ?2, 'subject', 'app', 'App', 'https://app.example.com', 'price', '[]', 2000, 1, 'active',
         3600, ?3, '{}', '', ?1, 0, ?4, ?4)`,
    ).bind(id, walletId, tokens, at),
  ]);
  return id;
}
export const settle = (
  sessionId: string,
  usedTokens: number,
  at: number,
  slice: { tokens: number; dueAt: number; meters: unknown[] } | null = null,
) =>
  DB.prepare(
    `INSERT INTO closings (session_id, status, end_reason, ended_at, active_seconds, reports, used_tokens, fee_tokens,
       token_cents, lines, slice, at) VALUES (?1, 'completed', 'user_ended', ?3, 60, 0, ?2, ?4, 1, '[]', ?5, ?3)`,
  )
    .bind(sessionId, usedTokens, at, splitFee(usedTokens, FEE_BASIS_POINTS).feeTokens, slice && JSON.stringify(slice))
    .run();
export const drawsOf = async (sessionId: string) =>
  (
    await DB.prepare("SELECT lot_id AS lot, tokens FROM hold_draws WHERE session_id = ? ORDER BY hold_id, position")
      .bind(sessionId)
      .all<{ lot: string; tokens: number }>()
  ).results;
export const historyOf = async (walletId: string) =>
  (
    await DB.prepare("SELECT type, amount FROM wallet_entries WHERE wallet_id = ? ORDER BY seq")
      .bind(walletId)
      .all<{ type: string; amount: number }>()
  ).results.map(({ type, amount }) => [type, amount]);
