// A provider's webhook receiver for tests: answers 200, and remembers what came.

import { createServer } from "node:http";

export interface ReceivedEvent {
  id: string;
  type: string;
  data: { sessionId?: string } & Record<string, unknown>;
}

export interface EventSink {
  origin: string;
  /** By event id: an event that came twice stands here once. */
  received: Map<string, ReceivedEvent>;
  close: () => Promise<void>;
}

export async function openEventSink(): Promise<EventSink> {
  const received = new Map<string, ReceivedEvent>();
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      // Whoever looks whether the app is there gets an answer as well.
      if (request.method !== "POST") return void response.end("ok");
      const event = JSON.parse(text) as ReceivedEvent;
      received.set(event.id, event);
      response.end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://localhost:${(server.address() as { port: number }).port}`,
    received,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
