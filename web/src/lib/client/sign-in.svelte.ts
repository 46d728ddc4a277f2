// Who is signed in in this tab. The access token lives in memory only; the refresh cookie is the server's and no script can
// read it. One refresh at a time, across all tabs.

import { rememberPreference } from "../preferences.ts";
import { hearTabs, tellTabs } from "./channel.ts";
import { API_BASE } from "./base.ts";
import type { AuthAnswer, User } from "./types.ts";

interface SignIn {
  /** `unknown` until the first refresh has answered. */
  status: "unknown" | "in" | "out";
  user: User | null;
  /** May see the operators' pages. Only which links are shown depends on it: the API looks for itself. */
  isOperator: boolean;
}

export const signIn = $state<SignIn>({ status: "unknown", user: null, isOperator: false });

let accessToken: string | null = null;
export const currentAccessToken = (): string | null => accessToken;
/** Which sign-in this is; it stays the same however often its tokens are renewed. */
export const currentSignInId = (): string | null => (accessToken ? String(claimIn(accessToken, "sid")) : null);

export function acceptSignIn(answer: AuthAnswer): void {
  accessToken = answer.token;
  signIn.user = answer.user;
  signIn.isOperator = claimIn(answer.token, "role") === "operator";
  signIn.status = "in";
  rememberPreference("signed_in", "1");
}

/** Forget the sign-in here; with `tell`, in the other tabs too. */
export function forgetSignIn(tell: boolean): void {
  accessToken = null;
  signIn.user = null;
  signIn.isOperator = false;
  signIn.status = "out";
  rememberPreference("signed_in", null);
  if (tell) tellTabs({ type: "LOGOUT", data: {} });
}

/** A claim of an access token (RFC 7519 section 3.1: the second part, base64url). Unverified: nothing is opened by it. */
function claimIn(token: string, name: "role" | "sid"): unknown {
  try {
    const payload = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    return (JSON.parse(atob(payload)) as Record<string, unknown>)[name];
  } catch {
    return null;
  }
}

let refreshing: Promise<boolean> | null = null;

/**
 * Get a new access token with the refresh cookie. Calls that come meanwhile share the answer, and tabs take turns, because
 * the cookie rotates with every use.
 * @returns whether somebody is signed in. A lost connection changes nothing and throws TypeError.
 */
export function refreshSignIn(): Promise<boolean> {
  refreshing ??= withTabLock(requestRefresh).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function requestRefresh(): Promise<boolean> {
  const response = await fetch(`${API_BASE}/v1/auth/refresh`, { method: "POST", credentials: "include" });
  if (response.ok) {
    acceptSignIn((await response.json()) as AuthAnswer);
    return true;
  }
  if (response.status === 401 || response.status === 403) {
    forgetSignIn(false);
    return false;
  }
  throw new TypeError(`refresh answered ${response.status}`);
}

function withTabLock<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request("meterplace-refresh", work) : work();
}

/** Sign out with the tab that signed out. Returns how to stop. */
export const followOtherTabs = (): (() => void) =>
  hearTabs((message) => {
    if (message.type === "LOGOUT") forgetSignIn(false);
  });
