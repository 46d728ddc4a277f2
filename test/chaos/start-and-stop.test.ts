// What a person sees of the launcher: it stops with everything it started, it never shares a state folder, and nothing it
// started outlives it, however it goes.

import { setTimeout } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { launcherPid } from "../../scripts/start/instance.ts";
import { isBusy } from "../../scripts/start/ports.ts";
import { descendantsOf, isRunning, markOf, type ProcessMark } from "../../scripts/start/processes.ts";
import { startStack, type Stack } from "../support/stack.ts";

let stack: Stack | undefined;
afterEach(async () => {
  await stack?.stop();
  stack?.forget();
  stack = undefined;
});

const portsOf = ({ origins }: Stack): number[] => Object.values(origins).map((origin) => Number(new URL(origin).port));

async function whatIsLeft(of: Stack, processes: ProcessMark[]): Promise<{ processes: number[]; ports: number[] }> {
  const left = { processes: [] as number[], ports: [] as number[] };
  // Ports and process entries go a moment after the kill; what stays for seconds stays for good.
  for (const until = Date.now() + 10_000; ; await setTimeout(100)) {
    left.processes = processes.filter(isRunning).map(({ pid }) => pid);
    const busy = await Promise.all(portsOf(of).map(isBusy));
    left.ports = portsOf(of).filter((_, index) => busy[index]);
    if (left.processes.length + left.ports.length === 0 || Date.now() > until) return left;
  }
}

it("leaves no process and no busy port after Ctrl-C, and keeps what was there for the next start", async () => {
  stack = await startStack({}, "by npm");
  const everything = descendantsOf(stack.launcher.pid!);
  // The launcher, workerd, the demo provider and the stand-in at least.
  expect(everything.length).toBeGreaterThanOrEqual(4);

  const second = await startStack({ STATE_DIR: stack.stateDir }).catch((error: Error) => error.message);
  expect(second).toContain("Meterplace is already running from this folder");

  expect(await stack.stop()).toBe(0);
  expect(await whatIsLeft(stack, everything)).toEqual({ processes: [], ports: [] });

  stack = await stack.restart();
  expect(stack.output()).not.toContain("migrated");
});

it("takes everything down when the launcher alone is killed", async () => {
  stack = await startStack({}, "by npm");
  const everything = descendantsOf(stack.launcher.pid!);
  process.kill(launcherPid(stack.stateDir)!, "SIGKILL");
  expect(await whatIsLeft(stack, everything)).toEqual({ processes: [], ports: [] });
});

it("takes everything down when npm itself is killed", async () => {
  stack = await startStack({}, "by npm");
  const everything = [markOf(stack.launcher.pid!)!, ...descendantsOf(stack.launcher.pid!)];
  stack.launcher.kill("SIGKILL");
  expect(await whatIsLeft(stack, everything)).toEqual({ processes: [], ports: [] });
});
