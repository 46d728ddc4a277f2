import { expect, it, vi } from "vitest";
import { Screen } from "../../scripts/test/screen.ts";
import { add, asOne, closingLine, runLanes, runSteps, type Count, type Say } from "../../scripts/test/steps.ts";

vi.spyOn(process.stdout, "write").mockImplementation(() => true);

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

it("counts a tool by its exit code, and shows its words when it failed", async () => {
  const said: string[] = [];
  const say: Say = (text) => void said.push(text);
  expect(await asOne(Promise.resolve({ code: 0, output: "fine" }), say)).toMatchObject({ passed: 1, failed: 0 });
  expect(await asOne(Promise.resolve({ code: 2, output: "why" }), say)).toMatchObject({ passed: 0, failed: 1 });
  expect(said).toEqual(["why\n"]);
});

it("counts what fails in any lane, and goes on with the others", async () => {
  const broken = { name: "broken", run: () => Promise.reject(new Error("no report")) };
  const lanes = [
    [step("stories", { passed: 4 }), broken],
    [step("types", { failed: 1 }), step("after it", { passed: 2 })],
  ];
  expect(await runLanes(lanes)).toEqual({ passed: 6, failed: 2, skipped: 0 });
});

it("mixes no two reports: one is seen as it is made, the others in one piece, the moment they end", async () => {
  let shown = "";
  const screen = new Screen((text) => (shown += text));
  const told = (name: string, words: string[], until: Promise<unknown>) => ({
    name,
    run: async (say: Say) => {
      for (const word of words) say(word);
      await until;
      return { passed: 1, failed: 0, skipped: 0 };
    },
  });
  let release = () => {};
  const later = new Promise<void>((resolve) => (release = resolve));
  const lanes = [
    [told("stories", ["a story\n", "··"], later)],
    [told("types", ["an error", " of types\n"], Promise.resolve())],
    [
      told(
        "workerd",
        ["····"],
        later.then(() => new Promise((resolve) => setImmediate(resolve))),
      ),
    ],
  ];
  const running = runLanes(lanes, screen);
  await new Promise((resolve) => setImmediate(resolve));
  expect(shown.replaceAll(/[\d.]+ s/g, "0 s")).toBe(
    "… stories\na story\n··\n… types\n… workerd\nan error of types\nok types: 1 passed, 0 failed (0 s)\n",
  );
  release();
  await running;
  expect(shown).toMatch(/ok stories: .*\n····\nok workerd: .*\n$/);
});

it("closes with a line that machines can read, and names skipped tests only when there are any", () => {
  const count = { passed: 812, failed: 0, skipped: 0 };
  expect(closingLine(count)).toBe("812 passed, 0 failed");
  expect(closingLine(add(count, { passed: 0, failed: 1, skipped: 2 }))).toBe("812 passed, 1 failed, 2 skipped");
});
