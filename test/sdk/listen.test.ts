// `meterplace listen`, as a provider starts it: the built command against a small API, forwarding to an app that checks the
// signature with somebody else's library.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { expect, it, onTestFinished } from "vitest";
import { fakeApi } from "./fake-api.ts";

const CLI = join(import.meta.dirname, "../../sdk/dist/cli.js");
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** An app on this machine: keeps what verifies, answers 500 the first time. */
async function localApp(secret: () => string) {
  const verified: { id: string; at: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const event = new Webhook(secret()).verify(body, request.headers as Record<string, string>) as { id: string };
    verified.push({ id: event.id, at: String(request.headers["webhook-timestamp"]) });
    response.writeHead(verified.length === 1 ? 500 : 204).end(verified.length === 1 ? "boom" : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`, verified };
}

function start(args: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [CLI, "listen", ...args], { env: { ...process.env, ...environment } });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  let wake = () => {};
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      wake();
    });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(output);
      if (found) return found;
      await Promise.race([
        new Promise<void>((resolve) => (wake = resolve)),
        ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${output}`))),
      ]);
    }
  };
  return { child, ended, said, output: () => output };
}

const event = (number: number) => ({
  position: number,
  id: `event-${number}`,
  type: "session.started",
  body: `{ "id": "event-${number}",  "type": "session.started", "data": {} }`,
});

it("forwards what comes, signed as real deliveries are, says what the app answered, and sends again on request", async () => {
  const asked: string[] = [];
  let polls = 0;
  let appIsReady = () => {};
  const ready = new Promise<void>((resolve) => (appIsReady = resolve));
  const api = await fakeApi(async ({ method, path }) => {
    asked.push(`${method} ${path}`);
    if (method === "POST") return { status: 201, body: { listener: { id: "l-1" } } };
    if (method === "DELETE") return { status: 204, body: "" };
    await ready;
    if (++polls === 1) return { body: { events: [event(7), event(8)], nextAfter: 8 } };
    // Nothing more comes: the call waits, as the real one does.
    return new Promise(() => {});
  });
  let secret = "";
  const app = await localApp(() => secret);
  const listener = start(["--forward", app.url, "--api", api.origin, "--events", "session.started, tokens.consumed"], {
    MARKETPLACE_KEY: "mk_test_abcdefgh",
  });
  secret = (await listener.said(/Signing secret: (whsec_\S+)/))[1]!;
  appIsReady();
  await listener.said(/#1 {2}session\.started {2}event-7 {2}-> {2}500 boom/);
  await listener.said(/#2 {2}session\.started {2}event-8 {2}-> {2}204/);
  listener.child.stdin.write("r 1\n");
  await listener.said(/#1 {2}session\.started {2}event-7 {2}-> {2}204/);
  expect(app.verified.map(({ id }) => id)).toEqual(["event-7", "event-8", "event-7"]);
  listener.child.stdin.write("q\n");
  expect(await listener.ended).toBe(0);
  expect(listener.output()).not.toContain("mk_test_abcdefgh");
  expect(asked).toEqual([
    "POST /v1/provider/listeners",
    "GET /v1/provider/listeners/l-1/events?after=0&waitSeconds=20",
    "GET /v1/provider/listeners/l-1/events?after=8&waitSeconds=20",
    "DELETE /v1/provider/listeners/l-1",
  ]);
  expect(api.heard[0]!.body).toEqual({ events: ["session.started", "tokens.consumed"] });
});

it("signs with the secret the app already has, makes a new listener after a sleep, and says when nobody answers", async () => {
  let made = 0;
  const api = await fakeApi(async ({ method, path }) => {
    if (method === "POST") return { status: 201, body: { listener: { id: `l-${++made}` } } };
    if (method === "DELETE") return { status: 204, body: "" };
    if (path.includes("l-1")) return { status: 404, body: { code: "webhook_not_found", detail: "Over." } };
    return path.includes("after=0") ? { body: { events: [event(1)], nextAfter: 1 } } : new Promise(() => {});
  });
  const forward = "http://127.0.0.1:9/webhooks";
  const listener = start(["--forward", forward, "--key", "mk_test_a", "--api", api.origin, "--secret", SECRET]);
  await listener.said(new RegExp(`Signing secret: ${SECRET}`));
  await listener.said(/A new one hears from now on/);
  await listener.said(/#1 .* nobody answers there/);
  expect(made).toBe(2);
});

it("says why it cannot listen, and how it is used", async () => {
  const api = await fakeApi(() => ({
    status: 401,
    body: { code: "api_key_invalid", detail: "This key is not valid." },
  }));
  const refused = start(["--forward", "http://localhost:1/", "--key", "mk_test_x", "--api", api.origin]);
  expect(await refused.ended).toBe(2);
  expect(refused.output()).toContain("This key is not valid. [api_key_invalid] request req-1");
  const unused = start([]);
  expect(await unused.ended).toBe(2);
  expect(unused.output()).toContain("--forward http://localhost:8080/webhooks");
});
