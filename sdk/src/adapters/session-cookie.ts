// The app's own cookie for a visitor with a session: sealed with AES-256-GCM, so that the app's server needs no store and
// the page's scripts can neither read nor change it. Web APIs only.

/** What the app remembers of a visitor. */
export interface Visitor {
  sessionId: string;
  /** The person, the same at every visit; another one at every other app. */
  userId: string;
  /** The page beats with it. */
  sessionToken: string;
  /** Where the person goes at the end: the marketplace's own address, checked. */
  returnUrl: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** A shorter one could be guessed. */
export const COOKIE_SECRET_MIN_LENGTH = 32;
const IV_BYTES = 12;
const VERSION = "v1";
const encoder = new TextEncoder();

export interface CookieSeal {
  seal(visitor: Visitor): Promise<string>;
  /** Null for what was not sealed here, was changed, or is too old. */
  open(value: string, now: number): Promise<Visitor | null>;
}

/**
 * @param secrets The newest first: it seals, all open, so that a secret can be changed without signing anyone out.
 * @param purpose Bound into the seal: another app's cookie does not open, even under the same secret.
 */
export function cookieSeal(secrets: readonly string[], purpose: string): CookieSeal {
  if (secrets.length === 0 || secrets.some((secret) => secret.length < COOKIE_SECRET_MIN_LENGTH))
    throw new TypeError(
      `cookieSecret needs at least ${COOKIE_SECRET_MIN_LENGTH} characters; keep it as you keep a key.`,
    );
  let derived: Promise<CryptoKey[]> | null = null;
  const keys = () => (derived ??= Promise.all(secrets.map(keyOf)));
  const algorithm = (iv: Uint8Array<ArrayBuffer>) => ({ name: "AES-GCM", iv, additionalData: encoder.encode(purpose) });

  return {
    async seal(visitor) {
      const [key] = await keys();
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const sealed = await crypto.subtle.encrypt(algorithm(iv), key!, encoder.encode(JSON.stringify(visitor)));
      return [VERSION, base64url(iv), base64url(new Uint8Array(sealed))].join(".");
    },
    async open(value, now) {
      const [version, iv, sealed] = value.split(".");
      if (version !== VERSION || !iv || !sealed) return null;
      for (const key of await keys()) {
        try {
          const text = await crypto.subtle.decrypt(algorithm(bytesOf(iv)), key, bytesOf(sealed));
          const visitor = JSON.parse(new TextDecoder().decode(text)) as Visitor;
          return visitor.expiresAt > now ? visitor : null;
        } catch {
          // Sealed under another secret, or not by us: the next one decides.
        }
      }
      return null;
    },
  };
}

async function keyOf(secret: string): Promise<CryptoKey> {
  const raw = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const derivation = {
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(),
    info: encoder.encode("meterplace session cookie"),
  };
  return crypto.subtle.deriveKey(derivation, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
