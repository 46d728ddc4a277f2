// The second door of the URL policy: what a name resolves to. 0.0.0.0 stands for every address that is neither public nor
// loopback, because it is the one that can be listened on everywhere.

import { createServer, type Server } from "node:http";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EGRESS } from "../../scripts/start/egress.ts";

const SCRIPT = `export default {
  async fetch(request, env) {
    const address = new URL(request.url).searchParams.get("address");
    const reach = (send) => send(address).then((answer) => answer.status, () => "refused");
    return Response.json({ egress: await reach((to) => env.EGRESS.fetch(to)), usual: await reach(fetch) });
  },
};`;

let server: Server;
let miniflare: Miniflare;
beforeAll(async () => {
  server = createServer((_request, response) => response.end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      telemetry: { enabled: false },
      handleStructuredLogs: () => {},
      workers: [{ name: "egress", modules: true, script: SCRIPT, serviceBindings: { EGRESS } }],
    }),
  );
  await miniflare.ready;
});
afterAll(async () => {
  await miniflare.dispose();
  server.closeAllConnections();
  server.close();
});

const reach = async (host: string): Promise<unknown> => {
  const { port } = server.address() as { port: number };
  const asked = `http://localhost/?address=${encodeURIComponent(`http://${host}:${port}/`)}`;
  return (await miniflare.dispatchFetch(asked)).json();
};

it("lets webhooks reach receivers on this machine", async () => {
  expect(await reach("127.0.0.1")).toEqual({ egress: 200, usual: 200 });
  expect(await reach("localhost")).toEqual({ egress: 200, usual: 200 });
});

it("refuses an address that is neither public nor loopback, though something answers there", async () => {
  expect(await reach("0.0.0.0")).toEqual({ egress: "refused", usual: 200 });
});
