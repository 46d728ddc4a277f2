// A provider of its own: another origin, which knows the marketplace only through the published SDK and the keys it was
// given. Run it with `node test/demo-provider/server.ts`; it listens on loopback alone.
//
//   DEMO_PORT     default 4000
//   DEMO_CONFIG   file with the keys and webhook secrets of its apps (see config.ts)
//   API_ORIGIN    default http://localhost:3000
//   WEB_ORIGIN    default http://localhost:5173

import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { demoApp } from "./app.ts";
import { keysFromFile } from "./config.ts";

const port = Number(process.env.DEMO_PORT ?? 4000);
const app = await demoApp({
  apiOrigin: process.env.API_ORIGIN ?? "http://localhost:3000",
  webOrigin: process.env.WEB_ORIGIN ?? "http://localhost:5173",
  keysOf: keysFromFile(process.env.DEMO_CONFIG ?? ".meterplace/demo.json"),
});

const listener = getRequestListener(app.fetch);
const onEveryLoopback = await Promise.all(["127.0.0.1", "::1"].map((host) => listen(host)));
if (onEveryLoopback.every((server) => server === null)) {
  console.error(`The demo provider cannot listen on port ${port}.`);
  process.exit(1);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));

/** Null where it cannot: a machine may have no ::1. */
function listen(host: string): Promise<Server | null> {
  const server = createServer((request, response) => void listener(request, response));
  return new Promise((resolve) => {
    server.once("error", () => resolve(null));
    server.listen(port, host, () => resolve(server));
  });
}
