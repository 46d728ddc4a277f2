// The live sockets of a session's pages. Liveness costs nothing: "beat" is answered by the platform while the object
// sleeps (developers.cloudflare.com/durable-objects/best-practices/websockets/, setWebSocketAutoResponse).

import type { SessionState } from "../sdk/src/protocol/session.ts";
import type { Millis } from "../domain/clock.ts";
import type { Result } from "../domain/result.ts";
import type { SessionAnswer } from "./session-answer.ts";

export const SOCKET_PROTOCOL = "mp.session.v1";
/** Tabs and devices of one session; the oldest goes when one more comes. */
const SOCKETS_MAX = 8;
/** RFC 6455 section 7.4.1; a page of ours takes it for good. */
const POLICY_VIOLATION = 1008;

export function acceptPage(ctx: DurableObjectState, session: SessionState): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("beat", "ok"));
  const open = ctx.getWebSockets();
  if (open.length >= SOCKETS_MAX) open[0]!.close(POLICY_VIOLATION, "too many pages of this session");
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

/** Answers one page: its session's state, or why it was not heard. One whose session just ended was told so already. */
export function answerPage(socket: WebSocket, answer: Result<SessionAnswer>): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(
    answer.ok
      ? message(answer.value.session)
      : JSON.stringify({ type: "error", code: answer.code, detail: answer.message }),
  );
}

export const dismissPage = (socket: WebSocket): void => socket.close(POLICY_VIOLATION, "too many messages");

/** When the platform last answered a beat of any page, one that is `closing` included; 0 when it never did. */
export const lastAutomaticAnswer = (ctx: DurableObjectState, closing?: WebSocket): Millis =>
  Math.max(
    0,
    ...[...ctx.getWebSockets(), ...(closing ? [closing] : [])].map(
      (socket) => ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0,
    ),
  );

const message = (session: SessionState): string => JSON.stringify({ type: "state", session });
