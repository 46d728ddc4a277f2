// What the tabs of one browser tell each other. The channel's name and message types are the product's public ones.

export type TabMessage =
  | { type: "SESSION_UPDATE"; data: { sessionId: string } }
  | { type: "SESSION_EXPIRED"; data: { sessionId: string; reason: string } }
  | { type: "TOKEN_BALANCE_UPDATE"; data: { balance: number; held?: number } }
  | { type: "LOGOUT"; data: Record<string, never> };

const NAME = "marketplace_session";
type Listener = (message: TabMessage) => void;
const listeners = new Set<Listener>();
let channel: BroadcastChannel | null = null;

function open(): BroadcastChannel | null {
  if (typeof BroadcastChannel === "undefined") return null;
  if (!channel) {
    channel = new BroadcastChannel(NAME);
    channel.addEventListener("message", (event: MessageEvent<TabMessage>) => deliver(event.data));
  }
  return channel;
}
const deliver = (message: TabMessage): void => listeners.forEach((listener) => listener(message));

/** Tell the other tabs, not this one. */
export const tellTabs = (message: TabMessage): void => open()?.postMessage(message);

/** Tell the other tabs and the listeners of this one: for news from outside. */
export function tellEveryone(message: TabMessage): void {
  tellTabs(message);
  deliver(message);
}

/** Returns how to stop. */
export function hearTabs(listener: Listener): () => void {
  open();
  listeners.add(listener);
  return () => listeners.delete(listener);
}
