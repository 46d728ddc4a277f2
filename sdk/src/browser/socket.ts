// Entry of `live.js`, loaded for `transport: "websocket"`. Beats over a WebSocket: "beat" is answered "ok" without waking anything on the server.
// When the socket is not there, or did not answer the last beat, the caller beats over HTTP and this connects again.

import type { SessionState } from "../protocol/session.ts";
import type { Kept } from "./launch.ts";

export interface LiveSocket {
  /** False when this beat must travel another way. */
  beat(deeds: { active: boolean; actedSecondsAgo: number }): boolean;
  close(): void;
}

export function openSocket(api: string, { sessionId, token }: Kept, hear: (session: SessionState) => void): LiveSocket {
  let socket: WebSocket;
  let isAnswered: boolean;
  const open = () => {
    isAnswered = true;
    socket = new WebSocket(`${api.replace("http", "ws")}/v1/provider/sessions/${sessionId}/live`, [
      "mp.session.v1",
      token!,
    ]);
    socket.onmessage = ({ data }) => {
      isAnswered = true;
      const { session } = data === "ok" ? { session: undefined } : JSON.parse(data);
      if (session) hear(session);
    };
  };
  open();
  return {
    beat({ active, actedSecondsAgo }) {
      // 0 is "connecting": that one may still come up.
      const { readyState } = socket;
      const isUp = readyState === WebSocket.OPEN && isAnswered;
      if (isUp) {
        isAnswered = false;
        socket.send(active ? JSON.stringify({ type: "active", actedSecondsAgo }) : "beat");
      } else if (readyState) {
        socket.close();
        open();
      }
      return isUp;
    },
    close: () => socket.close(),
  };
}
