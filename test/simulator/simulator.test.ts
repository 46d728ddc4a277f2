// A few hundred histories without a broken promise, and a history that can be played again. planted.test.ts shows that a
// broken promise would be found.

import { describe, expect, it } from "vitest";
import { simulate } from "./spawn.ts";

describe("the simulator", () => {
  it("finds no broken promise in 200 histories, in which something happens", { timeout: 300_000 }, async () => {
    const { code, said } = await simulate("--seeds", "200", "--tally");
    expect(said).toContain("200 seeds from 1, 8000 steps: no promise broken");
    expect(code).toBe(0);
    // A simulator that does nothing would find nothing either.
    for (const what of ["settled exactly", "settled with doubt", "fault crash_after", "POST /v1/tokens/purchase 200"])
      expect(Number(new RegExp(`(\\d+) ${what}`).exec(said)?.[1]), what).toBeGreaterThan(50);
  });

  it("plays a history again exactly, and makes it short", { timeout: 300_000 }, async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() => simulate("--planted", "hold-keeps-a-token", "--seeds", "5")),
    );
    expect(first!.said).toBe(second!.said);
    expect(Number(/shortest history found, (\d+) of 40/.exec(first!.said)?.[1])).toBeLessThan(4);
  });
});
