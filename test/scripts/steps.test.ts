import { expect, it, vi } from "vitest";
import { add, asOne, closingLine, runSteps, type Count } from "../../scripts/test/steps.ts";

vi.spyOn(console, "log").mockImplementation(() => undefined);
vi.spyOn(console, "error").mockImplementation(() => undefined);

const step = (name: string, count: Partial<Count>, after: Promise<unknown> = Promise.resolve()) => ({
  name,
  run: async () => {
    await after;
    return { passed: 0, failed: 0, skipped: 0, ...count };
  },
});

it("counts every step, also when two run at once and end in another order", async () => {
  let release = () => {};
  const later = new Promise<void>((resolve) => (release = resolve));
  const steps = [
    step("slow", { passed: 5 }, later),
    step("quick", { passed: 3, failed: 1 }),
    { name: "last", run: async () => (release(), { passed: 2, failed: 0, skipped: 1 }) },
  ];
  expect(await runSteps(steps, 2)).toEqual({ passed: 10, failed: 1, skipped: 1 });
});

it("counts a step that throws as one failure and runs the others", async () => {
  const broken = { name: "broken", run: () => Promise.reject(new Error("no report")) };
  expect(await runSteps([broken, step("next", { passed: 1 })])).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

it("counts a tool by its exit code", async () => {
  expect(await asOne(Promise.resolve({ code: 0, output: "" }))).toMatchObject({ passed: 1, failed: 0 });
  expect(await asOne(Promise.resolve({ code: 2, output: "why" }))).toMatchObject({ passed: 0, failed: 1 });
});

it("closes with a line that machines can read, and names skipped tests only when there are any", () => {
  const count = { passed: 812, failed: 0, skipped: 0 };
  expect(closingLine(count)).toBe("812 passed, 0 failed");
  expect(closingLine(add(count, { passed: 0, failed: 1, skipped: 2 }))).toBe("812 passed, 1 failed, 2 skipped");
});
