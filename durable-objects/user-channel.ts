// One person's live channel: the sockets of all their tabs and devices. It only passes on what the outbox says; losing it
// loses nothing, because every page asks for the state when it connects.

import { DurableObject } from "cloudflare:workers";
import { wallClock } from "../domain/clock.ts";
import { readWallet } from "../domain/ledger/store.ts";
import { arrive, leave, type PersonEvent } from "../domain/live/store.ts";
import type { Env } from "../workers/env.ts";

export const LIVE_PROTOCOL = "mp.live.v1";
/** Tabs and devices of one person; the oldest goes when one more comes. */
const SOCKETS_MAX = 20;

export class UserChannel extends DurableObject<Env> {
  /** WebSocket upgrade; the route has checked who it is and where the page comes from. */
  override async fetch(request: Request): Promise<Response> {
    const userId = request.headers.get("X-User-Id")!;
    const wallet = await readWallet(this.env.DB, request.headers.get("X-Wallet-Id")!);
    const { 0: client, 1: server } = new WebSocketPair();
    // Keeps proxies from closing a quiet socket; answered by the platform while the object sleeps.
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    const open = this.ctx.getWebSockets();
    if (open.length >= SOCKETS_MAX) open[0]!.close(1008, "too many pages of one person");
    this.ctx.acceptWebSocket(server, [userId]);
    await arrive(this.env.DB, userId, wallClock());
    server.send(balanceMessage(wallet ?? { available: 0, held: 0 }));
    return new Response(null, { status: 101, webSocket: client, headers: { "Sec-WebSocket-Protocol": LIVE_PROTOCOL } });
  }

  /** Pass events on. With nobody there, say so in D1, so that no more come. */
  async tell(userId: string, events: PersonEvent[]): Promise<void> {
    const sockets = this.ctx.getWebSockets();
    if (sockets.length === 0) return leave(this.env.DB, userId);
    const messages = events.map(({ id, type, sessionId, data, at }) =>
      JSON.stringify({ type: "event", event: { id, type, sessionId, data, at: new Date(at).toISOString() } }),
    );
    for (const socket of sockets)
      for (const message of [...messages, balanceMessage(events.at(-1)!)]) socket.send(message);
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    const [userId] = this.ctx.getTags(socket);
    socket.close();
    if (userId && this.ctx.getWebSockets().every((other) => other === socket)) await leave(this.env.DB, userId);
  }
}

const balanceMessage = ({ available, held }: { available: number; held: number }): string =>
  JSON.stringify({ type: "balance", balance: available, held, total: available + held });
