// The socket that tells balance and session news as they happen. One tab of the browser holds it (the one that has the
// lock) and passes the news on; when it closes, the next tab takes over. Losing the socket loses nothing: every page also
// asks when it comes to the front.

import { API_BASE } from "./base.ts";
import { setBalance } from "./balance.svelte.ts";
import { tellEveryone } from "./channel.ts";
import { currentAccessToken, refreshSignIn } from "./sign-in.svelte.ts";

const PROTOCOL = "mp.live.v1";
const LOCK = "meterplace-live";
const PING_EVERY_MS = 45_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60_000;

interface BalanceNews {
  type: "balance";
  balance: number;
  held: number;
}
interface EventNews {
  type: "event";
  event: { type: string; sessionId: string | null; data?: { endReason?: string } };
}

/** Hold the socket as soon as no other tab does, until `signal` aborts. */
export async function holdLiveSocket(signal: AbortSignal): Promise<void> {
  const hold = () => keepConnected(signal);
  // Without locks each tab has its own socket: more traffic, the same truth.
  if (!navigator.locks) return hold();
  await navigator.locks.request(LOCK, { signal }, hold).catch((thrown: unknown) => {
    if (!signal.aborted) throw thrown;
  });
}

async function keepConnected(signal: AbortSignal): Promise<void> {
  let waitMs = RETRY_FIRST_MS;
  while (!signal.aborted) {
    const wasOpen = await connectOnce(signal);
    if (signal.aborted) return;
    waitMs = wasOpen ? RETRY_FIRST_MS : Math.min(RETRY_MAX_MS, waitMs * 2);
    // Spread out, so that a restart of the server is not met by all browsers at once.
    await wait(waitMs * (0.5 + Math.random() / 2), signal);
    // The most likely reason to be refused is an access token past its time.
    if (!wasOpen && navigator.onLine) await refreshSignIn().catch(() => false);
  }
}

/** @returns whether it was open at all. */
function connectOnce(signal: AbortSignal): Promise<boolean> {
  const token = currentAccessToken();
  if (!token || !navigator.onLine) return Promise.resolve(false);
  return new Promise((resolve) => {
    const address = new URL(`${API_BASE}/v1/live`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address, [PROTOCOL, token]);
    let wasOpen = false;
    const ping = setInterval(() => {
      if (socket.readyState === WebSocket.OPEN) socket.send("ping");
    }, PING_EVERY_MS);
    const close = () => socket.close();
    signal.addEventListener("abort", close, { once: true });
    socket.onopen = () => (wasOpen = true);
    socket.onmessage = (message) => take(String(message.data));
    socket.onclose = () => {
      clearInterval(ping);
      signal.removeEventListener("abort", close);
      resolve(wasOpen);
    };
  });
}

function take(text: string): void {
  if (text === "pong") return;
  const news = JSON.parse(text) as BalanceNews | EventNews;
  if (news.type === "balance") setBalance(news.balance, news.held);
  else if (news.event.sessionId) tellOfSession(news.event.type, news.event.sessionId, news.event.data?.endReason ?? "");
}

function tellOfSession(type: string, sessionId: string, reason: string): void {
  const isOver = type === "session.completed" || type === "session.failed";
  tellEveryone(
    isOver ? { type: "SESSION_EXPIRED", data: { sessionId, reason } } : { type: "SESSION_UPDATE", data: { sessionId } },
  );
}

const wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
