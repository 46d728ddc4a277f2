// The devices a person wants to be told on: adding one, seeing them, taking one away.

import { iso, type Millis } from "../clock.ts";
import { DomainError } from "../errors.ts";
import { isEncryptable, type PushAddress } from "../gateways/push.ts";
import { recordAnswer, type IdempotencyClaim } from "../idempotency.ts";
import { sha256Hex } from "../ids.ts";
import { seal, sealingKey, unseal } from "../seal.ts";
import { assertUrlAllowed } from "../webhooks/url-policy.ts";
import {
  deleteDevice,
  dropOldDevices,
  dropPushesOfOthers,
  readDevices,
  upsertDevice,
  type DeviceRow,
} from "./store.ts";

/** Of one person; the one added first goes when one more comes. */
export const PUSH_DEVICES_MAX = 10;
export const LABEL_MAX = 60;
export const PUSH_LANGUAGES = ["en", "de"] as const;
const ID_LENGTH = 32;
const PURPOSE = "push-devices";

export interface PushDevice {
  id: string;
  /** What the person knows it by, e.g. "Firefox on Android". */
  label: string;
  language: string;
  createdAt: string;
}

export interface PushEnv {
  DB: D1Database;
  DATA_KEY: string;
  ENVIRONMENT: "local" | "production";
}

/** Newest first. */
export const listDevices = async (db: D1Database, userId: string): Promise<PushDevice[]> =>
  (await readDevices(db, userId)).map(viewOf);

/** A device's id, which its browser can work out as well: the first 32 hex digits of the SHA-256 of its endpoint. */
export const deviceIdOf = async (endpoint: string): Promise<string> => (await sha256Hex(endpoint)).slice(0, ID_LENGTH);

/**
 * Tell this person on this device too, as long as this sign-in lives. The same device again changes its label and language.
 * @throws DomainError `url_not_allowed`, `invalid_request` for keys nothing can be encrypted for.
 */
export async function addDevice(
  env: PushEnv,
  it: { userId: string; signInId: string; address: PushAddress; label: string; language: string },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ device: PushDevice }> {
  const { userId, signInId, address, label, language } = it;
  assertUrlAllowed(address.endpoint, { environment: env.ENVIRONMENT, purpose: "push" });
  if (!(await isEncryptable(address)))
    throw new DomainError("invalid_request", "keys: these are not the keys of a push subscription.", {
      errors: [{ field: "keys", message: "are not the keys of a push subscription" }],
    });
  const id = await deviceIdOf(address.endpoint);
  const known = (await readDevices(env.DB, userId)).find((device) => device.id === id);
  const device = viewOf({ id, label, language, createdAt: known?.createdAt ?? now });
  const sealed = await seal(await sealingKey(env.DATA_KEY, PURPOSE), JSON.stringify(address));
  await env.DB.batch([
    dropPushesOfOthers(env.DB, id, userId),
    upsertDevice(env.DB, { id, userId, signInId, sealed, label, language }, now),
    dropOldDevices(env.DB, userId, PUSH_DEVICES_MAX),
    ...(await recordAnswer(env.DB, claim, { status: 200, body: { device } }, now)),
  ]);
  return { device };
}

/** Taking away what is not there changes nothing. */
export async function removeDevice(
  db: D1Database,
  it: { userId: string; id: string },
  claim: IdempotencyClaim | null,
  now: Millis,
): Promise<{ removed: true }> {
  const body = { removed: true } as const;
  await db.batch([deleteDevice(db, it.userId, it.id), ...(await recordAnswer(db, claim, { status: 200, body }, now))]);
  return body;
}

/** @returns null when it was sealed under another key, or is no address we may call (any more). */
export async function openAddress(
  { dataKey, environment }: { dataKey: string; environment: PushEnv["ENVIRONMENT"] },
  sealed: string,
): Promise<PushAddress | null> {
  try {
    const address = JSON.parse(await unseal(await sealingKey(dataKey, PURPOSE), sealed)) as PushAddress;
    assertUrlAllowed(address.endpoint, { environment, purpose: "push" });
    return address;
  } catch {
    return null;
  }
}

const viewOf = ({ createdAt, ...device }: DeviceRow): PushDevice => ({ ...device, createdAt: iso(createdAt) });
