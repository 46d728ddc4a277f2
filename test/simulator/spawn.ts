// Runs the simulator for a test: a process of its own on the pinned Node, because it takes clock, chance and cryptography of
// its process over.

import { execFile } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
/** Each process loads the whole Worker; what the first compiled the next ones need not. Node looks at the source, so a planted bug counts. */
const COMPILED = join(ROOT, "node_modules/.cache/simulator");

export const simulate = (...args: string[]): Promise<{ code: number; said: string }> =>
  new Promise((done) => {
    const node = join(ROOT, "node_modules/.bin/node");
    const env = { ...process.env, NODE_COMPILE_CACHE: COMPILED };
    execFile(node, [join(ROOT, "test/simulator/simulate.ts"), ...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}` }),
    );
  });
