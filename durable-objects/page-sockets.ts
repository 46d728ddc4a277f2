// The live sockets of a session's pages. Liveness costs nothing: "beat" is answered by the platform while the object
// sleeps (developers.cloudflare.com/durable-objects/best-practices/websockets/, setWebSocketAutoResponse).

import type { SessionState } from "../sdk/src/protocol/session.ts";
import type { Millis } from "../domain/clock.ts";

export const SOCKET_PROTOCOL = "mp.session.v1";
/** Tabs and devices of one session; the oldest goes when one more comes. */
const SOCKETS_MAX = 8;

export function acceptPage(ctx: DurableObjectState, session: SessionState): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("beat", "ok"));
  const open = ctx.getWebSockets();
  if (open.length >= SOCKETS_MAX) open[0]!.close(1008, "too many pages of this session");
  ctx.acceptWebSocket(server);
  server.send(message(session));
  return new Response(null, { status: 101, webSocket: client, headers: { "Sec-WebSocket-Protocol": SOCKET_PROTOCOL } });
}

export function tellPages(ctx: DurableObjectState, session: SessionState, last = false): void {
  for (const socket of ctx.getWebSockets()) {
    socket.send(message(session));
    if (last) socket.close(1000, "session over");
  }
}

/** When the platform last answered a beat of any page; 0 when it never did. */
export const lastAutomaticAnswer = (ctx: DurableObjectState): Millis =>
  Math.max(0, ...ctx.getWebSockets().map((socket) => ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0));

const message = (session: SessionState): string => JSON.stringify({ type: "state", session });
