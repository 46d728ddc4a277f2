// What a device shows of a message (domain/push/message.ts): sentences in its language, and the page it opens. For the
// service worker, which has no pages and no preferences.

import type { PushMessage } from "../../../domain/push/message.ts";
import { formatDuration } from "./format.ts";
import { deNews } from "./locales/de-news.ts";
import { deNotices } from "./locales/de-notices.ts";
import { enNews } from "./locales/en-news.ts";
import { enNotices } from "./locales/en-notices.ts";

export interface Notice {
  title: string;
  body: string;
  language: string;
  /** A later notice with the same tag takes its place. */
  tag: string;
  /** The page it is about. */
  path: string;
}

const NEWS_PATH = "/wallet/automatic#news-title";

/** Says something whatever came: a push that shows nothing makes browsers show a sentence of their own. */
export function noticeOf(message: PushMessage): Notice {
  const isGerman = message.language === "de";
  const t = isGerman ? deNotices : enNotices;
  const common = { language: isGerman ? "de" : "en", tag: message.id };
  if (message.kind === "session_expiring")
    return {
      ...common,
      title: t.expiring(formatDuration(message.remainingSeconds)),
      body: t.expiringBody(message.appName),
      tag: message.sessionId,
      path: `/sessions/${message.sessionId}`,
    };
  const say = isGerman ? deNews : enNews;
  const locale = isGerman ? "de" : "en-US";
  const count = (value: number) => value.toLocaleString(locale);
  const money = (cents: number) => (cents / 100).toLocaleString(locale, { style: "currency", currency: "USD" });
  const hasFigures = Object.keys(message.data).length > 0;
  const sentence = hasFigures ? say(message.news, message.data, count, money) : null;
  return { ...common, title: t.news, body: sentence ?? t.newsBody, path: NEWS_PATH };
}
