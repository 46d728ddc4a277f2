// One stack at a time on one state folder, and no workerd left behind by a launcher that was killed: the file
// running.json says who is running, and the next start looks whether that is still true.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { childrenNamed, endProcess, isRunning, markOf, type ProcessMark } from "./processes.ts";

interface Running {
  launcher: ProcessMark;
  /** What would keep the ports if the launcher died: workerd. The Node children end by themselves. */
  runtime: ProcessMark[];
}

const fileIn = (stateDir: string): string => join(stateDir, "running.json");

/**
 * Takes the state folder for this process and ends what an earlier launcher left behind.
 *
 * @returns Lines worth saying, none when all was clean.
 * @throws Error with one readable line when another launcher is running on this folder.
 */
export async function takeStateFolder(stateDir: string): Promise<string[]> {
  mkdirSync(stateDir, { recursive: true });
  const earlier = read(stateDir);
  if (earlier && isRunning(earlier.launcher))
    throw new Error(
      `Meterplace is already running from this folder (process ${earlier.launcher.pid}). Stop it first, or start a second one with its own STATE_DIR and ports.`,
    );
  const ended = (earlier?.runtime ?? []).filter(endProcess);
  // A killed process keeps its ports for a moment.
  for (let tries = 0; ended.some(isRunning) && tries < 100; tries++) await setTimeout(20);
  write(stateDir, { launcher: ownMark(), runtime: [] });
  return ended.map((mark) => `Ended workerd (process ${mark.pid}), left behind by a start that was killed.`);
}

/** True while a launcher holds this folder. */
export function isStateFolderTaken(stateDir: string): boolean {
  const running = read(stateDir);
  return running !== null && isRunning(running.launcher);
}

/** Notes the workerd of this launcher, for the next start and for the parent process, which ends it if we are killed. */
export function noteRuntime(stateDir: string): void {
  const runtime = childrenNamed(process.pid, "workerd").flatMap((pid) => markOf(pid) ?? []);
  write(stateDir, { launcher: ownMark(), runtime });
  process.send?.({ endIfIDie: runtime.map((mark) => mark.pid) });
}

/** After an orderly stop. */
export function releaseStateFolder(stateDir: string): void {
  process.send?.({ endIfIDie: [] });
  rmSync(fileIn(stateDir), { force: true });
}

/** For tests that kill them: the launcher that holds this folder, and its workerd. */
export const launcherPid = (stateDir: string): number | null => read(stateDir)?.launcher.pid ?? null;
export const runtimePids = (stateDir: string): number[] => (read(stateDir)?.runtime ?? []).map((mark) => mark.pid);

function read(stateDir: string): Running | null {
  try {
    return JSON.parse(readFileSync(fileIn(stateDir), "utf8")) as Running;
  } catch {
    // None, or one that a crash cut short: nothing is known to run.
    return null;
  }
}

function write(stateDir: string, running: Running): void {
  writeFileSync(fileIn(stateDir), JSON.stringify(running));
}

function ownMark(): ProcessMark {
  return markOf(process.pid) ?? { pid: process.pid, began: "" };
}
