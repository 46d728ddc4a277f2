// How the app's page takes a launch: the right one, the same again, and four wrong ones. Judges what was opened; opening is
// run.ts's.

import type { OpenedPage } from "../gateways/app-page.ts";
import { failed, passed, skipped, warned, type Finding } from "./checks.ts";

/** A page that names our script, whoever serves it from wherever. */
const SDK_SCRIPT = /<script\b[^>]*\bsrc=["'][^"']*\/sdk(?:\/v1\/[\w.-]+|)\.?(?:js)?["'?]/i;
const SDK_MARK = /data-provider-id=|MarketplaceSDK|@meterplace\/sdk/;

export interface LaunchSeen {
  page: OpenedPage;
  token: string;
  /** The app's server redeemed the launch while it answered. */
  redeemed: boolean;
}

export function judgeLaunch({ page, token, redeemed }: LaunchSeen): Finding[] {
  const opens = judgeOpens(page);
  if (opens.verdict === "failed")
    return [
      opens,
      skipped("sdk_present", "The page did not open."),
      skipped("token_not_repeated", "The page did not open."),
    ];
  return [opens, judgeSdk(page, redeemed), judgeRepeated(page, token)];
}

function judgeOpens(page: OpenedPage): Finding {
  const took = `${page.durationMs} ms`;
  if (page.leftFor !== null)
    return failed(
      "page_opens",
      `It sent the browser to ${page.leftFor} with a launch under way.`,
      "Open the app at the registered address itself. If it lives elsewhere now, change the app's address in its listing.",
    );
  if (page.status === null || page.error !== null)
    return failed(
      "page_opens",
      `Nothing to see: ${page.error ?? "no answer"}.`,
      "Make the registered address answer within 8 seconds, without a sign-in in front of it.",
    );
  if (page.status < 200 || page.status >= 300)
    return failed(
      "page_opens",
      `It answered ${page.status} to a valid launch.`,
      "Answer 200 with your app's page. A launch carries the query parameters marketplace_session, return_url and state; unknown parameters must not be an error.",
    );
  return passed("page_opens", `It answered ${page.status} in ${took}.`);
}

function judgeSdk(page: OpenedPage, redeemed: boolean): Finding {
  if (redeemed) return passed("sdk_present", "Your server redeemed the launch while it answered.");
  if (SDK_SCRIPT.test(page.html) || SDK_MARK.test(page.html))
    return passed("sdk_present", "The page carries the marketplace's script, which redeems the launch in the browser.");
  if (/<script\b[^>]*\bsrc=/i.test(page.html))
    return warned(
      "sdk_present",
      "The page has scripts, none of which could be told to be the marketplace's, and no server redeemed the launch.",
      "If your bundle contains @meterplace/sdk, this is fine: run a sandbox session and watch the meter start. Otherwise add the script tag of the quickstart.",
    );
  return failed(
    "sdk_present",
    "The page has no script at all, and no server redeemed the launch: the session would never start.",
    "Put the script tag into the page (docs/quickstart.md), or redeem the launch on your server (docs/sdk.md).",
  );
}

function judgeRepeated(page: OpenedPage, token: string): Finding {
  if (page.html.includes(token))
    return warned(
      "token_not_repeated",
      "The page's HTML repeats the launch token.",
      "Do not write the address or its parameters into the page: caches and logs may keep it. The token can be redeemed once and for five minutes only, so this is not an open door.",
    );
  return passed("token_not_repeated", "The launch token is nowhere in the page's HTML.");
}

/** What came of a launch that must not be taken. */
export interface WrongLaunch {
  page: OpenedPage;
  /** Whether the session behind it was started by it. */
  started: boolean;
}

const WRONG = {
  token_replayed: {
    what: "the launch that was used already",
    mend: "Show that the link was used; never start a session twice from it. The SDK refuses it with launch_token_used.",
  },
  token_wrong_audience: {
    what: "a launch made out for another app's host",
    mend: "Check `aud` against your own host and `provider_id` against your own id before you redeem; verifyLaunchToken of the SDK does both.",
  },
  token_expired: {
    what: "a launch that is ten minutes old",
    mend: "Answer with a page that says the link is too old and leads back to the marketplace; `exp` says until when it is good.",
  },
  token_tampered: {
    what: "a launch whose signature does not fit",
    mend: "Verify the signature with the keys at /.well-known/jwks.json, ES256 only, and treat anything else as no launch at all.",
  },
} as const;
export type WrongKind = keyof typeof WRONG;

export function judgeWrong(kind: WrongKind, { page, started }: WrongLaunch): Finding {
  const { what, mend } = WRONG[kind];
  if (started) return failed(kind, `Your server started a session from ${what}.`, mend);
  if (page.status === null) return failed(kind, `No answer to ${what}: ${page.error ?? "nothing came"}.`, mend);
  if (page.status >= 500) return failed(kind, `It answered ${page.status} to ${what}.`, mend);
  return passed(kind, `No session came of ${what}; the page answered ${page.status}.`);
}

/** @param foreign The origin that stood in `return_url`. */
export function judgeForeignReturn(page: OpenedPage, foreign: string): Finding {
  const mend =
    "Send people back only to the marketplace you configured. The SDK takes no other `return_url`; do not use the parameter yourself.";
  if (page.leftFor === foreign) return failed("foreign_return", `It sent the browser to ${foreign}.`, mend);
  if (new RegExp(`(?:href|action)=["']?${foreign.replaceAll(".", "\\.")}`, "i").test(page.html))
    return failed("foreign_return", `The page links to ${foreign}, which came with the launch.`, mend);
  return passed("foreign_return", "A strange return address is neither followed nor linked to.");
}
