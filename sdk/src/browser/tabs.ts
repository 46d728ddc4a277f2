// Several tabs, one meter: Web Locks choose the tab that beats, BroadcastChannel tells the others.

import type { SessionState } from "../protocol/session.ts";
import type { Kept } from "./launch.ts";

/** The channel and its message types are public: your own code may post `LOGOUT`, or listen. */
export const CHANNEL = "marketplace_session";

export interface TabFact {
  providerId?: string;
  session?: SessionState;
  balance?: number;
  /** A tab that knows no session asks the others. */
  ask?: boolean;
  /** The person did something in the tab that does not beat. */
  active?: boolean;
  /** What a tab needs to take over. Same origin, so no further than sessionStorage reaches. */
  kept?: Kept;
}
export type TabMessage = "SESSION_UPDATE" | "SESSION_EXPIRED" | "TOKEN_BALANCE_UPDATE" | "LOGOUT";

export function joinTabs(providerId: string, hear: (type: TabMessage, fact: TabFact) => void) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data: { type, data: fact = {} } }) => {
    // Several apps may live on one origin; a message without an app is for all.
    if (!fact.providerId || fact.providerId === providerId) hear(type, fact);
  };
  let release = () => {};
  return {
    tell: (type: TabMessage, fact: TabFact) => channel.postMessage({ type, data: { ...fact, providerId } }),
    /** Calls back when this tab is the one that beats: at once, or when the one before it closes. */
    lead(sessionId: string, onLead: () => void) {
      void navigator.locks.request(CHANNEL + sessionId, () => {
        onLead();
        return new Promise<void>((resolve) => (release = resolve));
      });
    },
    leave() {
      release();
      channel.close();
    },
  };
}
