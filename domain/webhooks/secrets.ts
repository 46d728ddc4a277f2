// Signing secrets at rest: sealed under DATA_KEY, opened and imported once an isolate.

import { BoundedMap } from "../bounded-map.ts";
import { seal, sealingKey, unseal } from "../seal.ts";
import { importSecret, type SigningKeys } from "./sign.ts";

/** An old secret signs beside the new one for this long after a rotation. */
export const SECRET_OVERLAP_MS = 24 * 60 * 60 * 1000;

const PURPOSE = "webhook-secret";
/** A sealed text never changes what it holds, so what it opened to may be kept as long as there is room. */
const opened = new BoundedMap<string, SigningKeys>(2_000);
let lastDataKey: { dataKey: string; key: CryptoKey } | null = null;

export const sealSecret = async (dataKey: string, secret: string): Promise<string> =>
  seal(await keyOf(dataKey), secret);

/** The signing keys of a sealed secret. @throws when it was sealed under another key, or changed. */
export async function signingKeysOf(dataKey: string, sealed: string): Promise<SigningKeys> {
  const known = opened.get(sealed);
  if (known) return known;
  const keys = await importSecret(await unseal(await keyOf(dataKey), sealed));
  opened.set(sealed, keys);
  return keys;
}

async function keyOf(dataKey: string): Promise<CryptoKey> {
  if (lastDataKey?.dataKey !== dataKey) lastDataKey = { dataKey, key: await sealingKey(dataKey, PURPOSE) };
  return lastDataKey.key;
}
