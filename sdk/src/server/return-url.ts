// Where a person is sent back to. `return_url` travels through the browser, where anybody can change it: an app that
// followed it blindly would be an open redirect.

import { RETURN_PARAMS } from "../protocol/session.ts";

/**
 * @param given What came as `return_url`.
 * @param issuer The marketplace's origin, the only one that is followed.
 * @returns The address with the session's id (and `state`, which the marketplace compares).
 */
export function trustedReturnUrl(
  given: string | null | undefined,
  issuer: string,
  session?: { id: string; state?: string | null },
): string {
  const url = ownUrl(given, issuer) ?? new URL("/session/complete", issuer);
  if (session) {
    url.searchParams.set(RETURN_PARAMS.session, session.id);
    if (session.state) url.searchParams.set(RETURN_PARAMS.state, session.state);
  }
  return url.href;
}

function ownUrl(given: string | null | undefined, issuer: string): URL | null {
  try {
    const url = new URL(given ?? "");
    return url.origin === issuer && !url.username && !url.password ? url : null;
  } catch {
    return null;
  }
}
