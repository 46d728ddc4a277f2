// What a device is told. Facts, not sentences: the service worker says them in the device's language with the words of the
// pages (web/src/lib/push-notice.ts). It travels encrypted for the device alone (RFC 8291).

import type { Millis } from "../clock.ts";

/** An event as it is claimed for a device (due-store.ts). */
export interface PushEvent {
  id: string;
  type: string;
  sessionId: string | null;
  /** Of the session. */
  appName: string | null;
  data: Record<string, unknown>;
  endsAt: Millis;
}

export type PushMessage = { id: string; language: string } & (
  | { kind: "session_expiring"; sessionId: string; appName: string; remainingSeconds: number }
  /** `news` is the kind of a notification (domain/notifications/store.ts). */
  | { kind: "news"; news: string; data: Record<string, unknown> }
);

/** A push service takes 4,096 bytes, of which so many are ours (RFC 8291 section 4). */
export const MESSAGE_MAX_BYTES = 3_993;

/** @returns null for an event no device is told of, and for one that is no news any more. */
export function messageOf(event: PushEvent, language: string, now: Millis): PushMessage | null {
  if (event.endsAt <= now) return null;
  switch (event.type) {
    case "session.expiring":
      return event.sessionId === null || event.appName === null
        ? null
        : {
            id: event.id,
            language,
            kind: "session_expiring",
            sessionId: event.sessionId,
            appName: event.appName,
            remainingSeconds: Math.ceil((event.endsAt - now) / 1000),
          };
    case "notification": {
      const news = { id: event.id, language, kind: "news", news: String(event.data.kind) } as const;
      const whole = { ...news, data: (event.data.data ?? {}) as Record<string, unknown> };
      return bytesOf(whole) <= MESSAGE_MAX_BYTES ? whole : { ...news, data: {} };
    }
    default:
      return null;
  }
}

const bytesOf = (message: PushMessage): number => new TextEncoder().encode(JSON.stringify(message)).length;

/** What replaces what: a later warning of a session stands in for an earlier one that waits (RFC 8030 section 5.4, at most 32 characters). */
export const topicOf = (message: PushMessage): string | undefined =>
  message.kind === "session_expiring" ? message.sessionId.replaceAll("-", "") : undefined;
