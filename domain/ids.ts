// Identifiers: UUIDv7 (RFC 9562 section 5.7), time-ordered so that rows written together lie together, and secrets.

import type { Millis } from "./clock.ts";

/**
 * A new id whose first 48 bits are `now`; the other random ones are those of a UUIDv4, which the platform writes as text far
 * cheaper than we can.
 */
export const newId = (now: Millis): string => `${timeOf(now)}-7${crypto.randomUUID().slice(15)}`;

/** The one id of what happened at `now` because of `cause`, an id: a second try of it in the same moment has the same. */
export const idBecauseOf = (cause: string, now: Millis): string => `${timeOf(now)}-7${cause.slice(15)}`;

function timeOf(now: Millis): string {
  const time = now.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const isId = (text: string): boolean => UUID.test(text);

export const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

export const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** An unguessable secret of `byteCount` random bytes, URL-safe. */
export const randomSecret = (byteCount = 32): string => base64url(crypto.getRandomValues(new Uint8Array(byteCount)));

/** SHA-256, hex. For keys at rest and body comparison, never for passwords. */
export async function sha256Hex(text: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}
