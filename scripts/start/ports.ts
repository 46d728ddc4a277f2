// Whether somebody already listens where we want to, asked before anything is started.

import { setTimeout } from "node:timers/promises";
import { connect } from "node:net";
import { PORTS, usedPlaces, type Settings } from "./settings.ts";

const ANSWER_WAIT_MS = 500;

/** True when something accepts connections there. Both loopback families count: a browser tries ::1 first. */
export async function isBusy(port: number): Promise<boolean> {
  const answers = await Promise.all(["127.0.0.1", "::1"].map((host) => accepts(host, port)));
  return answers.includes(true);
}

/**
 * One line for the first busy port, or null: which port, what it is for, and the variable that moves it.
 * @param patienceMs How long a port may still be taken.
 */
export async function busyPortLine(settings: Settings, patienceMs = 0): Promise<string | null> {
  const until = Date.now() + patienceMs;
  for (const place of usedPlaces(settings)) {
    const port = settings.ports[place];
    while ((await isBusy(port)) && Date.now() < until) await setTimeout(50);
    if (await isBusy(port))
      return `Port ${port} (${PORTS[place].what}) is in use by another program. Stop it, or choose another port: ${PORTS[place].variable}=${port + 1} npm start`;
  }
  return null;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ host, port });
    const finish = (open: boolean) => {
      socket.destroy();
      answer(open);
    };
    socket.setTimeout(ANSWER_WAIT_MS, () => finish(false));
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
  });
}
