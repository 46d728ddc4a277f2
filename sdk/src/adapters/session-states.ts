// What is known of the sessions of the visitors that are here: asked of the marketplace now and then, not at every request,
// and believed on while the marketplace cannot be reached.

import type { SessionState } from "../protocol/session.ts";
import type { Marketplace } from "../server/marketplace.ts";

/** So many sessions are remembered; the oldest goes first. */
const REMEMBERED_MAX = 10_000;
/** A request does not wait longer for the answer: an outage of the marketplace must not become the app's. */
const PATIENCE_MS = 3_000;
const FINAL = new Set<string>(["completed", "failed", "expired"]);

/** `state` is null when the marketplace could not be asked and was not heard before. */
export type Known = { isOver: false; state: SessionState | null } | { isOver: true };

export interface SessionStates {
  of(sessionId: string, now: number): Promise<Known>;
  /** It has ended, or may have changed: ask again next time. */
  forget(sessionId: string): void;
}

/** What was heard of each session, and when. */
export type Heard = Map<string, { state: SessionState; at: number }>;

/**
 * @param trustMs For so long an answer is believed without asking again.
 * @param heard Where that is remembered; given by an adapter whose framework runs several copies of it.
 */
export function sessionStates(marketplace: Marketplace, trustMs: number, heard: Heard = new Map()): SessionStates {
  const asking = new Map<string, Promise<SessionState>>();

  function ask(sessionId: string): Promise<SessionState> {
    const running = asking.get(sessionId);
    if (running) return running;
    const own = marketplace.sessions.get(sessionId).finally(() => asking.delete(sessionId));
    asking.set(sessionId, own);
    return own;
  }

  return {
    async of(sessionId, now) {
      const known = heard.get(sessionId);
      // Over is over; what lies in the future was noted by a clock that has been set back.
      if (known && FINAL.has(known.state.status)) return { isOver: true };
      if (known && now >= known.at && now - known.at < trustMs) return { isOver: false, state: known.state };
      try {
        const state = await within(PATIENCE_MS, ask(sessionId));
        heard.delete(sessionId);
        heard.set(sessionId, { state, at: now });
        if (heard.size > REMEMBERED_MAX) heard.delete(heard.keys().next().value!);
        return FINAL.has(state.status) ? { isOver: true } : { isOver: false, state };
      } catch (error) {
        const { code, status } = error as { code?: string; status?: number | null };
        if (code === "session_not_found") return { isOver: true };
        // A refused key is a mistake to mend; no answer, or one that says "later", is none.
        if (typeof status === "number" && status < 500 && status !== 429) throw error;
        return { isOver: false, state: known?.state ?? null };
      }
    },
    forget: (sessionId) => void heard.delete(sessionId),
  };
}

async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), ms);
  });
  promise.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
