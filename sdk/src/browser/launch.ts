// How a session comes to this page: from the redirect's query, from this tab's sessionStorage after a refresh, or from
// the app's own server. A token seen here proves nothing; redeeming it does.

import type { LAUNCH_PARAMS, RETURN_PARAMS } from "../protocol/session.ts";
import type { SdkError } from "./options.ts";

/** What this tab keeps. Never in localStorage, never in a cookie. */
export interface Kept {
  sessionId: string;
  /** Where to go at the end, `session_id` and `state` included. */
  back: string;
  /** Not redeemed yet. The nonce stays the same over a refresh, so that a lost answer can be asked for again. */
  launch?: string;
  nonce?: string;
  /** The session token. */
  token?: string;
}

/** A mishap of the page's own, told by its code; docs/sdk.md has a sentence for each. */
const failure = (code: string): SdkError => Object.assign(new Error(code), { code });

export type Launch = readonly [token: string, returnUrl?: string | null, state?: string | null];

/** Takes the launch out of the address bar, before anything else can see or send it; null when there is none. */
export function takeLaunch(): Launch | null {
  const url = new URL(location.href);
  const take = (name: (typeof LAUNCH_PARAMS)[keyof typeof LAUNCH_PARAMS]) => {
    const value = url.searchParams.get(name);
    url.searchParams.delete(name);
    return value;
  };
  const token = take("marketplace_session");
  // Without a token the other two are the app's own parameters, if they are there at all.
  if (!token) return null;
  const launch = [token, take("return_url"), take("state")] as const;
  history.replaceState(history.state, "", url);
  return launch;
}

/**
 * @param token From the address, or from the app's own server.
 * @param launch How the person came, where the address said so.
 * @param marketplace The only origin a `return_url` may have; another one falls back to the marketplace's own page.
 * @throws SdkError `launch_token_invalid` for what is no token, `provider_mismatch` for another app's.
 */
export function readLaunch(
  token: string,
  launch: Launch | null,
  providerId: string,
  marketplace: string,
  warn: (error: SdkError) => void,
): Kept {
  const [, returnUrl, state] = launch ?? [];
  let claims: { session_id?: string; provider_id?: string; duration_limit?: number };
  try {
    claims = JSON.parse(atob(token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/")));
  } catch {
    throw failure("launch_token_invalid");
  }
  if (claims.provider_id !== providerId) throw failure("provider_mismatch");

  let back = new URL("/session/complete", marketplace);
  // A relative or unreadable one fails the comparison too.
  if (returnUrl?.startsWith(back.origin + "/")) back = new URL(returnUrl);
  else if (returnUrl) warn(failure("return_url_refused"));
  const set = (name: (typeof RETURN_PARAMS)[keyof typeof RETURN_PARAMS], value: string) =>
    back.searchParams.set(name, value);
  set("session_id", claims.session_id!);
  if (state) set("state", state);

  const kept = { sessionId: claims.session_id!, back: back.href };
  // Only a launch token says how long it may last.
  return claims.duration_limit ? { ...kept, launch: token, nonce: crypto.randomUUID() } : { ...kept, token };
}
