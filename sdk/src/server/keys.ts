// The marketplace's public keys, fetched from its JWKS and kept. A rotated key is found at once, but a stream of made-up
// key ids cannot make this server hammer ours.

import { ConnectionError, MarketplaceError } from "./errors.ts";

/** Fetched again after this long even if nothing is missing, so that a withdrawn key stops working. */
const KEPT_MS = 60 * 60 * 1_000;
/** Not asked more often than this for a key id that is not there. */
const COOL_DOWN_MS = 30_000;

export interface KeySource {
  find(kid: string, now: number): Promise<CryptoKey | null>;
}

/** @param fetchJwks Answers the JWKS document; its failure is told only when no kept key can serve. */
export function cachedKeys(fetchJwks: () => Promise<unknown>): KeySource {
  let keys = new Map<string, CryptoKey>();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  async function refresh(now: number): Promise<void> {
    // Before the first success every caller may try: there is nothing yet to fall back on.
    if (keys.size > 0) triedAt = now;
    keys = await importKeys(await fetchJwks());
    triedAt = now;
    fetchedAt = now;
  }

  return {
    async find(kid, now) {
      const isStale = now - fetchedAt > KEPT_MS;
      if (running || ((isStale || !keys.has(kid)) && now - triedAt > COOL_DOWN_MS)) {
        // Concurrent callers share one request.
        running ??= refresh(now).finally(() => (running = null));
        await running.catch((error: unknown) => {
          // An outage of ours must not stop yours: a key that was good an hour ago still is.
          if (!keys.has(kid)) throw error;
        });
      }
      return keys.get(kid) ?? null;
    },
  };
}

/** Fetches the JWKS once, without the API key: it is public. */
export async function fetchJwks(settings: { fetch: typeof fetch; timeoutMs: number }, url: string): Promise<unknown> {
  try {
    const response = await settings.fetch(url, {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(settings.timeoutMs),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json();
  } catch (cause) {
    throw new ConnectionError("connection_failed", "The marketplace's public keys could not be fetched.", { cause });
  }
}

async function importKeys(jwks: unknown): Promise<Map<string, CryptoKey>> {
  const list = (jwks as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(list)) throw new MarketplaceError("unreadable_answer", "The JWKS has no keys.");
  const found = new Map<string, CryptoKey>();
  for (const jwk of list as (JsonWebKey & { kid?: string })[]) {
    // Keys of other kinds may stand beside ours; they cannot have signed a launch token.
    if (jwk.kty !== "EC" || jwk.crv !== "P-256" || !jwk.kid || (jwk.use && jwk.use !== "sig")) continue;
    const { kty, crv, x, y } = jwk;
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    found.set(jwk.kid, await crypto.subtle.importKey("jwk", { kty, crv, x, y }, algorithm, false, ["verify"]));
  }
  return found;
}
