// Signed-in people for tests of the Worker, made straight in D1: a password hash costs 160 ms, and only the tests of
// signing in need one.

import { env } from "cloudflare:test";
import { wallClock } from "../../domain/clock.ts";
import { issueAccessToken, type UserRole } from "../../domain/identity/access-token.ts";
import { newId } from "../../domain/ids.ts";
import { issueStatement } from "../../domain/ledger/store.ts";

export interface TestPerson {
  userId: string;
  walletId: string;
  signInId: string;
  email: string;
  token: string;
  /** `{ Authorization: "Bearer ..." }` */
  headers: { Authorization: string };
}

/** A new person with `tokens` paid tokens, and a valid access token. */
export async function newPerson(it: { tokens?: number; role?: UserRole } = {}): Promise<TestPerson> {
  const now = wallClock();
  const { tokens = 0, role = "user" } = it;
  const userId = newId(now);
  const walletId = newId(now);
  const signInId = newId(now);
  const email = `${userId}@example.com`;
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO users (id, email, role, wallet_id, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
    ).bind(userId, email, role, walletId, now),
    env.DB.prepare(
      "INSERT INTO sign_ins (id, user_id, token, expires_at, created_at, updated_at) VALUES (?1, ?2, ?1, ?3, ?4, ?4)",
    ).bind(signInId, userId, now + 24 * 60 * 60 * 1000, now),
    ...(tokens > 0
      ? [
          issueStatement(env.DB, {
            id: `purchase:${newId(now)}`,
            lotId: newId(now),
            walletId,
            kind: "paid",
            tokens,
            paidCents: tokens,
            at: now,
          }),
        ]
      : []),
  ]);
  const token = await issueAccessToken(env, { userId, walletId, signInId, role }, now);
  return { userId, walletId, signInId, email, token, headers: { Authorization: `Bearer ${token}` } };
}
