// Live sockets of session pages: each beat is a message, and its answer is waited for. One thing at a time on each.

export interface BeatSocket {
  /** Sends a message and resolves when something comes back. */
  say: (message: string) => Promise<void>;
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
  socket.addEventListener("message", () => answered());
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
    say: (message) =>
      new Promise((resolve, reject) => {
        answered = resolve;
        failed = reject;
        socket.send(message);
      }),
    close: () => {
      failed = () => {};
      socket.close();
    },
  };
}
