// The live sockets of pages, as the platform has them: an object that leaves memory keeps them, a process that dies does
// not, and of the answers the platform gives by itself only the time of the last one can be read.

/** Both ends of one socket: nothing is on its way. */
export class PageSocket {
  readyState: number = WebSocket.OPEN;
  /** When the platform last answered it. */
  answeredAt: Date | null = null;
  /** What the object sent. */
  readonly heard: string[] = [];

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN;
  }
  send(text: string): void {
    if (!this.isOpen) throw new TypeError("Can't call WebSocket send() after close().");
    this.heard.push(text);
  }
  close(): void {
    this.readyState = WebSocket.CLOSED;
  }
}

/** What Node lacks of it. Once, before the first object is made. */
export function installSockets(): void {
  class Pair {
    readonly 0 = new PageSocket();
    readonly 1 = this[0];
  }
  const RealResponse = Response;
  // Node refuses to make an answer of status 101.
  const OurResponse = new Proxy(RealResponse, {
    construct: (target, [body, init]: [BodyInit | null, ResponseInit & { webSocket?: unknown }]) =>
      init?.status === 101 ? { status: 101, webSocket: init.webSocket } : new target(body, init),
  });
  Object.assign(globalThis, {
    WebSocketPair: Pair,
    WebSocketRequestResponsePair: class {},
    Response: OurResponse,
  });
}
