// Token buckets in front of every caller: 429 with `Retry-After`, `RateLimit` and `RateLimit-Policy`
// (draft-ietf-httpapi-ratelimit-headers-10). Ordinary requests are counted in this isolate's memory, so a caller spread
// over many isolates gets a little more; attempts to sign in are counted in D1 (docs/decisions/0007-rate-limits.md).

import type { Context } from "hono";
import { BoundedMap } from "../../domain/bounded-map.ts";
import type { Millis } from "../../domain/clock.ts";
import { DomainError } from "../../domain/errors.ts";
import { countAttempt, forgiveAttempts } from "../../domain/limits/attempts.ts";
import { ATTEMPT_TIERS, REQUEST_TIERS, type RequestTier } from "../../domain/limits/tiers.ts";
import { take, type AskedBucket } from "../../domain/limits/token-bucket.ts";
import type { AppEnv } from "../http.ts";
import { areLimitsOff } from "../env.ts";

/** Callers remembered per isolate; the one unseen for longest is forgotten first, and its bucket is the fullest. */
const CALLERS_MAX = 50_000;
const fullAtByCaller = new BoundedMap<string, Millis>(CALLERS_MAX);

/** Count an ordinary request of one caller. @throws DomainError `rate_limited`. */
export function limitRequest(c: Context<AppEnv>, tier: RequestTier, caller: string): void {
  if (areLimitsOff(c.env)) return;
  const key = `${tier}:${caller}`;
  const verdict = take(REQUEST_TIERS[tier], fullAtByCaller.get(key), c.get("now"));
  if (verdict.isAllowed) fullAtByCaller.set(key, verdict.fullAt);
  enforce(c, { name: tier, bucket: REQUEST_TIERS[tier], verdict });
}

/** Count an ordinary request of nobody known, by where it comes from. @throws DomainError `rate_limited`. */
export const limitAnonymous = (c: Context<AppEnv>): void => limitRequest(c, "anonymous", addressOf(c));

/** Count an attempt to sign in or to register. @throws DomainError `rate_limited`. */
export async function limitAttempt(c: Context<AppEnv>, email: string): Promise<void> {
  if (areLimitsOff(c.env)) return;
  const verdict = await countAttempt(c.env, { address: addressOf(c), email }, c.get("now"));
  enforce(c, { name: verdict.tier, bucket: ATTEMPT_TIERS[verdict.tier], verdict });
}

/** The attempt succeeded: the account's count starts anew. */
export async function forgiveAttempt(c: Context<AppEnv>, email: string): Promise<void> {
  if (!areLimitsOff(c.env)) await forgiveAttempts(c.env, { address: addressOf(c), email });
}

/** Where the caller is: an IPv4 address, or the /64 network of an IPv6 one, because a household owns all of it. Only
 * Cloudflare can set this header; a client's own is replaced. */
export function addressOf(c: Context<AppEnv>): string {
  const address = c.req.header("CF-Connecting-IP") ?? "local";
  return address.includes(":") ? networkOf(address) : address;
}

/** The headers of whichever bucket was asked, on good answers and refusals alike; none where nothing was counted. */
export function addRateLimitHeaders(headers: Headers, asked: AskedBucket | undefined): void {
  if (!asked) return;
  const { name, bucket, verdict } = asked;
  const windowSeconds = Math.ceil((bucket.capacity * bucket.intervalMs) / 1000);
  headers.set("RateLimit-Policy", `"${name}";q=${bucket.capacity};w=${windowSeconds}`);
  headers.set("RateLimit", `"${name}";r=${verdict.remaining};t=${verdict.retryAfterSeconds}`);
}

function enforce(c: Context<AppEnv>, asked: AskedBucket): void {
  c.set("rateLimit", asked);
  const { isAllowed, retryAfterSeconds } = asked.verdict;
  if (isAllowed) return;
  throw new DomainError("rate_limited", `Too many requests. Try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}

function networkOf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
