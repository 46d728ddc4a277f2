// The Node processes beside workerd: the Stripe stand-in and the demo provider. Each ends with the launcher, even when
// that is killed, and one that ends by itself is said.

import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Secrets } from "./secrets.ts";
import { demoConfigPath, ROOT, type Settings } from "./settings.ts";

const STOP_WAIT_MS = 3000;
const endWithParent = pathToFileURL(join(import.meta.dirname, "end-with-parent.ts")).href;

export interface Child {
  stop: () => Promise<void>;
}

/** The programs outside workerd. Their variables are their whole interface to us; `onEnd` hears of one that gave up. */
export function startPrograms(settings: Settings, secrets: Secrets, onEnd: (line: string) => void): Child[] {
  const { origins, ports, stateDir } = settings;
  const demo = startChild(
    "demo provider",
    "test/demo-provider/server.ts",
    {
      DEMO_PORT: String(ports.demo),
      DEMO_CONFIG: demoConfigPath(settings),
      API_ORIGIN: origins.api,
      WEB_ORIGIN: origins.web,
    },
    onEnd,
  );
  if (settings.stripeSecretKey) return [demo];
  const standIn = startChild(
    "Stripe stand-in",
    "test/stripe-standin/server.ts",
    {
      STRIPE_PORT: String(ports.stripe),
      STANDIN_STATE_DIR: join(stateDir, "stripe-standin"),
      STANDIN_WEBHOOK_URL: `${origins.api}/v1/stripe/webhook`,
      STRIPE_WEBHOOK_SECRET: secrets.STRIPE_WEBHOOK_SECRET,
    },
    onEnd,
  );
  return [standIn, demo];
}

/** Starts `script` (relative to the root) with these variables on top of ours. */
function startChild(
  name: string,
  script: string,
  environment: Record<string, string>,
  onEnd: (line: string) => void,
): Child {
  const child = fork(join(ROOT, script), [], {
    env: { ...process.env, ...environment },
    execArgv: ["--import", endWithParent],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  let stopping = false;
  child.once("exit", (code, signal) => {
    if (!stopping) onEnd(`The ${name} ended by itself (${signal ?? `exit ${code}`}).`);
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
