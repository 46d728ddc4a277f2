// Entry of `live.js`. Beats over a WebSocket. In words, as in a request, with the state as the answer; every other one, where
// there is nothing to tell, is "beat", which is answered "ok" without waking anything on the server.
// A beat it does not take travels as a request, and so does one that is not answered: `lost` says so at once.

import type { SessionState } from "../protocol/session.ts";
import type { Kept } from "./launch.ts";

/** A beat without an answer for so long was not heard. */
const ANSWER_MS = 5_000;
/** When a server restarts, its pages do not all come at once. */
const SPREAD_MS = 5_000;
/** Beats between two tries to connect, where a network lets no socket through: doubled up to this. */
const REST_MAX = 16;
/** The same deed, reckoned from another moment. */
const ROUNDING_MS = 100;
/** Closed for good (RFC 6455 section 7.4.1, "policy violation"): the server wants no socket of ours. */
const UNWANTED = 1008;

export interface LiveSocket {
  /** Takes a deed as often as it is told and sends it once. False when this beat must travel another way. */
  beat(deeds: { active: boolean; actedSecondsAgo: number; observed?: Record<string, number> | undefined }): boolean;
  close(): void;
}

/**
 * @param hear Told each state the server sends, asked for or not.
 * @param lost The socket is gone, or deaf: beats are requests until it is back.
 */
export function openSocket(
  api: string,
  { sessionId, token }: Kept,
  hear: (session: SessionState) => void,
  // Absent in cores of a page that pinned an earlier build.
  lost?: () => void,
): LiveSocket {
  let socket: WebSocket;
  /** It was heard, and is not closed: a new one is told the state first. */
  let isUp: boolean;
  /** What we said waits for its answer. */
  let isWaiting: boolean;
  /** The server took us for gone, which the platform's own answers do not change. */
  let isMissed: boolean;
  /** The last beat was one that only the platform knows of: the next is said in words, before anybody could take it for lost. */
  let isShort = false;
  /** What was told last of what the page saw, and of when the person did something. */
  let told: string | undefined;
  let toldAt = -Infinity;
  let rest = 1;
  let left = 0;
  let timer: ReturnType<typeof setTimeout>;

  const lostIn = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isUp = false;
      lost?.();
    }, ms);
  };
  const say = (words: string) => {
    isWaiting = true;
    lostIn(ANSWER_MS);
    socket.send(words);
  };
  const tell = (deeds: object) => say(JSON.stringify({ action: "heartbeat", ...deeds }));
  const open = () => {
    isUp = isWaiting = isMissed = false;
    const mine = new WebSocket(`${api.replace("http", "ws")}/v1/provider/sessions/${sessionId}/live`, [
      "mp.session.v1",
      token!,
    ]);
    socket = mine;
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return;
      clearTimeout(timer);
      const wasWaiting = isWaiting;
      isUp = true;
      isWaiting = false;
      rest = 1;
      left = 0;
      const { session } = data === "ok" ? { session: undefined } : JSON.parse(data);
      if (!session) return;
      isMissed = session.pauseCause === "heartbeat_lost";
      if (isMissed && !wasWaiting) tell({});
      hear(session);
    };
    mine.onclose = ({ code }) => {
      if (mine !== socket) return;
      if (code === UNWANTED) left = Infinity;
      if (isUp) lostIn(Math.random() * SPREAD_MS);
      isUp = false;
    };
  };
  open();
  return {
    beat({ active, actedSecondsAgo, observed }) {
      if (isUp && !isWaiting) {
        const seen = JSON.stringify(observed);
        const actedAt = performance.now() - actedSecondsAgo * 1_000;
        const isNew = active && actedAt > toldAt;
        isShort = !(isShort || isNew || isMissed || seen !== told);
        if (isShort) say("beat");
        else tell({ active: isNew, actedSecondsAgo, observed });
        told = seen;
        if (isNew) toldAt = actedAt + ROUNDING_MS;
      }
      // One that is connecting may still come up.
      if (!isUp && socket.readyState !== WebSocket.CONNECTING && --left < 0) {
        left = rest - 1;
        rest = Math.min(2 * rest, REST_MAX);
        socket.close();
        open();
      }
      return isUp;
    },
    close() {
      isUp = false;
      clearTimeout(timer);
      socket.close();
    },
  };
}
