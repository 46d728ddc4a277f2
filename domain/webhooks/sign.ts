// The two signatures on every webhook: Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks) and the
// marketplace's own header. Both are HMAC-SHA256, one signature for each secret that is active.

import { MARKETPLACE_SIGNATURE_HEADER, WEBHOOK_HEADERS } from "../../sdk/src/protocol/webhooks.ts";
import { hex } from "../ids.ts";

const SECRET_PREFIX = "whsec_";
/** The standard asks for 24 to 64 bytes; a multiple of three leaves no base64 padding to lose when copying. */
const SECRET_BYTES = 36;
const encoder = new TextEncoder();

/** One secret as the two keys it stands for. Importing costs more than signing, so callers keep these. */
export interface SigningKeys {
  /** The bytes that the part behind `whsec_` encodes. */
  standard: CryptoKey;
  /** The whole text, `whsec_` included. */
  marketplace: CryptoKey;
}

/** A new signing secret, `whsec_` and base64. Shown to its owner once. */
export const newWebhookSecret = (): string =>
  SECRET_PREFIX + base64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));

export async function importSecret(secret: string): Promise<SigningKeys> {
  const bytes = Uint8Array.from(atob(secret.slice(SECRET_PREFIX.length)), (char) => char.charCodeAt(0));
  const [standard, marketplace] = await Promise.all([hmacKey(bytes), hmacKey(encoder.encode(secret))]);
  return { standard, marketplace };
}

/**
 * The headers that prove where a body comes from and when it was sent.
 *
 * @param keys The newest secret first; receivers accept a body when any signature fits.
 * @returns `webhook-id`, `webhook-timestamp`, `webhook-signature` ("v1,<base64>", space between several) and
 *   `x-marketplace-signature` ("t=<unix seconds>,v1=<hex>", one `v1` a secret, over "<t>.<body>").
 */
export async function signatureHeaders(
  message: { id: string; timestampSeconds: number; body: string },
  keys: readonly SigningKeys[],
): Promise<Record<string, string>> {
  const { id, timestampSeconds, body } = message;
  const standardText = encoder.encode(`${id}.${timestampSeconds}.${body}`);
  const marketplaceText = encoder.encode(`${timestampSeconds}.${body}`);
  const signatures = await Promise.all(
    keys.map((key) => Promise.all([hmac(key.standard, standardText), hmac(key.marketplace, marketplaceText)])),
  );
  return {
    [WEBHOOK_HEADERS.id]: id,
    [WEBHOOK_HEADERS.timestamp]: String(timestampSeconds),
    [WEBHOOK_HEADERS.signature]: signatures.map(([standard]) => `v1,${base64(standard)}`).join(" "),
    [MARKETPLACE_SIGNATURE_HEADER]: [
      `t=${timestampSeconds}`,
      ...signatures.map(([, marketplace]) => `v1=${hex(marketplace)}`),
    ].join(","),
  };
}

const hmacKey = (bytes: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

const hmac = async (key: CryptoKey, text: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.sign("HMAC", key, text));

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
