// The driver's HTTP: keep-alive connections to one origin, one request at a time on each. Its own CPU is not counted, but it
// shares the machine with what is measured, so it does as little as possible.

import { Agent, request as httpRequest } from "node:http";

export interface ApiRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}
export interface ApiAnswer {
  /** 0: no answer came. */
  status: number;
  text: string;
}

const ANSWER_WAIT_MS = 30_000;

export class Client {
  readonly #agent: Agent;
  readonly #host: string;
  readonly #port: string;

  constructor(origin: string, connections: number) {
    const { hostname, port } = new URL(origin);
    // The stack listens on IPv4; asking for "localhost" would try IPv6 first, every time.
    this.#host = hostname === "localhost" ? "127.0.0.1" : hostname;
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });
  }

  send({ method, path, headers, body }: ApiRequest): Promise<ApiAnswer> {
    return new Promise((resolve) => {
      const outgoing = httpRequest(
        {
          agent: this.#agent,
          host: this.#host,
          port: this.#port,
          method,
          path,
          headers: body === undefined ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
          timeout: ANSWER_WAIT_MS,
        },
        (incoming) => {
          const parts: Buffer[] = [];
          incoming.on("data", (part: Buffer) => parts.push(part));
          incoming.on("end", () =>
            resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
          );
          incoming.on("error", () => resolve({ status: 0, text: "" }));
        },
      );
      outgoing.on("timeout", () => outgoing.destroy());
      outgoing.on("error", () => resolve({ status: 0, text: "" }));
      outgoing.end(body);
    });
  }

  /** For requests that must succeed. @returns the parsed answer. @throws Error with the answer when it did not. */
  async must(request: ApiRequest): Promise<unknown> {
    const { status, text } = await this.send(request);
    if (status === 0 || status >= 300)
      throw new Error(`${request.method} ${request.path}: ${status} ${text.slice(0, 300)}`);
    return text ? JSON.parse(text) : {};
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Runs `work` for 0 to count - 1, at most `atOnce` at a time. */
export async function each(count: number, atOnce: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
