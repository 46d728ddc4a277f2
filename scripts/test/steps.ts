// Steps of `npm run check` and `npm test`: each runs to its end, says how long it took, and counts what it really ran.

import type { CommandResult } from "../run.ts";

export interface Count {
  passed: number;
  failed: number;
  /** Told apart so that a skipped test is never taken for a passed one. */
  skipped: number;
}

export interface Step {
  name: string;
  run: () => Promise<Count>;
}

const nothing: Count = { passed: 0, failed: 0, skipped: 0 };

/** Runs the steps, `atOnce` of them at a time, and adds up their counts. A step that throws counts as one failure. */
export async function runSteps(steps: readonly Step[], atOnce = 1): Promise<Count> {
  const waiting = [...steps];
  let total = nothing;
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const count = await runStep(step);
      total = add(total, count);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return total;
}

/** A tool without tests of its own counts as one: it passes or it fails. Its words are shown only when it fails. */
export async function asOne(command: Promise<CommandResult>): Promise<Count> {
  const { code, output } = await command;
  if (code !== 0) console.error(output.trim());
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

async function runStep(step: Step): Promise<Count> {
  const startedAt = Date.now();
  console.log(`… ${step.name}`);
  const count = await step.run().catch((error: unknown) => {
    console.error(String((error as Error)?.message ?? error));
    return { ...nothing, failed: 1 };
  });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const verdict = count.failed > 0 ? "FAILED" : "ok";
  console.log(`${verdict} ${step.name}: ${closingLine(count)} (${seconds} s)`);
  return count;
}
