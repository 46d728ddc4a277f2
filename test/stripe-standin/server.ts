// `node test/stripe-standin/server.ts`: the stand-in on a loopback port with a file, for `npm start` and the browser.
//
//   STRIPE_PORT            12111
//   STANDIN_STATE_DIR      where the journal lies; without it everything is forgotten at the end
//   STANDIN_WEBHOOK_URL    http://localhost:3000/v1/stripe/webhook
//   STRIPE_WEBHOOK_SECRET  signs what is delivered there

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { WEBHOOK_EVENTS } from "../../domain/payments/events/table.ts";
import { createStandin, type Standin } from "./app.ts";
import { ConnectionBroken } from "./faults.ts";
import { openJournal } from "./journal.ts";

export interface ServerOptions {
  port: number;
  webhookUrl: string;
  webhookSecret: string;
  stateDirectory?: string;
}

/** Listens on both loopback addresses, because `localhost` is either. Port 0 takes any free port. */
export async function serveStandin(
  options: ServerOptions,
): Promise<{ port: number; standin: Standin; close(): Promise<void> }> {
  const servers: Server[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => void handle(request, response);
  const first = await listen(createServer(listener), options.port, "127.0.0.1");
  servers.push(first.server);
  const { port } = first;
  // Not every machine has IPv6.
  const second = await listen(createServer(listener), port, "::1").catch(() => null);
  if (second) servers.push(second.server);

  const standin = createStandin({
    origin: `http://localhost:${port}`,
    webhookUrl: options.webhookUrl,
    webhookSecret: options.webhookSecret,
    subscribed: WEBHOOK_EVENTS,
    ...(options.stateDirectory && { journal: openJournal(options.stateDirectory) }),
  });
  const handle = getRequestListener(
    async (request, env) => {
      try {
        const answer = await standin.fetch(request);
        // After the answer: the payer's browser must not wait for our receiver.
        setImmediate(() => void pump());
        return answer;
      } catch (error) {
        if (!(error instanceof ConnectionBroken)) throw error;
        (env as { outgoing: ServerResponse }).outgoing.destroy();
        return RESPONSE_ALREADY_SENT;
      }
    },
    { overrideGlobalObjects: false },
  );

  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  /** Deliver what is due and wake up for the next retry. */
  async function pump(): Promise<void> {
    clearTimeout(timer);
    await standin.deliveries.deliverDue();
    const next = standin.deliveries.nextDueAtMs;
    if (next !== null && !closed) timer = setTimeout(() => void pump(), Math.max(50, next - Date.now()));
  }
  void pump();

  return {
    port,
    standin,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve({ server, port: (server.address() as { port: number }).port }));
  });
}

if (import.meta.main) {
  const port = Number(process.env.STRIPE_PORT ?? 12111);
  const stateDirectory = process.env.STANDIN_STATE_DIR;
  const started = await serveStandin({
    port,
    webhookUrl: process.env.STANDIN_WEBHOOK_URL ?? "http://localhost:3000/v1/stripe/webhook",
    webhookSecret: process.env.STRIPE_WEBHOOK_SECRET ?? "whsec_test",
    ...(stateDirectory && { stateDirectory }),
  }).catch((error: NodeJS.ErrnoException) => {
    console.error(
      error.code === "EADDRINUSE" ? `Port ${port} is busy. Choose another with STRIPE_PORT.` : String(error.stack),
    );
    process.exit(1);
  });
  console.log(`Stripe stand-in on http://localhost:${started.port}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void started.close().then(() => process.exit(0)));
}
