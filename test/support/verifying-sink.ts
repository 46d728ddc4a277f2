// A provider with several webhook endpoints for tests of a whole stack: checks every delivery with the independent
// `standardwebhooks` library, answers some with 500, and remembers what came where, and how late.

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export interface SunkEvent {
  id: string;
  type: string;
  timestamp: string;
  data: { sessionId?: string; idempotencyKey?: string } & Record<string, unknown>;
}
export interface SunkEndpoint {
  url: string;
  /** By event id: one that came twice stands here once. */
  received: Map<string, SunkEvent>;
}
export interface VerifyingSink {
  origin: string;
  endpoints: SunkEndpoint[];
  /** Tell the sink the secret that registering the endpoint gave; before that it answers 503. */
  expect: (endpoint: number, secret: string) => void;
  counts: { verified: number; refused: number; duplicates: number; badSignatures: number };
  /** From each event's own time to its first good arrival, in milliseconds, with the moment of the arrival. */
  lags: { at: number; ms: number }[];
  close: () => Promise<void>;
}

/** @param share How many of the deliveries are answered 500, from 0 to 1; drawn anew for every attempt. */
export async function openVerifyingSink(count: number, share: number): Promise<VerifyingSink> {
  const verifiers: (Webhook | undefined)[] = [];
  const counts = { verified: 0, refused: 0, duplicates: 0, badSignatures: 0 };
  const lags: VerifyingSink["lags"] = [];
  const endpoints: SunkEndpoint[] = [];

  const answerTo = ({ method, url, headers }: IncomingMessage, body: string): number => {
    // Whoever looks whether the app is there gets an answer as well.
    if (method !== "POST") return 200;
    const index = Number(url?.slice(1));
    const verifier = verifiers[index];
    if (!verifier) return 503;
    try {
      verifier.verify(body, headers as Record<string, string>);
    } catch {
      counts.badSignatures++;
      return 401;
    }
    counts.verified++;
    if (Math.random() < share) {
      counts.refused++;
      return 500;
    }
    const event = JSON.parse(body) as SunkEvent;
    const { received } = endpoints[index]!;
    if (received.has(event.id)) counts.duplicates++;
    else {
      received.set(event.id, event);
      const at = Date.now();
      lags.push({ at, ms: at - Date.parse(event.timestamp) });
    }
    return 200;
  };

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => response.writeHead(answerTo(request, Buffer.concat(parts).toString())).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  for (let index = 0; index < count; index++) endpoints.push({ url: `${origin}/${index}`, received: new Map() });
  return {
    origin,
    endpoints,
    expect: (endpoint, secret) => (verifiers[endpoint] = new Webhook(secret)),
    counts,
    lags,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
