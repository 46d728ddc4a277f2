// Sealing small secrets at rest with AES-256-GCM (NIST SP 800-38D): a fresh 96-bit nonce a message, kept in front.

const encoder = new TextEncoder();
const NONCE_BYTES = 12;

/** An AES key derived from a secret string (HKDF-SHA256, RFC 5869); `purpose` separates uses of one secret. */
export async function sealingKey(secret: string, purpose: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(purpose) },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

export async function seal(key: CryptoKey, text: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, encoder.encode(text)));
  const all = new Uint8Array(NONCE_BYTES + sealed.length);
  all.set(nonce);
  all.set(sealed, NONCE_BYTES);
  return btoa(String.fromCharCode(...all));
}

/** @throws when the text was not sealed under this key, or was changed. */
export async function unseal(key: CryptoKey, sealed: string): Promise<string> {
  const all = Uint8Array.from(atob(sealed), (char) => char.charCodeAt(0));
  const opened = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: all.slice(0, NONCE_BYTES) },
    key,
    all.slice(NONCE_BYTES),
  );
  return new TextDecoder().decode(opened);
}
