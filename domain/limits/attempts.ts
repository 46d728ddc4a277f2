// Attempts to sign in or to register, counted durably per address and per account. Every attempt is counted before the
// password is looked at, so that a hundred parallel guesses are a hundred; a right password gives the account's back.

import type { Millis } from "../clock.ts";
import { hex } from "../ids.ts";
import { emptyBucketStatement, readBucketStatement, takeStatement } from "./store.ts";
import { ATTEMPT_TIERS, type AttemptTier } from "./tiers.ts";
import { describe, type Verdict } from "./token-bucket.ts";

export interface AttemptEnv {
  DB: D1Database;
  AUTH_SECRET: string;
}
export interface Attempt {
  address: string;
  email: string;
}
export type AttemptVerdict = Verdict & { tier: AttemptTier };

/** Count one attempt. @returns A refusal if one of its buckets is empty, else what the emptiest one still allows. */
export async function countAttempt(env: AttemptEnv, attempt: Attempt, now: Millis): Promise<AttemptVerdict> {
  const keys = await bucketKeys(env, attempt);
  const near = await takeFrom(env.DB, keys, ["address", "accountFromAddress"], now);
  // The account's own bucket is asked last and alone: an address that is refused must not be able to empty it.
  return near.isAllowed ? tighter(near, await takeFrom(env.DB, keys, ["account"], now)) : near;
}

async function takeFrom(
  db: D1Database,
  keys: Record<AttemptTier, string>,
  tiers: readonly AttemptTier[],
  now: Millis,
): Promise<AttemptVerdict> {
  const statements = tiers.flatMap((tier) => [
    takeStatement(db, keys[tier], ATTEMPT_TIERS[tier], now),
    readBucketStatement(db, keys[tier]),
  ]);
  const answers = await db.batch<{ full_at: Millis }>(statements);
  return tiers
    .map((tier, index): AttemptVerdict => {
      const isAllowed = answers[2 * index]!.results.length === 1;
      const fullAt = answers[2 * index + 1]!.results[0]!.full_at;
      return { tier, isAllowed, ...describe(ATTEMPT_TIERS[tier], fullAt, now) };
    })
    .reduce(tighter);
}

/** The one that says more: a refusal before a permission, then the longer wait, then the fewer left. */
function tighter(a: AttemptVerdict, b: AttemptVerdict): AttemptVerdict {
  if (a.isAllowed !== b.isAllowed) return a.isAllowed ? b : a;
  if (a.retryAfterSeconds !== b.retryAfterSeconds) return a.retryAfterSeconds > b.retryAfterSeconds ? a : b;
  return a.remaining <= b.remaining ? a : b;
}

/** The password was right: what was counted against the account is forgotten. The address keeps its count, or a guesser
 * would clear it by signing in to an account of their own. */
export async function forgiveAttempts(env: AttemptEnv, attempt: Attempt): Promise<void> {
  const keys = await bucketKeys(env, attempt);
  await env.DB.batch([keys.account, keys.accountFromAddress].map((key) => emptyBucketStatement(env.DB, key)));
}

/** Keyed hashes: a stolen table tells neither e-mails nor addresses. */
async function bucketKeys(env: AttemptEnv, { address, email }: Attempt): Promise<Record<AttemptTier, string>> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(env.AUTH_SECRET), algorithm, false, ["sign"]);
  const hashOf = async (...parts: string[]) =>
    hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(`attempts:${JSON.stringify(parts)}`))));
  const [byAddress, byBoth, byAccount] = await Promise.all([
    hashOf("address", address),
    hashOf("both", address, email),
    hashOf("account", email),
  ]);
  return { address: byAddress, accountFromAddress: byBoth, account: byAccount };
}
