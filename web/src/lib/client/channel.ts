// What the tabs of one browser tell each other. The channel's name and message types are the product's public ones.

export type TabMessage =
  | { type: "SESSION_UPDATE"; data: { sessionId: string } }
  | { type: "SESSION_EXPIRED"; data: { sessionId: string; reason: string } }
  | { type: "TOKEN_BALANCE_UPDATE"; data: { balance: number; held?: number } }
  | { type: "LOGOUT"; data: Record<string, never> };

const NAME = "marketplace_session";
let channel: BroadcastChannel | null = null;

function open(): BroadcastChannel | null {
  if (typeof BroadcastChannel === "undefined") return null;
  channel ??= new BroadcastChannel(NAME);
  return channel;
}

export const tellTabs = (message: TabMessage): void => open()?.postMessage(message);

/** Hear the other tabs (never this one). Returns how to stop. */
export function hearTabs(listener: (message: TabMessage) => void): () => void {
  const opened = open();
  if (!opened) return () => undefined;
  const onMessage = (event: MessageEvent<TabMessage>) => listener(event.data);
  opened.addEventListener("message", onMessage);
  return () => opened.removeEventListener("message", onMessage);
}
