// The receivers of the webhook scenario: they check every signature, answer 500 once to some events, and remember what came
// and how long it took.

import { createServer } from "node:http";
import type { Adapter } from "./adapter.ts";

/** Share of deliveries answered 500 at their first try; a retry must bring them. */
const REFUSED_SHARE = 0.05;

export interface WebhookSink {
  url: (endpoint: number) => string;
  /** Registered endpoints in the order of `url`; set before the first event. */
  endpoints: { id: string; secret: string }[];
  arrived: () => number;
  duplicates: () => number;
  badSignatures: () => number;
  refusedOnce: () => number;
  /** From the event's own time to its arrival. */
  lagsMs: number[];
  close: () => Promise<void>;
}

export async function openWebhookSink(adapter: Adapter, types: string[], random: () => number): Promise<WebhookSink> {
  const arrived = new Set<string>();
  const refused = new Set<string>();
  const endpoints: WebhookSink["endpoints"] = [];
  const lagsMs: number[] = [];
  let duplicates = 0;
  let badSignatures = 0;

  const answerTo = (path: string, headers: Parameters<Adapter["verifyWebhook"]>[0], body: string): number => {
    const endpoint = endpoints[Number(path.slice(1))];
    if (!endpoint) return 404;
    if (!adapter.verifyWebhook(headers, body, endpoint.secret)) {
      badSignatures++;
      return 401;
    }
    const event = adapter.readEvent(headers, JSON.parse(body));
    if (!types.includes(event.type)) return 200;
    const key = `${endpoint.id} ${event.id}`;
    if (!arrived.has(key) && !refused.has(key) && random() < REFUSED_SHARE) {
      refused.add(key);
      return 500;
    }
    if (arrived.has(key)) duplicates++;
    else {
      arrived.add(key);
      lagsMs.push(Date.now() - event.at);
    }
    return 200;
  };

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      response.writeHead(answerTo(request.url ?? "", request.headers, Buffer.concat(parts).toString())).end();
    });
  });
  // Longer than a run: whether connections are kept is the sender's choice, not ours.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: (endpoint) => `http://127.0.0.1:${port}/${endpoint}`,
    endpoints,
    arrived: () => arrived.size,
    duplicates: () => duplicates,
    badSignatures: () => badSignatures,
    refusedOnce: () => refused.size,
    lagsMs,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
