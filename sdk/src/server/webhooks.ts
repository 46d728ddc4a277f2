// Is this webhook from the marketplace? Both signatures it carries can be checked: Standard Webhooks 1.0.0
// (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md) and `X-Marketplace-Signature`.

import {
  MARKETPLACE_SIGNATURE_HEADER,
  WEBHOOK_HEADERS,
  WEBHOOK_TOLERANCE_SECONDS,
  type WebhookEvent,
} from "../protocol/webhooks.ts";
import { MarketplaceError, WebhookSignatureError } from "./errors.ts";

/** Fetch `Headers`, or the plain object Node and Express give. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;
/** One secret, or all active ones during a rotation. */
export type WebhookSecrets = string | readonly string[];

const SECRET_PREFIX = "whsec_";
const encoder = new TextEncoder();

/**
 * Check and parse a webhook. Takes the body as it came, byte for byte: parse nothing before.
 * The Standard Webhooks signature is checked where its headers are there, else `X-Marketplace-Signature`.
 *
 * @param now Milliseconds since the epoch.
 * @throws WebhookSignatureError when no signature is valid, or the time stamp is more than 300 s away.
 */
export async function verifyWebhook<Data = Record<string, unknown>>(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secrets: WebhookSecrets,
  now: number = Date.now(),
): Promise<WebhookEvent<Data>> {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const all = typeof secrets === "string" ? [secrets] : secrets;
  if (header(headers, WEBHOOK_HEADERS.signature) !== null) await checkStandard(text, headers, all, now);
  else await checkMarketplace(text, headers, all, now);
  try {
    return JSON.parse(text) as WebhookEvent<Data>;
  } catch {
    throw new WebhookSignatureError("body_not_json");
  }
}

/**
 * The headers of a real delivery, for the tests of your own handler and for `meterplace listen`.
 *
 * @param secret `whsec_...`
 * @param now Milliseconds since the epoch.
 */
export async function signWebhook(
  event: { id: string },
  body: string,
  secret: string,
  now: number = Date.now(),
): Promise<Record<string, string>> {
  const seconds = Math.floor(now / 1_000);
  const standardKey = bytesOfBase64(secret.slice(secret.startsWith(SECRET_PREFIX) ? SECRET_PREFIX.length : 0));
  if (!standardKey?.length)
    throw new MarketplaceError("configuration", "A signing secret is whsec_ and base64, as the marketplace gave it.");
  const [standard, marketplace] = await Promise.all([
    hmac(standardKey, `${event.id}.${seconds}.${body}`),
    hmac(Uint8Array.from(encoder.encode(secret)), `${seconds}.${body}`),
  ]);
  return {
    [WEBHOOK_HEADERS.id]: event.id,
    [WEBHOOK_HEADERS.timestamp]: String(seconds),
    [WEBHOOK_HEADERS.signature]: `v1,${btoa(String.fromCharCode(...standard))}`,
    [MARKETPLACE_SIGNATURE_HEADER]: `t=${seconds},v1=${Array.from(marketplace, (byte) => byte.toString(16).padStart(2, "0")).join("")}`,
  };
}

async function hmac(bytes: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
}

/** `webhook-signature`: space separated `v1,<base64 HMAC-SHA256 of "id.timestamp.body">`, one per active secret. */
async function checkStandard(body: string, headers: WebhookHeaders, secrets: readonly string[], now: number) {
  const id = header(headers, WEBHOOK_HEADERS.id);
  const timestamp = header(headers, WEBHOOK_HEADERS.timestamp);
  if (!id || !timestamp) throw new WebhookSignatureError("headers_missing");
  checkTime(timestamp, now);
  const signatures = (header(headers, WEBHOOK_HEADERS.signature) ?? "")
    .split(" ")
    .filter((entry) => entry.startsWith("v1,"))
    .map((entry) => bytesOfBase64(entry.slice(3)));
  const keys = secrets.map((secret) => bytesOfBase64(secret.startsWith(SECRET_PREFIX) ? secret.slice(6) : secret));
  await expectOne(keys, signatures, `${id}.${timestamp}.${body}`);
}

/** `t=<unix s>,v1=<hex HMAC-SHA256 of "t.body">` under the whole secret string, prefix included. */
async function checkMarketplace(body: string, headers: WebhookHeaders, secrets: readonly string[], now: number) {
  const value = header(headers, MARKETPLACE_SIGNATURE_HEADER);
  if (!value) throw new WebhookSignatureError("headers_missing");
  const pairs = value.split(",").map((pair) => pair.trim().split("=", 2) as [string, string?]);
  const timestamp = pairs.find(([name]) => name === "t")?.[1];
  if (!timestamp) throw new WebhookSignatureError("headers_missing");
  checkTime(timestamp, now);
  const signatures = pairs.filter(([name]) => name === "v1").map(([, hex]) => bytesOfHex(hex ?? ""));
  const keys = secrets.map((secret) => Uint8Array.from(encoder.encode(secret)));
  await expectOne(keys, signatures, `${timestamp}.${body}`);
}

function checkTime(timestamp: string, now: number): void {
  if (!/^\d+$/.test(timestamp)) throw new WebhookSignatureError("timestamp");
  const age = now / 1_000 - Number(timestamp);
  if (Math.abs(age) > WEBHOOK_TOLERANCE_SECONDS) throw new WebhookSignatureError(age > 0 ? "too_old" : "too_new");
}

/** WebCrypto compares in constant time. */
async function expectOne(
  keys: readonly (Uint8Array<ArrayBuffer> | null)[],
  signatures: readonly (Uint8Array<ArrayBuffer> | null)[],
  signed: string,
): Promise<void> {
  const message = encoder.encode(signed);
  for (const raw of keys) {
    if (!raw || raw.length === 0) continue;
    const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const signature of signatures)
      if (signature && (await crypto.subtle.verify("HMAC", key, signature, message))) return;
  }
  throw new WebhookSignatureError("no_match");
}

function header(headers: WebhookHeaders, name: string): string | null {
  if (headers instanceof Headers) return headers.get(name);
  const entry = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return (Array.isArray(entry) ? entry[0] : entry) ?? null;
}

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

function bytesOfHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^([0-9a-f]{2})+$/.test(text)) return null;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
