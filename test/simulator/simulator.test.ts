// A few hundred histories without a broken promise, and each planted bug found. Each run is a process of its own, on the
// pinned Node, because the simulator takes clock, chance and cryptography of its process over.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PLANTED } from "./planted.ts";

const ROOT = join(import.meta.dirname, "../..");

const simulate = (...args: string[]): Promise<{ code: number; said: string }> =>
  new Promise((done) => {
    const node = join(ROOT, "node_modules/.bin/node");
    execFile(node, [join(ROOT, "test/simulator/simulate.ts"), ...args], { cwd: ROOT }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}` }),
    );
  });

describe("the simulator", () => {
  it("finds no broken promise in 200 histories, in which something happens", { timeout: 180_000 }, async () => {
    const { code, said } = await simulate("--seeds", "200", "--tally");
    expect(said).toContain("200 seeds from 1, 8000 steps: no promise broken");
    expect(code).toBe(0);
    // A simulator that does nothing would find nothing either.
    for (const what of ["settled exactly", "settled with doubt", "fault crash_after", "POST /v1/tokens/purchase 200"])
      expect(Number(new RegExp(`(\\d+) ${what}`).exec(said)?.[1]), what).toBeGreaterThan(50);
  });

  it.each(PLANTED)("finds a planted bug: $name", { timeout: 60_000 }, async ({ name }) => {
    const { code, said } = await simulate("--planted", name, "--focus", "--steps", "25", "--seeds", "150", "--quick");
    expect(said).toMatch(/^seed \d+ breaks a promise/);
    expect(code).toBe(1);
  });

  it("plays a history again exactly, and makes it short", { timeout: 60_000 }, async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() => simulate("--planted", "hold-keeps-a-token", "--seeds", "5")),
    );
    expect(first!.said).toBe(second!.said);
    expect(Number(/shortest history found, (\d+) of 40/.exec(first!.said)?.[1])).toBeLessThan(4);
  });
});
