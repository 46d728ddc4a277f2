// Steps of `npm run check` and `npm test`: each runs to its end, says how long it took, and counts what it really ran.

import type { CommandResult } from "../run.ts";
import { Screen } from "./screen.ts";

export interface Count {
  passed: number;
  failed: number;
  /** Told apart so that a skipped test is never taken for a passed one. */
  skipped: number;
}

/** Shows text to the person who waits. */
export type Say = (text: string) => void;

export interface Step {
  name: string;
  run: (say: Say) => Promise<Count>;
}

const nothing: Count = { passed: 0, failed: 0, skipped: 0 };

/** Runs the steps, `atOnce` of them at a time, and adds up their counts. A step that throws counts as one failure. */
export async function runSteps(steps: readonly Step[], atOnce = 1, screen = new Screen()): Promise<Count> {
  const waiting = [...steps];
  let total = nothing;
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const count = await runStep(step, screen);
      total = add(total, count);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return total;
}

/** Runs lanes beside each other, the steps of a lane one after the other, and adds up all counts. */
export async function runLanes(lanes: readonly (readonly Step[])[], screen = new Screen()): Promise<Count> {
  const counts = await Promise.all(lanes.map((lane) => runSteps(lane, 1, screen)));
  return counts.reduce(add, nothing);
}

/** A tool without tests of its own counts as one: it passes or it fails. Its words are shown only when it fails. */
export async function asOne(command: Promise<CommandResult>, say: Say): Promise<Count> {
  const { code, output } = await command;
  if (code !== 0) say(`${output.trim()}\n`);
  return code === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
}

export const add = (a: Count, b: Count): Count => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** The closing line; skipped tests are named only when there are any. */
export const closingLine = ({ passed, failed, skipped }: Count): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

async function runStep(step: Step, screen: Screen): Promise<Count> {
  const startedAt = Date.now();
  screen.announce(`… ${step.name}`);
  const { say, end } = screen.voice();
  const count = await step.run(say).catch((error: unknown) => {
    say(`${String((error as Error)?.message ?? error)}\n`);
    return { ...nothing, failed: 1 };
  });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const verdict = count.failed > 0 ? "FAILED" : "ok";
  end(`${verdict} ${step.name}: ${closingLine(count)} (${seconds} s)`);
  return count;
}
