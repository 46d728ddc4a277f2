// What whole process trees used, from /proc: CPU time and page faults. On a shared machine this moves far less than requests per second,
// so it is what the benchmark compares. Other systems than Linux have no /proc; there only wall ratios are shown.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parseStat } from "../start/processes.ts";

/** USER_HZ, the unit of times in /proc: 100 on every Linux Node runs on (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;

export interface ProcessUse {
  pid: number;
  parent: number;
  /** User and system time, with that of children that have ended. */
  ticks: number;
  /** Pages of memory asked of the kernel that were not on disk (minor faults). */
  faults: number;
}

export const canMeasureCpu = existsSync("/proc/self/stat");

/** @returns microseconds used so far by the trees under `roots`, or null where it cannot be known. */
export function cpuMicros(roots: readonly number[]): number | null {
  return canMeasureCpu ? (sumOfTrees("ticks", allProcesses(), roots) * 1e6) / TICKS_PER_SECOND : null;
}

/** @returns minor page faults so far of the trees under `roots`, or null where they cannot be known. */
export const pageFaults = (roots: readonly number[]): number | null =>
  canMeasureCpu ? sumOfTrees("faults", allProcesses(), roots) : null;

export function sumOfTrees(
  what: "ticks" | "faults",
  processes: readonly ProcessUse[],
  roots: readonly number[],
): number {
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const isRoot = new Set(roots);
  const belongs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at; at = parents.get(at)) if (isRoot.has(at)) return true;
    return false;
  };
  return processes.reduce((sum, use) => (belongs(use.pid) ? sum + use[what] : sum), 0);
}

/** The line of /proc/<pid>/stat: fields 4, 10 and 14 to 17 of proc(5). */
export function processUse(line: string): ProcessUse {
  const { pid, fields } = parseStat(line);
  const times = fields.slice(11, 15).map(Number);
  return {
    pid,
    parent: Number(fields[1]),
    ticks: times.reduce((sum, time) => sum + time, 0),
    faults: Number(fields[7]),
  };
}

function allProcesses(): ProcessUse[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return [processUse(readFileSync(`/proc/${pid}/stat`, "utf8"))];
      } catch {
        // Ended meanwhile.
        return [];
      }
    });
}
