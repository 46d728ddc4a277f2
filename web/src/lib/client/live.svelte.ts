// What keeps the page true while it stands: today it asks from time to time, whenever the tab is in front; a socket can
// replace it without any page knowing.

import { balance, clearBalance, followBalance, refreshBalance } from "./balance.svelte.ts";
import { followOtherTabs, signIn } from "./sign-in.svelte.ts";

const BALANCE_EVERY_MS = 30_000;
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

/** Load the balance when somebody signs in, forget it when they leave. Call inside an effect. */
export function balanceFollowsSignIn(): void {
  if (signIn.status === "in" && balance.available === null) void refreshBalance();
  if (signIn.status === "out") clearBalance();
}

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
