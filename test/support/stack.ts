// The whole stack as a child of a test: the same launcher a person starts, on free ports and a state folder of its own.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");
/** A first start may have to build the PWA on a busy machine. */
const READY_WAIT_MS = 240_000;

export interface Stack {
  origins: { api: string; web: string; demo: string; stripe: string };
  stateDir: string;
  /** Of scripts/start.ts, the launcher itself. */
  launcher: ChildProcess;
  /** Everything it printed so far. */
  output: () => string;
  /** Stops it as Ctrl-C would and resolves with its exit code. The state stays. */
  stop: () => Promise<number | null>;
  /** Starts the same stack again, on the same ports and state. */
  restart: () => Promise<Stack>;
  /** Removes the state folder; after `stop`. */
  forget: () => void;
}

/** Starts a stack and waits until it says `ready`. @throws Error with what it printed when it does not. */
export async function startStack(environment: Record<string, string> = {}, how: How = "directly"): Promise<Stack> {
  const [api, web, demo, stripe] = await freePorts(4);
  const ports = { API_PORT: `${api}`, WEB_PORT: `${web}`, DEMO_PORT: `${demo}`, STRIPE_PORT: `${stripe}` };
  const stateDir = mkdtempSync(join(tmpdir(), "meterplace-"));
  return launch(stateDir, { RATE_LIMITS: "off", ...ports, STATE_DIR: stateDir, ...environment }, how);
}

/** "by npm": as a person does it; `launcher` is then npm itself. */
export type How = "directly" | "by npm";
const COMMAND: Record<How, [string, string[]]> = {
  directly: [NODE, [join(ROOT, "scripts/start.ts")]],
  "by npm": ["npm", ["start"]],
};

/** Below the ports systems hand out by themselves, so that none is taken between now and the listening. */
const PORTS_FROM = 20_000;
const PORTS_TO = 32_000;

/** Ports nobody listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = PORTS_FROM + Math.floor(Math.random() * (PORTS_TO - PORTS_FROM));
    if (await canListen(port)) found.add(port);
  }
  return [...found];
}

function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

async function launch(stateDir: string, environment: Record<string, string>, how: How): Promise<Stack> {
  // A real Stripe key in the developer's own environment must never be spent by a test.
  const { STRIPE_SECRET_KEY: _, ...inherited } = process.env;
  const launcher = spawn(...COMMAND[how], {
    cwd: ROOT,
    env: { ...inherited, ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  launcher.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  launcher.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => launcher.once("exit", (code) => resolve(code)));

  await new Promise<void>((resolve, reject) => {
    const giveUp = setTimeout(() => {
      launcher.kill("SIGTERM");
      reject(new Error(`the stack was not ready in time:\n${output}`));
    }, READY_WAIT_MS);
    launcher.stdout?.on("data", () => {
      if (!/^ready http/m.test(output)) return;
      clearTimeout(giveUp);
      resolve();
    });
    void exited.then(() => {
      clearTimeout(giveUp);
      reject(new Error(`the stack did not start:\n${output}`));
    });
  });

  const at = (variable: string): string => `http://localhost:${environment[variable]}`;
  return {
    origins: { api: at("API_PORT"), web: at("WEB_PORT"), demo: at("DEMO_PORT"), stripe: at("STRIPE_PORT") },
    stateDir,
    launcher,
    output: () => output,
    stop: async () => {
      launcher.kill("SIGINT");
      return exited;
    },
    restart: () => launch(stateDir, environment, how),
    forget: () => rmSync(stateDir, { recursive: true, force: true }),
  };
}
