// Label Press under Node. Needs PROVIDER_ID and the keys; the rest has the defaults of a marketplace on this machine.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { labelPress } from "./press.mjs";

const environment = process.env;
const port = Number(environment.PORT ?? 8080);
const appUrl = environment.APP_URL ?? `http://localhost:${port}/`;
const app = labelPress({
  api: environment.API ?? "http://localhost:3000",
  marketplace: environment.MARKETPLACE ?? "http://localhost:5173",
  providerId: environment.PROVIDER_ID,
  keys: { live: environment.LIVE_KEY, test: environment.TEST_KEY },
  secrets: { live: environment.LIVE_SECRET, test: environment.TEST_SECRET },
  appUrl,
});
const script = await readFile(new URL("meter.mjs", import.meta.url), "utf8");

createServer(async (incoming, outgoing) => {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const request = new Request(new URL(incoming.url, appUrl), {
    method: incoming.method,
    headers: Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    body: incoming.method === "POST" ? Buffer.concat(chunks) : null,
  });
  const answer =
    incoming.url === "/meter.mjs"
      ? new Response(script, { headers: { "Content-Type": "text/javascript" } })
      : await app(request);
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  outgoing.end(await answer.text());
}).listen(port, () => console.log(`Label Press at ${appUrl}`));
