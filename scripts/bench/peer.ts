// Another implementation to race against, from a folder that anyone may write (docs/benchmarks.md says what it must hold):
// `run.sh` starts it and `adapter-seed.mjs` speaks its contract. The folder is copied first and never written to.

import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { freePorts } from "../../test/support/stack.ts";
import { untilAnswering } from "../start/ready.ts";
import { isSigned, type Adapter, type LoadUser, type UsageEvent } from "./adapter.ts";
import type { ApiRequest } from "./client.ts";

/** It may install packages of its own first. */
const READY_WAIT_MS = 10 * 60_000;
const LOOK_EVERY_MS = 500;

export interface Peer {
  origin: string;
  adapter: Adapter;
  /** The roots of its process trees. */
  roots: number[];
  stop: () => Promise<void>;
}

/** What `adapter-seed.mjs` exports beyond the members that are named as ours are. */
interface SeedModule extends Pick<
  Adapter,
  | "register"
  | "readUser"
  | "readWebhook"
  | "catalogue"
  | "balance"
  | "readBalance"
  | "transactions"
  | "readTransactions"
  | "createSession"
  | "readSession"
  | "startSession"
  | "heartbeat"
  | "readBatch"
  | "complete"
  | "readComplete"
  | "verifyWebhook"
  | "readEvent"
> {
  fund: (user: LoadUser, tokens: number) => ApiRequest[];
  registerProvider: (app: { name: string; rate: number }) => ApiRequest;
  readProvider: Adapter["readApp"];
  registerWebhook: Adapter["registerWebhook"];
  report: (app: { apiKey: string }, session: { id: string }, amount: number, key: string) => ApiRequest;
  reportBatch: (app: { apiKey: string }, events: { s: { id: string }; amount: number; key: string }[]) => ApiRequest;
}

/** @throws Error with what it said when it does not come up. */
export async function startPeer(folder: string, say: (line: string) => void): Promise<Peer> {
  for (const name of ["run.sh", "adapter-seed.mjs"])
    if (!existsSync(join(folder, name)))
      throw new Error(`${folder} holds no ${name}; docs/benchmarks.md says what a peer is.`);
  const copy = mkdtempSync(join(tmpdir(), "meterplace-peer-"));
  cpSync(folder, copy, { recursive: true });
  const [port, database, cache] = await freePorts(3);
  const rootsFile = join(copy, "roots");
  const child = spawn("bash", ["run.sh"], {
    cwd: copy,
    env: {
      ...process.env,
      UP: "1",
      ROOTS_FILE: rootsFile,
      FRAMEWORK: "fastify",
      MODE: "fn",
      PORT: String(port),
      PG_PORT: String(database),
      REDIS_PORT: String(cache),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    // Its own script ends what it started, in the right order.
    child.kill("SIGTERM");
    await ended;
    rmSync(copy, { recursive: true, force: true });
  };

  say("peer: starting; the first time it installs what it needs");
  const until = Date.now() + READY_WAIT_MS;
  const roots = (): number[] =>
    existsSync(rootsFile) ? readFileSync(rootsFile, "utf8").trim().split(",").filter(Boolean).map(Number) : [];
  while (roots().length === 0) {
    if (child.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error(`the peer did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  const origin = `http://127.0.0.1:${port}`;
  await untilAnswering(`${origin}/v1/providers`);
  const seed = (await import(pathToFileURL(join(copy, "adapter-seed.mjs")).href)) as SeedModule;
  return { origin, adapter: adapterOf(seed), roots: roots(), stop };
}

function adapterOf(seed: SeedModule): Adapter {
  return {
    ...seed,
    // Signing in takes what registering took.
    login: (email, password) => ({ ...seed.register(email, password), path: "/v1/auth/login" }),
    fund: async (must, user, tokens) => {
      for (const request of seed.fund(user, tokens)) await must(request);
    },
    registerApp: (_owner, { name, tokensHeldPerHour }) => seed.registerProvider({ name, rate: tokensHeldPerHour }),
    readApp: seed.readProvider,
    readStart: () => ({}),
    report: (app, { session, amount, key }) => seed.report(app, session, amount, key),
    reportBatch: (app, events: UsageEvent[]) =>
      seed.reportBatch(
        app,
        events.map(({ session, amount, key }) => ({ s: session, amount, key })),
      ),
    verifyWebhook: (headers, body, secret) =>
      secret.startsWith("whsec_") ? isSigned(headers, body, secret) : seed.verifyWebhook(headers, body, secret),
  };
}
