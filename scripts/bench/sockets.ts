// Live sockets of session pages: each beat is a message, and its answer is waited for.

export interface BeatSocket {
  /** Sends "beat" and resolves with the answer. */
  beat: () => Promise<void>;
  close: () => void;
}

const OPEN_WAIT_MS = 10_000;

/** Node's own WebSocket, which also takes headers (nodejs.org/api/globals.html#websocket, undici's WebSocketInit). */
const NodeWebSocket = WebSocket as unknown as new (
  url: string,
  init: { protocols: string[]; headers: Record<string, string> },
) => WebSocket;

/** @param headers Sent with the handshake, as a browser would send its Origin. */
export async function openBeatSocket(
  url: string,
  protocols: string[],
  headers: Record<string, string>,
): Promise<BeatSocket> {
  const socket = new NodeWebSocket(url, { protocols, headers });
  let answered: () => void = () => {};
  let failed: (error: Error) => void = () => {};
  socket.addEventListener("message", ({ data }) => {
    if (data === "ok") answered();
  });
  socket.addEventListener("close", () => failed(new Error("a live socket was closed")));
  await new Promise<void>((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error("a live socket did not open")), OPEN_WAIT_MS);
    socket.addEventListener("open", () => {
      clearTimeout(giveUp);
      resolve();
    });
    socket.addEventListener("error", () => reject(new Error("a live socket was refused")));
  });
  return {
    beat: () =>
      new Promise((resolve, reject) => {
        answered = resolve;
        failed = reject;
        socket.send("beat");
      }),
    close: () => {
      failed = () => {};
      socket.close();
    },
  };
}
