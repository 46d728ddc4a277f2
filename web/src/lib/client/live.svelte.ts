// What keeps a page true while it stands: news over one socket per browser, and asking anew when the tab comes to the front
// or the network returns. Pages only know `watch` and the channel's messages.

import { untrack } from "svelte";
import { balance, clearBalance, followBalance, refreshBalance } from "./balance.svelte.ts";
import { hearTabs } from "./channel.ts";
import { followOtherTabs, signIn } from "./sign-in.svelte.ts";

/** The net below the socket. */
const BALANCE_EVERY_MS = 60_000;
const SESSION_EVERY_MS = 5_000;

export const connection = $state({ online: true });

/** Run while the app is open. Returns how to stop. */
export function startLive(): () => void {
  connection.online = navigator.onLine;
  const onNetwork = () => {
    connection.online = navigator.onLine;
    if (navigator.onLine) look();
  };
  const look = () => {
    if (signIn.status === "in" && document.visibilityState === "visible") void refreshBalance();
  };
  const timer = setInterval(look, BALANCE_EVERY_MS);
  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
  addEventListener("online", onNetwork);
  addEventListener("offline", onNetwork);
  const stops = [followBalance(), followOtherTabs()];
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
    removeEventListener("focus", look);
    removeEventListener("online", onNetwork);
    removeEventListener("offline", onNetwork);
    for (const stop of stops) stop();
  };
}

/** Load the balance, hold the socket and keep this browser's notices while somebody is signed in. The body of an effect: it runs again on every change. */
export function liveWhileSignedIn(): (() => void) | void {
  if (signIn.status === "out") clearBalance();
  if (signIn.status !== "in") return;
  // Reading the balance must not make it a reason to run again.
  if (untrack(() => balance.available) === null) void refreshBalance();
  const over = new AbortController();
  void import("./while-signed-in.ts").then(({ whileSignedIn }) => whileSignedIn(over.signal));
  return () => over.abort();
}

/** Hear of one session: changed, or over. Returns how to stop. */
export const onSessionNews = (sessionId: string, listener: () => void): (() => void) =>
  hearTabs((message) => {
    const isOfSession = message.type === "SESSION_UPDATE" || message.type === "SESSION_EXPIRED";
    if (isOfSession && message.data.sessionId === sessionId) listener();
  });

/** Ask again and again while `isOpen()`; hidden tabs ask when they come back. Returns how to stop. */
export function watch(ask: () => Promise<void>, isOpen: () => boolean, everyMs = SESSION_EVERY_MS): () => void {
  const tick = () => {
    if (isOpen() && document.visibilityState === "visible" && navigator.onLine) void ask();
  };
  const timer = setInterval(tick, everyMs);
  document.addEventListener("visibilitychange", tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
  };
}
