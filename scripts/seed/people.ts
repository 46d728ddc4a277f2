// The people a fresh clone knows: one to try it, one who owns the apps, one who runs the place. Made through the same
// functions as everybody else, each step repeatable, so that a seed cut short is finished by the next start.

import type { Millis } from "../../domain/clock.ts";
import { register, type IdentityEnv } from "../../domain/identity/sign-in.ts";
import { findUserIdByEmail, personStatement, setRole, type PersonRow } from "../../domain/identity/store.ts";
import { newId } from "../../domain/ids.ts";
import { isAlreadyPosted, issueStatement } from "../../domain/ledger/store.ts";

interface SeededPerson {
  email: string;
  name: string;
  who: string;
  tokens?: number;
  isOperator?: true;
}

/** Only ever on a local stack; printed at every start. */
export const SEED_PASSWORD = "testpassword123";
export const SEEDED_PEOPLE = {
  user: { email: "test@marketplace.com", name: "Test User", who: "has 10,000 tokens to spend", tokens: 10_000 },
  owner: { email: "provider@marketplace.com", name: "Demo Provider", who: "owns the apps of the catalogue" },
  operator: { email: "operator@marketplace.com", name: "Operator", who: "runs the marketplace", isOperator: true },
} as const satisfies Record<string, SeededPerson>;

/** @returns The user id of each seeded person. */
export async function seedPeople(env: IdentityEnv, now: Millis): Promise<Record<keyof typeof SEEDED_PEOPLE, string>> {
  const { user, owner, operator } = SEEDED_PEOPLE;
  return {
    user: await seedPerson(env, user, now),
    owner: await seedPerson(env, owner, now),
    operator: await seedPerson(env, operator, now),
  };
}

async function seedPerson(env: IdentityEnv, it: SeededPerson, now: Millis): Promise<string> {
  const known = await findUserIdByEmail(env.DB, it.email);
  const userId = known ?? (await register(env, { ...it, password: SEED_PASSWORD }, now)).person.id;
  if (it.isOperator) await setRole(env.DB, userId, "operator", now).run();
  if (it.tokens) await giveTokens(env.DB, userId, it.tokens, now);
  return userId;
}

/** As if bought at list price and paid to our bank: the stand-in knows of no such payment, and the books say so. */
async function giveTokens(db: D1Database, userId: string, tokens: number, now: Millis): Promise<void> {
  const person = await personStatement(db, userId).first<PersonRow>();
  if (!person) return;
  const issuance = { id: `purchase:seed-${userId}`, lotId: newId(now), walletId: person.wallet_id, at: now };
  try {
    await issueStatement(db, { ...issuance, kind: "paid", tokens, paidCents: tokens, receivedIn: "bank" }).run();
  } catch (error) {
    if (!isAlreadyPosted(error)) throw error;
  }
}
