// What a device shows of a message, in its language; and what a person knows a browser by.

import { describe, expect, it } from "vitest";
import { deviceLabel } from "../../web/src/lib/device-label.ts";
import { enNotices } from "../../web/src/lib/locales/en-notices.ts";
import { noticeOf } from "../../web/src/lib/push-notice.ts";

const expiring = {
  id: "event-1",
  kind: "session_expiring",
  sessionId: "session-1",
  appName: "AI Writer Pro",
  remainingSeconds: 300,
} as const;

describe("a notice", () => {
  it("of a session says which app, and how long is left, and opens the session", () => {
    expect(noticeOf({ ...expiring, language: "en" })).toEqual({
      title: "Your session ends in 5 min",
      body: "AI Writer Pro. Extend it, or let it end: what is not used comes back.",
      language: "en",
      tag: "session-1",
      path: "/sessions/session-1",
    });
    expect(noticeOf({ ...expiring, language: "de" })).toMatchObject({
      title: "Ihre Sitzung endet in 5 min",
      language: "de",
    });
  });

  it("of news says the sentence the pages say", () => {
    const news = {
      id: "n-1",
      kind: "news",
      news: "balance_low",
      data: { alertTokens: 1000, totalTokens: 70 },
    } as const;
    expect(noticeOf({ ...news, language: "en" })).toMatchObject({
      title: "News for you",
      body: "Your tokens are below 1,000: 70 are left.",
      tag: "n-1",
    });
    expect(noticeOf({ ...news, language: "de" }).body).toBe("Ihre Token sind unter 1.000: 70 sind übrig.");
  });

  it.each([
    ["of a kind this version has no sentence for", { news: "from_the_future", data: { a: 1 } }],
    ["whose figures did not fit", { news: "balance_low", data: {} }],
  ])("%s still says something", (_, what) => {
    const { title, body } = noticeOf({ id: "n-2", kind: "news", language: "en", ...what });
    expect([title, body]).toEqual(["News for you", "Open it to read what happened."]);
  });
});

it.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "Chrome on Android",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
    "Safari on iPhone",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Edge on Windows",
  ],
  ["something else", "A browser"],
])("%s is called %s", (userAgent, label) => expect(deviceLabel(userAgent, enNotices)).toBe(label));
