// The live sockets of a session's pages. Plain liveness costs nothing: "beat" is answered by the platform while the object
// sleeps (developers.cloudflare.com/durable-objects/best-practices/websockets/, setWebSocketAutoResponse).
// docs/decisions/0080-beats-over-a-socket.md

import type { SessionState } from "../sdk/src/protocol/session.ts";
import type { Millis } from "../domain/clock.ts";
import type { Result } from "../domain/result.ts";
import { readPageMessage, type PageMessage } from "./page-message.ts";
import type { SessionAnswer } from "./session-answer.ts";

export const SOCKET_PROTOCOL = "mp.session.v1";
/** Tabs and devices of one session; the oldest goes when one more comes. */
const SOCKETS_MAX = 8;
/** Of all pages of a session together; a page of ours says two, and one more whenever its person comes back. */
const MESSAGES_A_MINUTE_MAX = 60;
const MINUTE_MS = 60_000;
/** RFC 6455 section 7.4.1; a page of ours takes it for good. */
const POLICY_VIOLATION = 1008;

export class PageSockets {
  readonly #ctx: DurableObjectState;
  // How much was said lately. In memory: whoever floods the object keeps it there.
  #minute = { since: 0, messages: 0 };

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  get areOpen(): boolean {
    return this.#ctx.getWebSockets().length > 0;
  }

  accept(session: SessionState): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("beat", "ok"));
    const open = this.#ctx.getWebSockets();
    if (open.length >= SOCKETS_MAX) open[0]!.close(POLICY_VIOLATION, "too many pages of this session");
    this.#ctx.acceptWebSocket(server);
    server.send(stateMessage(session));
    const headers = { "Sec-WebSocket-Protocol": SOCKET_PROTOCOL };
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  tell(session: SessionState, last = false): void {
    for (const socket of this.#ctx.getWebSockets()) {
      socket.send(stateMessage(session));
      if (last) socket.close(1000, "session over");
    }
  }

  /** A beat in words: answered with the state, as a request would be, or with what is wrong with it. */
  async hear(
    socket: WebSocket,
    message: string | ArrayBuffer,
    now: Millis,
    { isLimited, beat }: { isLimited: boolean; beat: (said: PageMessage) => Promise<Result<SessionAnswer>> },
  ): Promise<void> {
    if (isLimited && this.#isTooMuch(now)) return socket.close(POLICY_VIOLATION, "too many messages");
    const said = readPageMessage(message);
    const answer = said.ok ? await beat(said.value) : said;
    // One whose session has just ended was told so already.
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(
      answer.ok
        ? stateMessage(answer.value.session)
        : JSON.stringify({ type: "error", code: answer.code, detail: answer.message }),
    );
  }

  /** When the platform last answered a beat of any page, one that is `closing` included; 0 when it never did. */
  lastAutomaticAnswer(closing?: WebSocket): Millis {
    const sockets = [...this.#ctx.getWebSockets(), ...(closing ? [closing] : [])];
    return Math.max(0, ...sockets.map((socket) => this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0));
  }

  #isTooMuch(now: Millis): boolean {
    if (now - this.#minute.since >= MINUTE_MS) this.#minute = { since: now, messages: 0 };
    return ++this.#minute.messages > MESSAGES_A_MINUTE_MAX;
  }
}

const stateMessage = (session: SessionState): string => JSON.stringify({ type: "state", session });
