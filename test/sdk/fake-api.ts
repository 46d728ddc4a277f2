// A small HTTP server that plays the API towards the server SDK: it keeps what it hears and answers from a script.

import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface HeardRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}
export interface ScriptedAnswer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Close the line instead of answering. */
  hangUp?: boolean;
}

export interface FakeApi {
  origin: string;
  heard: HeardRequest[];
}

/**
 * @param answer Called for each request, with its place in the order of arrival (0 is the first).
 * @param atEnd Is given how to close it; by default that happens when the test is over.
 */
export async function fakeApi(
  answer: (request: HeardRequest, index: number) => ScriptedAnswer | Promise<ScriptedAnswer>,
  atEnd: (close: () => void) => void = onTestFinished,
): Promise<FakeApi> {
  const heard: HeardRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    let text = "";
    for await (const chunk of incoming) text += String(chunk);
    const { method = "", url: path = "", headers } = incoming;
    const request = { method, path, headers, body: text ? (JSON.parse(text) as unknown) : undefined };
    const { status = 200, body = {}, headers: extra, hangUp } = await answer(request, heard.push(request) - 1);
    if (hangUp) return void incoming.socket.destroy();
    outgoing.writeHead(status, { "Content-Type": "application/json", "X-Request-Id": "req-1", ...extra });
    outgoing.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}
