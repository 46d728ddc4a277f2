// One check: whether something answers at an app's address. It asks as anybody could, without any token of ours.

import { assertUrlAllowed } from "../webhooks/url-policy.ts";

/** An app that needs longer than this for its first byte keeps people waiting too long anyway. */
export const CHECK_TIMEOUT_MS = 5_000;
const USER_AGENT = "Meterplace-Availability/1.0";
/** The page people would be sent to does not exist. All other refusals come from an app that is there. */
const STATUS_NOT_THERE = new Set([404, 410]);

export interface CheckSettings {
  environment: "local" | "production";
  send: typeof fetch;
}
export interface CheckAnswer {
  isOk: boolean;
  code: number | null;
  /** What was wrong, in words for the owner; null when nothing was. */
  error: string | null;
}

/** Never throws. Redirects are not followed: an app that answers with one is there. */
export async function checkApp(appUrl: string, settings: CheckSettings): Promise<CheckAnswer> {
  const cutOff = new AbortController();
  const timer = setTimeout(() => cutOff.abort(), CHECK_TIMEOUT_MS);
  try {
    // Again at every check: the policy may have become stricter since the address was given.
    const url = assertUrlAllowed(appUrl, { environment: settings.environment, purpose: "app" });
    url.hash = "";
    const response = await settings.send(url.href, {
      headers: { "User-Agent": USER_AGENT, Accept: "text/html, */*;q=0.5" },
      redirect: "manual",
      signal: cutOff.signal,
    });
    await response.body?.cancel();
    const isOk = response.status < 500 && !STATUS_NOT_THERE.has(response.status);
    return { isOk, code: response.status, error: isOk ? null : `answered ${response.status}` };
  } catch (error) {
    const isRefused = error instanceof Error && error.name === "DomainError";
    // What the network says is not repeated: it can name addresses that are none of anybody's business.
    const what = cutOff.signal.aborted ? `no answer within ${CHECK_TIMEOUT_MS / 1000} s` : "the connection failed";
    return { isOk: false, code: null, error: isRefused ? (error as Error).message : what };
  } finally {
    clearTimeout(timer);
  }
}
