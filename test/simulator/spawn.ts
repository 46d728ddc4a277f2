// Runs the simulator for a test: a process of its own on the pinned Node, because it takes clock, chance and cryptography of
// its process over.

import { execFile } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export const simulate = (...args: string[]): Promise<{ code: number; said: string }> =>
  new Promise((done) => {
    const node = join(ROOT, "node_modules/.bin/node");
    execFile(node, [join(ROOT, "test/simulator/simulate.ts"), ...args], { cwd: ROOT }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}` }),
    );
  });
