// Signing a quote for a price that your own server sets: the person sees the cap before the start, the marketplace holds it,
// and refuses every report beyond it.

import { QUOTE_SECONDS_MAX, QUOTE_TOKEN_TYPE, type ProviderQuoteClaims } from "../protocol/quote.ts";
import { MarketplaceError } from "./errors.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

export interface QuoteKey {
  /** Keep it on your server. */
  privateKey: JsonWebKey;
  /** Register it: `PUT /v1/provider/apps/:id/quote-key {"jwk": ...}`. */
  publicKey: JsonWebKey;
}

/** A new key pair, once per app. */
export async function createQuoteKey(): Promise<QuoteKey> {
  // Some runtimes type every kind of key alike; this kind is a pair, and its JWK is an object.
  const pair = (await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as CryptoKeyPair;
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.exportKey("jwk", pair.privateKey),
    crypto.subtle.exportKey("jwk", pair.publicKey),
  ]);
  return { privateKey: privateKey as JsonWebKey, publicKey: publicKey as JsonWebKey };
}

export interface QuoteRequest {
  providerId: string;
  /** The marketplace's origin. */
  marketplace: string;
  /** Default "token". */
  meter?: string;
  /** The most that may be reported, e.g. "120" or "0.5". */
  cap: string;
  /** Default: a random one. */
  quoteId?: string;
  /** Pairwise id of the person it is for. */
  userId?: string;
  description?: string;
  /** Default 900, at most a day. */
  validSeconds?: number;
  /** Milliseconds; default the clock's. */
  now?: number;
}

/**
 * Sign a quote. Give it to the person as `quote` on the app's page, or as `providerQuote` when the session is made.
 * @throws MarketplaceError `configuration` for a cap that is no decimal or a validity above a day.
 */
export async function signQuote(privateKey: JsonWebKey, request: QuoteRequest): Promise<string> {
  const { validSeconds = 900, now = Date.now() } = request;
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(request.cap)) throw refused("cap must be a decimal with at most six decimals");
  if (!(validSeconds > 0 && validSeconds <= QUOTE_SECONDS_MAX)) throw refused("a quote is valid for a day at most");
  const issuedAt = Math.floor(now / 1000);
  const claims: ProviderQuoteClaims = {
    iss: request.providerId,
    aud: new URL(request.marketplace).origin,
    jti: request.quoteId ?? crypto.randomUUID(),
    iat: issuedAt,
    exp: issuedAt + Math.floor(validSeconds),
    ...(request.userId !== undefined && { sub: request.userId }),
    meter: request.meter ?? "token",
    cap: request.cap,
    ...(request.description !== undefined && { description: request.description }),
  };
  const signed = `${encoded({ alg: "ES256", typ: QUOTE_TOKEN_TYPE })}.${encoded(claims)}`;
  const key = await crypto.subtle.importKey("jwk", privateKey, ALGORITHM, false, ["sign"]);
  const bytes = new TextEncoder().encode(signed);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, bytes);
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

const refused = (message: string): MarketplaceError => new MarketplaceError("configuration", `signQuote: ${message}.`);

const encoded = (value: unknown): string => base64url(new TextEncoder().encode(JSON.stringify(value)));

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
