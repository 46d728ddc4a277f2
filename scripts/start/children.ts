// The Node processes beside workerd: the Stripe stand-in and the demo provider. Each ends with the launcher, even when
// that is killed, and one that ends by itself is said.

import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./settings.ts";

const STOP_WAIT_MS = 3000;
const endWithParent = pathToFileURL(join(import.meta.dirname, "end-with-parent.ts")).href;

export interface Child {
  stop: () => Promise<void>;
}

/** Starts `script` (relative to the root) with these variables on top of ours. */
export function startChild(name: string, script: string, environment: Record<string, string>): Child {
  const child = fork(join(ROOT, script), [], {
    env: { ...process.env, ...environment },
    execArgv: ["--import", endWithParent],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  let stopping = false;
  child.once("exit", (code, signal) => {
    if (!stopping) console.error(`The ${name} ended by itself (${signal ?? `exit ${code}`}).`);
  });
  return {
    stop: async () => {
      stopping = true;
      await endChild(child);
    },
  };
}

/** Asks, waits, then insists. */
async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), STOP_WAIT_MS);
  await ended;
  clearTimeout(insist);
}
