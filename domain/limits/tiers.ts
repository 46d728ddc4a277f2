// How much each kind of caller may do. One literal table; docs/decisions/0007-rate-limits.md says why these numbers.

import type { Bucket } from "./token-bucket.ts";

const SECOND = 1_000;

/** Ordinary requests: counted in each isolate's memory, per caller. */
export const REQUEST_TIERS = {
  /** Without a credential, by address. */
  anonymous: { capacity: 240, intervalMs: 250 },
  user: { capacity: 300, intervalMs: 200 },
  operator: { capacity: 600, intervalMs: 50 },
  /** A provider's page in one session: a beat every 30 s and what the person does. */
  page: { capacity: 60, intervalMs: 500 },
  providerLive: { capacity: 2_000, intervalMs: 10 },
  providerTest: { capacity: 200, intervalMs: 100 },
  /** Messages to the discovery chat, on top of the caller's own tier: each is a search, and may be a model's work. */
  chat: { capacity: 30, intervalMs: 2 * SECOND },
} as const satisfies Record<string, Bucket>;
export type RequestTier = keyof typeof REQUEST_TIERS;

/** Attempts to sign in or to register: kept in D1, because a guesser must not get a fresh count from every isolate. */
export const ATTEMPT_TIERS = {
  /** One address, all accounts. An office shares an address, so this is generous. */
  address: { capacity: 60, intervalMs: 6 * SECOND },
  /** One account from one address: what a person mistyping needs. */
  accountFromAddress: { capacity: 10, intervalMs: 60 * SECOND },
  /** One account from everywhere: 100 guesses an hour at most, however many addresses guess (OWASP ASVS 4.0.3, 2.2.1). A single
   * address cannot empty it, so it cannot lock the owner out. */
  account: { capacity: 100, intervalMs: 36 * SECOND },
} as const satisfies Record<string, Bucket>;
export type AttemptTier = keyof typeof ATTEMPT_TIERS;
