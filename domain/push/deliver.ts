// Sends what devices are to be told. Runs after every run of the webhook deliverer and every minute; may die at any point:
// leases run out, and a message that comes twice replaces itself on the device.

import type { Millis } from "../clock.ts";
import { PUSH_TIMEOUT_MS, sendPush, type PushKeys, type PushOutcome } from "../gateways/push.ts";
import { newId } from "../ids.ts";
import { openAddress } from "./devices.ts";
import { claimPushes, settlePushes, type ClaimedPush, type SettledPush } from "./due-store.ts";
import { messageOf, topicOf } from "./message.ts";

/** Taken at once, and of these on their way together: an invocation has six connections. */
const CLAIMS_MAX = 20;
const SENDS_AT_ONCE = 5;
/** Enough for every claim to run into its timeout, and half as much again. */
const LEASE_MS = 1.5 * PUSH_TIMEOUT_MS * (CLAIMS_MAX / SENDS_AT_ONCE);
const RETRY_FIRST_MS = 15_000;
const RETRY_MAX_MS = 15 * 60_000;

export interface PushDelivery {
  db: D1Database;
  dataKey: string;
  environment: "local" | "production";
  keys: PushKeys;
  send: typeof fetch;
  clock: () => Millis;
  /** Hears of answers nobody expected, by their status. */
  complain: (status: number) => void;
}

/**
 * Send what is due, at most `CLAIMS_MAX`. Safe to run any number of times at once.
 * @returns whether there may be more.
 * @throws when D1 does not answer, or no message can be made with our keys. What was not noted is then sent again, after its lease.
 */
export async function deliverPushes(it: PushDelivery): Promise<{ isMore: boolean }> {
  const now = it.clock();
  const lease = newId(now);
  const claims = await claimPushes(it.db, { lease, leaseUntil: now + LEASE_MS, max: CLAIMS_MAX, now });
  if (claims.length === 0) return { isMore: false };
  const settled: SettledPush[] = [];
  const waiting = [...claims];
  const sender = async () => {
    for (let claim = waiting.shift(); claim; claim = waiting.shift()) settled.push(await sendOne(it, claim));
  };
  await Promise.all(Array.from({ length: SENDS_AT_ONCE }, sender));
  await settlePushes(it.db, lease, settled);
  return { isMore: claims.length === CLAIMS_MAX };
}

async function sendOne(it: PushDelivery, claim: ClaimedPush): Promise<SettledPush> {
  const { id, deviceId } = claim;
  const now = it.clock();
  const message = claim.isOld ? null : messageOf(claim, claim.language, now);
  if (!message) return { id, deviceId, dueAt: null, isDeviceGone: false };
  const address = await openAddress(it, claim.sealed);
  if (!address) return { id, deviceId, dueAt: null, isDeviceGone: true };
  const options = {
    ttlSeconds: (claim.endsAt - now) / 1000,
    isUrgent: message.kind === "session_expiring",
    topic: topicOf(message),
  };
  const outcome = await sendPush(it.send, it.keys, address, { data: message, options }, now);
  if (outcome.kind === "refused") it.complain(outcome.status);
  return { id, deviceId, dueAt: retryAt(outcome, claim, it.clock()), isDeviceGone: outcome.kind === "gone" };
}

/** Twice as long every time; never when it would be no news by then. */
function retryAt(outcome: PushOutcome, claim: ClaimedPush, now: Millis): Millis | null {
  if (outcome.kind !== "later") return null;
  const pause = outcome.retryAfterMs ?? Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (claim.attempts - 1));
  return now + pause < claim.endsAt ? now + pause : null;
}
